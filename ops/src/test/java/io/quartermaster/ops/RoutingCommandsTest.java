package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.app.web.ReplicaHttp;
import io.quartermaster.node.chain.RecordedChain;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The commands that route several jobs, look before they route, and look after reservations, against a running replica. */
@SuppressWarnings("NullAway.Init") // set before all tests
class RoutingCommandsTest {
    private static Replica replica;
    private static ReplicaHttp http;

    private static final String COLLATERAL = "DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI";

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() {
        Path recording = Path.of("src", "test", "resources", "recorded", "subnet-small.jsonl.gz");
        replica = Replica.replay(
                RecordedChain.open(recording, Double.POSITIVE_INFINITY),
                ReplicaSettings.defaults().withParams(Map.of("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "0")));
        http = ReplicaHttp.start(replica, 0);
    }

    @AfterAll
    static void stop() {
        http.close();
        replica.close();
    }

    @Test
    void aDryRunSaysWhereTheJobWouldGoAndReservesNothing() {
        String[] route = {"route", "--class", "always_on.test", "--seconds", "10", "--job", "job-dry"};
        JsonNode decision = ask(with(route, "--dry-run")).get("decision");
        assertThat(decision.has("reservation")).isFalse();
        assertThat(ask("reservations", "--job", "job-dry")).isEmpty();
        assertThat(ask("events", "--job", "job-dry")).isEmpty();
        assertThat(qm("explain", "job-dry")).isEqualTo(ExitCodes.REFUSED);

        JsonNode real = ask(route);
        assertThat(decision.get("picked").asString())
                .isEqualTo(real.get("miner").get("hotkey").asString());
        assertThat(qm(with(route, "--dry-run"))).isZero();
        assertThat(out.toString()).contains("dry run: nothing is reserved").contains("reservation " + id(real));
        ask("undo", id(real));

        replica.parameters().set(Map.of(COLLATERAL, "9999999999999999999999"), "anna", "");
        assertThat(qm(with(route, "--dry-run"))).isEqualTo(ExitCodes.REFUSED);
        assertThat(out.toString()).contains("-> nobody: NotEnoughCollateral");
        replica.parameters().set(Map.of(COLLATERAL, "0"), "anna", "");
    }

    @Test
    void reservationsAreListedAndExtended() {
        JsonNode route = ask("route", "--class", "always_on.test", "--seconds", "10", "--job", "job-held");
        JsonNode held = ask("reservations", "--job", "job-held").get(0);
        assertThat(held.get("id")).isEqualTo(route.get("reservation"));
        assertThat(held.get("blocks")).isEqualTo(route.get("allowanceBlocks"));
        assertThat(held.get("deadline")).isEqualTo(route.get("deadline"));
        assertThat(held.get("secondsLeft").asDouble()).isEqualTo(110);
        String miner = held.get("miner").asString();
        assertThat(ask("reservations", "--miner", miner).toString()).contains("job-held");
        assertThat(ask("reservations", "--miner", "5Nobody")).isEmpty();
        assertThat(qm("reservations")).isZero();
        assertThat(out.toString()).contains("job-held").contains("110.000");

        JsonNode extended = ask("extend", id(route), "--seconds", "600");
        assertThat(extended.get("secondsLeft").asDouble()).isEqualTo(700);
        assertThat(Instant.parse(extended.get("deadline").asString()))
                .isEqualTo(Instant.parse(route.get("deadline").asString()).plusSeconds(590));
        assertThat(ask("reservations", "--job", "job-held").get(0)).isEqualTo(extended);
        assertThat(qm("extend", id(route), "--seconds", "1")).isZero();
        assertThat(out.toString()).as("never shortened").contains("for another 700.000 s");

        ask("spend", id(route));
        assertThat(qm("extend", id(route), "--seconds", "600")).isEqualTo(ExitCodes.REFUSED);
        assertThat(qm("extend", id(route), "--seconds", "0")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("extend", id(route), "--seconds", "3601")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("extend", "7", "--seconds", "10")).isEqualTo(ExitCodes.REFUSED);
        assertThat(err.toString())
                .contains("ReservationAlreadySpent")
                .contains("seconds is 0")
                .contains("ReservationNotFound");
    }

    @Test
    void aFileOfJobsIsRoutedAtOnceEachWithItsAnswer() throws Exception {
        Path file = directory.resolve("jobs");
        Files.writeString(file, """
                {"job": "batch-1", "class": "always_on.test", "seconds": 5}

                {"job": "batch-2", "class": "always_on.test", "seconds": 0}
                {"job": "batch-3", "class": "no-such-class", "seconds": 5}
                {"job": "batch-4", "class": "always_on.gpu-24gb", "seconds": 5}
                """);
        assertThat(qm("route", "--jobs", file.toString(), "--json")).isEqualTo(ExitCodes.BAD_INPUT);
        JsonNode answers = Json.MAPPER.readTree(out.toString()).get("answers");
        assertThat(answers).hasSize(4);
        assertThat(answers.get(0).get("route").get("reservation").asLong()).isPositive();
        assertThat(answers.get(1).get("problem").get("title").asString()).isEqualTo("InvalidArgument");
        assertThat(answers.get(2).get("problem").get("status").asInt()).isEqualTo(400);
        assertThat(answers.get(3).get("route").get("job").asString()).isEqualTo("batch-4");

        assertThat(qm("route", "--jobs", file.toString())).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(out.toString())
                .as("repeated: the same routes")
                .contains("paid by reservation " + answers.get(0).get("route").get("reservation"))
                .contains("job batch-2 goes nowhere: InvalidArgument: requiredSeconds is 0.0: must be above 0");

        Files.writeString(file, "{\"job\": \"a\", \"class\": \"always_on.test\"}\n");
        assertThat(qm("route", "--jobs", file.toString())).isEqualTo(ExitCodes.BAD_INPUT);
        Files.writeString(file, "job a\n");
        assertThat(qm("route", "--jobs", file.toString())).isEqualTo(ExitCodes.BAD_INPUT);
        Files.writeString(file, "");
        assertThat(qm("route", "--jobs", file.toString())).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("route", "--jobs", directory.resolve("nowhere").toString()))
                .isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("route", "--jobs", file.toString(), "--class", "always_on.test", "--seconds", "5"))
                .isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("route", "--jobs", file.toString(), "--dry-run")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("route")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString())
                .contains("such as {\"job\"")
                .contains("not JSON")
                .contains("a file that is there")
                .contains("mutually exclusive");
    }

    @Test
    void tooManyJobsAtOnceAndTheSameJobTwiceAreRefused() throws Exception {
        Path file = directory.resolve("jobs");
        String line = "{\"job\": \"many-%d\", \"class\": \"always_on.test\", \"seconds\": 5}\n";
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 257; i++) {
            many.append(line.formatted(i));
        }
        Files.writeString(file, many);
        assertThat(qm("route", "--jobs", file.toString())).isEqualTo(ExitCodes.BAD_INPUT);
        Files.writeString(file, line.formatted(1) + line.formatted(1));
        assertThat(qm("route", "--jobs", file.toString())).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString()).contains("at most 256").contains("\"many-1\": must be in the list once");
        assertThat(ask("reservations", "--job", "many-1")).isEmpty();
    }

    @Test
    void aRefusalSaysWhenThereWouldBeEnough() throws Exception {
        long block = replica.allowance().currentBlock();
        String at = Long.toString(block + 700);
        assertThat(qm("find", "--class", "always_on.test", "--seconds", "3600", "--at", at))
                .isEqualTo(ExitCodes.REFUSED);
        assertThat(err.toString()).contains("if nothing else is booked, 5Miner0001 has enough at block ");

        HttpResponse<String> problem = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port()
                                        + "/v1/find?executorClass=always_on.test&seconds=3600&startBlock=" + at))
                                .build(),
                        BodyHandlers.ofString());
        JsonNode enough = Json.MAPPER.readTree(problem.body()).findValue("enough");
        assertThat(enough.get("miner").asString()).isEqualTo("5Miner0001");
        long more = enough.get("block").asLong() - block;
        assertThat(more).isBetween(1L, 100L);
        assertThat(enough.get("seconds").asLong()).isBetween(more * 11, more * 13);
    }

    private static String id(JsonNode route) {
        return route.get("reservation").asString();
    }

    private static String[] with(String[] args, String more) {
        String[] longer = Arrays.copyOf(args, args.length + 1);
        longer[args.length] = more;
        return longer;
    }

    private JsonNode ask(String... args) {
        assertThat(qm(with(args, "--json"))).as(err.toString()).isZero();
        return Json.MAPPER.readTree(out.toString());
    }

    private int qm(String... args) {
        out.getBuffer().setLength(0);
        String[] all = Arrays.copyOf(args, args.length + 2);
        all[args.length] = "--replica";
        all[args.length + 1] = "http://127.0.0.1:" + http.port();
        return Qm.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    }
}
