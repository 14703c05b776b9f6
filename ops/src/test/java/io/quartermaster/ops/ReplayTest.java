package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.node.app.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A recorded subnet of 24 miners and 1,000 blocks, a script on it, and the answers of an independent model. */
class ReplayTest {
    private static final double TOLERANCE = 1e-6;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void theRecordingGivesTheExpectedAnswers() throws Exception {
        expectTheAnswers(resource("subnet-small.jsonl.gz"));
    }

    /** What follows from a chain does not depend on the order in which its blocks are seen. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shuffledBlocksAfterAllManifestsGiveTheSameAnswers(long seed) throws Exception {
        List<String> others = new ArrayList<>();
        List<String> blocks = new ArrayList<>();
        JsonNode neurons = Json.MAPPER.createArrayNode();
        JsonNode neuronsOfNewest = neurons;
        JsonNode validators = neurons;
        long newest = -1;
        List<String> lines = recording();
        for (String line : lines.subList(1, lines.size())) {
            ObjectNode object = (ObjectNode) Json.MAPPER.readTree(line);
            if (object.has("block")) {
                // Lists that a line leaves out are those of the line before: in another order they must be named.
                neurons = object.has("neurons") ? object.get("neurons") : neurons;
                validators = object.has("validators") ? object.get("validators") : validators;
                object.set("neurons", neurons);
                object.set("validators", validators);
                if (object.get("block").asLong() > newest) {
                    newest = object.get("block").asLong();
                    neuronsOfNewest = neurons;
                }
                blocks.add(object.toString());
            } else {
                nameThoseThatDidNotAnswer(object, neuronsOfNewest);
                others.add(object.toString());
            }
        }
        Collections.shuffle(blocks, new Random(seed));
        Path shuffled = directory.resolve("shuffled.jsonl");
        List<String> all = new ArrayList<>(List.of(lines.get(0)));
        all.addAll(others);
        all.addAll(blocks);
        Files.write(shuffled, all);

        expectTheAnswers(shuffled);
    }

    /** Before the first block nobody knows the neurons, so that a sync must name those that it asked in vain. */
    private static void nameThoseThatDidNotAnswer(ObjectNode line, JsonNode neurons) {
        if (line.get("manifests") instanceof ObjectNode sync) {
            ObjectNode failed = sync.withObject("failed");
            for (JsonNode neuron : neurons) {
                String hotkey = neuron.get("hotkey").asString();
                if (!sync.get("counts").has(hotkey) && !failed.has(hotkey)) {
                    failed.put(hotkey, "timeout");
                }
            }
        }
    }

    private void expectTheAnswers(Path recording) throws IOException {
        int code = qm(
                "replay",
                recording.toString(),
                "--script",
                resource("subnet-small.script.jsonl").toString());

        assertThat(code).as(err.toString()).isZero();
        List<String> expected = Files.readAllLines(resource("subnet-small.expected.jsonl"));
        List<String> answers = out.toString().lines().toList();
        assertThat(answers).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(equal(Json.MAPPER.readTree(answers.get(i)), Json.MAPPER.readTree(expected.get(i))))
                    .as("line %d: %s instead of %s", i + 1, answers.get(i), expected.get(i))
                    .isTrue();
        }
    }

    private static boolean equal(JsonNode actual, JsonNode expected) {
        if (actual.isNumber() && expected.isNumber()) {
            double scale = Math.max(1, Math.abs(expected.asDouble()));
            return Math.abs(actual.asDouble() - expected.asDouble()) <= TOLERANCE * scale;
        }
        if (actual.size() != expected.size()) {
            return false;
        }
        if (actual.isObject()) {
            return actual.propertyNames().stream()
                    .allMatch(name -> expected.has(name) && equal(actual.get(name), expected.get(name)));
        }
        for (int i = 0; i < actual.size(); i++) {
            if (!equal(actual.get(i), expected.get(i))) {
                return false;
            }
        }
        return actual.size() > 0 || actual.equals(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"reserv":{"job":"a"}}                             | script.jsonl:1: verb is "reserv": must be one of find, reserve, undo, spend
            {"undo":{}}                                        | script.jsonl:1: job is missing: it must be a string
            {"undo":{"job":7}}                                 | script.jsonl:1: job is "7": must be a string
            {"find":{"seconds":"x","class":"c","at":1}}        | script.jsonl:1: seconds is ""x"": must be a number
            {"find":{"seconds":1,"class":"c","at":1.5}}        | script.jsonl:1: at is "1.5": must be a whole number
            {"find":                                           | script.jsonl:1: not JSON
            {"spend":{"job":"a b"}}                            | script.jsonl:1: job is "a b": must be 1 to 128 letters
            """)
    void aScriptThatIsWrongIsRefusedBeforeAnythingRuns(String line, String message) throws Exception {
        Path script = directory.resolve("script.jsonl");
        Files.writeString(script, line + "\n");

        int code = qm("replay", resource("subnet-small.jsonl.gz").toString(), "--script", script.toString());

        assertThat(code).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString()).contains(message).hasLineCount(1);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aHotkeyOfTenMegabytesIsRefusedInOneShortLine() throws Exception {
        Path script = directory.resolve("script.jsonl");
        Files.writeString(
                script,
                "{\"reserve\":{\"miner\":\"" + "5".repeat(10_000_000)
                        + "\",\"class\":\"always_on.test\",\"seconds\":1,\"at\":5999,\"job\":\"a\"}}\n");

        int code = qm("replay", resource("subnet-small.jsonl.gz").toString(), "--script", script.toString());

        assertThat(code).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString())
                .contains("hotkey is")
                .contains("10000000 characters")
                .hasSizeLessThan(500);
    }

    @Test
    void aCallThatIsWrongIsAnsweredAndTheNextOneIsNot() throws Exception {
        Path script = directory.resolve("script.jsonl");
        Files.writeString(script, """
                {"find":{"seconds":3601,"class":"always_on.test","at":5999}}
                {"find":{"seconds":-1,"class":"always_on.test","at":5999}}
                {"find":{"seconds":1,"class":"no.such-class","at":5999}}
                {"find":{"seconds":1,"class":"always_on.test","at":99999999}}
                {"reserve":{"miner":"5Nobody","class":"always_on.test","seconds":1,"at":5999,"job":"a"}}
                {"reserve":{"miner":"5Miner0001","class":"always_on.test","seconds":1,"at":5999,"job":"b"}}
                {"reserve":{"miner":"5Miner0001","class":"always_on.test","seconds":2,"at":5999,"job":"b"}}
                {"reserve":{"miner":"5Miner0019","class":"always_on.test","seconds":1,"at":5999,"job":"b"}}
                {"reserve":{"miner":"5Miner0001","class":"always_on.test","seconds":1,"at":5999,"job":"b"}}
                """);

        int code = qm("replay", resource("subnet-small.jsonl.gz").toString(), "--script", script.toString());

        assertThat(code).isZero();
        List<String> answers = out.toString().lines().toList();
        assertThat(answers.get(0)).contains("Required allowance cannot be greater than 3600.0 seconds");
        assertThat(answers.get(1)).contains("seconds is -1.0: must be a finite number above 0");
        assertThat(answers.get(2)).contains("no.such-class").contains("must be one of");
        assertThat(answers.get(3)).contains("jobStartBlock is 99999999: must be at most 6721");
        assertThat(answers.get(4)).contains("CannotReserveAllowance").contains("\"available\":0");
        assertThat(answers.get(5)).isEqualTo("{\"blocks\":[5277]}");
        assertThat(answers.get(6)).contains("JobIdReused");
        assertThat(answers.get(7)).contains("JobIdReused");
        assertThat(answers.get(8)).isEqualTo("{\"blocks\":[5277]}");
    }

    @Test
    void recordingsThatAreMissingOrGarbageAreRefusedInOneLine() throws Exception {
        Path garbage = directory.resolve("garbage.jsonl");
        Files.write(garbage, new byte[] {0, 1, 2, 3, -1, -2});
        Path cut = directory.resolve("cut.jsonl");
        String whole = String.join("\n", recording());
        Files.writeString(cut, whole.substring(0, whole.length() / 2));

        for (Path file : List.of(garbage, cut, directory.resolve("missing.jsonl"))) {
            err.getBuffer().setLength(0);
            assertThat(qm("replay", file.toString())).isEqualTo(ExitCodes.BAD_INPUT);
            assertThat(err.toString()).contains(file.getFileName().toString()).hasLineCount(1);
        }
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "status",
                "find",
                "reserve",
                "undo",
                "spend",
                "route",
                "explain",
                "ledger",
                "blocks",
                "manifests",
                "incidents",
                "replay"
            })
    void everyCommandHasHelp(String command) {
        assertThat(qm(command, "--help")).isZero();
        assertThat(out.toString()).contains("Usage: qm " + command).contains("--json");
    }

    @Test
    void aWrongCommandLineIsAnsweredInOneLine() {
        assertThat(qm("fly")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("run")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("find", "--seconds", "many")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString()).hasLineCount(3).doesNotContain("\tat ");
    }

    @Test
    void aReplicaThatIsNotThereIsSaidSo() {
        assertThat(qm("status", "--replica", "http://127.0.0.1:1")).isEqualTo(ExitCodes.UNREACHABLE);
        assertThat(err.toString())
                .contains("No replica answers at http://127.0.0.1:1")
                .hasLineCount(1);
    }

    private int qm(String... args) {
        return Qm.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    private static Path resource(String name) {
        return Path.of("src", "test", "resources", "recorded", name);
    }

    private static List<String> recording() throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(resource("subnet-small.jsonl.gz")))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
