package io.quartermaster.node.chain.subtensor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What a real node answered: one with a subnet, 12, of six neurons, at block 47 of a chain of its own. */
final class RecordedAnswers {
    static final int NETUID = 12;

    private static final JsonNode ALL = new ObjectMapper().readTree(resource("answers.json"));

    private RecordedAnswers() {}

    private static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(RecordedAnswers.class.getResourceAsStream("/subtensor/" + name))) {
            return (name.endsWith(".gz") ? new GZIPInputStream(in) : in).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Answers of a later runtime, version 318, from a chain whose keys are all zeros, with what turbobt reads in them. */
    static JsonNode later() {
        return new ObjectMapper().readTree(resource("answers_318.json"));
    }

    /** What the node answered when it was asked for its metadata: version 14 itself, version 15 as bytes that may be there. */
    static ScaleReader metadata(int version) {
        return new ScaleReader(resource("metadata_v" + version + ".scale.gz"));
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
