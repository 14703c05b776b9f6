package io.quartermaster.node.chain.miners;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.chain.Printable;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What a miner says. Made from anything: what can't be meant as a message is a failure. */
sealed interface MinerMessage {
    /** Between messages a miner may send this, to see whether the connection still is. */
    String PING = "PING";

    /** ComputeHorde has five classes of executors. */
    int MOST_CLASSES = 64;

    ObjectMapper JSON = new ObjectMapper();

    /**
     * How many executors it has.
     *
     * @param counts by class, at least 0; in order of class
     */
    record Manifest(Map<ExecutorClass, Integer> counts) implements MinerMessage {}

    /**
     * That there will be no manifest.
     *
     * @param reason "timeout", or why in a few words
     */
    record Failure(String reason) implements MinerMessage {}

    /** Something that is no answer to the question: of jobs, or that it is still there. */
    record Other() implements MinerMessage {}

    /**
     * Reads a message.
     *
     * @param text what came
     * @return what it means
     */
    static MinerMessage of(String text) {
        if (text.equals(PING)) {
            return new Other();
        }
        JsonNode message;
        try {
            message = JSON.readTree(text);
        } catch (JacksonException e) {
            return malformed("it sent what is not JSON");
        }
        return switch (words(message, "message_type")) {
            case "V0ExecutorManifestRequest" -> manifest(message.path("manifest"));
            case "GenericError" -> refused(words(message, "details"));
            case "UnauthorizedError" -> refused(words(message, "code") + " " + words(message, "details"));
            case "" -> malformed("it sent a message without a type");
            default -> new Other();
        };
    }

    private static MinerMessage manifest(JsonNode manifest) {
        if (!manifest.isObject() || manifest.size() > MOST_CLASSES) {
            return malformed("its manifest is not an object of at most " + MOST_CLASSES + " classes");
        }
        Map<ExecutorClass, Integer> counts = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : manifest.properties()) {
            JsonNode count = entry.getValue();
            if (!count.isIntegralNumber() || !count.canConvertToInt() || count.intValue() < 0) {
                return malformed("its count of " + Printable.of(entry.getKey()) + " is "
                        + Printable.of(count.toString()) + ", not a whole number of at least 0");
            }
            try {
                counts.put(new ExecutorClass(entry.getKey()), count.intValue());
            } catch (InvalidArgument e) {
                return malformed("its manifest has the class " + Printable.of(entry.getKey()));
            }
        }
        return new Manifest(Collections.unmodifiableMap(counts));
    }

    private static String words(JsonNode message, String field) {
        return message.path(field).stringValue("");
    }

    private static Failure refused(String words) {
        return new Failure("refused: " + (words.isBlank() ? "it does not say why" : Printable.of(words.strip())));
    }

    static Failure malformed(String how) {
        return new Failure("malformed: " + how);
    }
}
