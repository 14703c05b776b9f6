package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quartermaster.node.Quartermaster;
import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.app.web.ReplicaHttp;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code qm status --watch}, and a replica that goes away meanwhile. */
class StatusWatchTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final StringWriter out = new StringWriter();

    @Test
    void eachAnswerIsALineAlsoWhileNoReplicaAnswers() throws Exception {
        try (Quartermaster grid = Quartermaster.simulated()) {
            ReplicaHttp first = ReplicaHttp.start(grid.replica(), 0);
            int port = first.port();
            PrintWriter printed = new PrintWriter(out, true);
            String replica = "http://127.0.0.1:" + port;
            Thread watching =
                    new Thread(() -> Qm.run(printed, printed, "status", "--watch", "--json", "--replica", replica));
            watching.start();
            await().atMost(SOON).until(() -> lines().size() >= 2);
            assertThat(lines())
                    .allSatisfy(line ->
                            assertThat(line.get("replicasPresent").asInt()).isOne());

            first.close();
            await().atMost(SOON).until(() -> lines().stream().anyMatch(line -> line.has("error")));
            JsonNode gone = lines().get(lines().size() - 1);
            assertThat(gone.propertyNames()).containsExactly("error");
            assertThat(gone.get("error").asString()).contains("No replica answers at " + replica);

            try (ReplicaHttp second = ReplicaHttp.start(grid.replica(), port)) {
                await().atMost(SOON).until(() -> lines().get(lines().size() - 1).has("replicasPresent"));
                assertThat(second.port()).isEqualTo(port);
                watching.interrupt();
                watching.join();
            }
        }
    }

    private List<JsonNode> lines() {
        String text = out.toString();
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .map(Json.MAPPER::readTree)
                .toList();
    }

    @Test
    void wordsFollowEachOtherWhereThereIsNoTerminalUntilItIsStopped() throws Exception {
        Process watching = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Qm.class.getName(),
                        "status",
                        "--watch",
                        "--replica",
                        "http://127.0.0.1:1")
                .redirectErrorStream(true)
                .start();
        try (var read = watching.inputReader()) {
            List<String> four = read.lines().limit(4).toList();
            assertThat(four.get(0)).matches("\\d\\d:\\d\\d:\\d\\d");
            assertThat(four.get(1)).startsWith("No replica answers at http://127.0.0.1:1");
            assertThat(four.get(3)).isEqualTo(four.get(1));
            watching.destroy();
            assertThat(watching.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(watching.exitValue()).as("as shells have it after TERM").isEqualTo(143);
        } finally {
            watching.destroyForcibly();
        }
    }

    @Test
    void whatNeverPassesEndsIt() {
        assertThat(Qm.run(
                        new PrintWriter(out, true),
                        new PrintWriter(out, true),
                        "status",
                        "--watch",
                        "--token-file",
                        "no-such-file"))
                .isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(out.toString()).contains("--token-file");
    }
}
