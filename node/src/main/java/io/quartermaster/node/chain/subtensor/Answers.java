package io.quartermaster.node.chain.subtensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Takes apart what a node says by JSON-RPC 2.0. Whatever it says, that takes no more room than a small multiple of its length,
 * and ends in answers or in a refusal.
 */
final class Answers {
    /** The longest answers that are asked for, keys with what is stored under them, have some thousand. */
    private static final int MOST_TOKENS = 100_000;

    private static final int DEEPEST = 32;
    private static final int LONGEST_NUMBER = 100;

    private static final int LONGEST_WORDS = 1_000;
    private static final long NOBODY = -1;

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            // Else names are kept for the next answers, whatever they are.
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxTokenCount(MOST_TOKENS)
                    .maxNestingDepth(DEEPEST)
                    .maxNumberLength(LONGEST_NUMBER)
                    .build())
            .build());

    private Answers() {}

    /**
     * Why there is no result.
     *
     * @param code as JSON-RPC or the node defines it; 0 if the node gives none
     * @param words what the node says to it, at most some hundred
     */
    record Refusal(int code, String words) {}

    /**
     * The answer to one request. One with neither result nor refusal is not JSON-RPC.
     *
     * @param id the request's number; negative if it is none that is ever given
     * @param result the result, which may be null in JSON
     * @param refusal what counts if there is one
     */
    record Answer(long id, Optional<JsonNode> result, Optional<Refusal> refusal) {}

    /**
     * Reads one answer, or several in an array.
     *
     * @throws NodeUnavailable if it is not JSON, or larger or deeper than anything that is asked for
     */
    static List<Answer> read(String text) throws NodeUnavailable {
        JsonNode message;
        try {
            message = JSON.readTree(text);
        } catch (JacksonException e) {
            throw new NodeUnavailable("what it answers is not JSON that can be read");
        }
        List<Answer> answers = new ArrayList<>();
        for (JsonNode one : message.isArray() ? message : List.of(message)) {
            answers.add(answer(one));
        }
        return answers;
    }

    private static Answer answer(JsonNode message) {
        JsonNode id = message.path("id");
        JsonNode error = message.path("error");
        return new Answer(
                // Else asLong refuses a number that is too large for it with an exception.
                id.isIntegralNumber() && id.canConvertToLong() ? id.asLong() : NOBODY,
                Optional.ofNullable(message.get("result")),
                error.isObject() ? Optional.of(refusal(error)) : Optional.empty());
    }

    private static Refusal refusal(JsonNode error) {
        String words = words(error.path("message")) + " " + words(error.path("data"));
        return new Refusal(error.path("code").asInt(0), words.strip());
    }

    private static String words(JsonNode node) {
        String words = node.asString("");
        return words.substring(0, Math.min(words.length(), LONGEST_WORDS));
    }
}
