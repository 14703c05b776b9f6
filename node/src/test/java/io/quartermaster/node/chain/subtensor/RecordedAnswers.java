package io.quartermaster.node.chain.subtensor;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What a real node answered: one with a subnet, 12, of six neurons, at block 47 of a chain of its own. */
final class RecordedAnswers {
    static final int NETUID = 12;

    private static final JsonNode ALL = read();

    private RecordedAnswers() {}

    private static JsonNode read() {
        try (InputStream in =
                Objects.requireNonNull(RecordedAnswers.class.getResourceAsStream("/subtensor/answers.json"))) {
            return new ObjectMapper().readTree(in.readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A request, its answer, and what the answer says as another program decodes it. */
    static JsonNode named(String name) {
        return ALL.valueStream()
                .filter(answer -> answer.get("name").asString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No answer is named " + name));
    }

    static String key(String name) {
        return named(name).get("params").get(0).asString();
    }

    static ScaleReader result(String name) throws UnknownLayout {
        return ScaleReader.ofHex(named(name).get("result").asString());
    }

    static JsonNode decoded(String name) {
        return named(name).get("decoded");
    }

    static JsonNode all() {
        return ALL;
    }
}
