package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
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
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** The commands against a running replica, and what the replica answers to HTTP that is wrong. */
@SuppressWarnings("NullAway.Init") // set before all tests
class AskingCommandsTest {
    private static Replica replica;
    private static ReplicaHttp http;

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
    void aJobIsFoundReservedSpentAndSeenInTheLedger() {
        assertThat(ask("find", "--class", "always_on.gpu-24gb", "--seconds", "1")
                        .get(0)
                        .get("miner")
                        .asString())
                .isEqualTo("5Miner0009");
        String[] reserve = {
            "reserve", "--miner", "5Miner0009", "--class", "always_on.gpu-24gb", "--seconds", "5", "--job", "job-r"
        };
        JsonNode reservation = ask(reserve);
        assertThat(ask(reserve)).isEqualTo(reservation);

        JsonNode ledger = ask("ledger", "5Miner0009");
        assertThat(ledger.get("reservations")).hasSize(1);
        for (JsonNode row : ledger.get("classes")) {
            double parts = row.get("freeSeconds").asDouble()
                    + row.get("reservedSeconds").asDouble()
                    + row.get("spentSeconds").asDouble()
                    + row.get("invalidatedSeconds").asDouble()
                    + row.get("expiredSeconds").asDouble();
            assertThat(row.get("mintedSeconds").asDouble()).isEqualTo(parts, Offset.offset(1e-6));
        }

        String id = reservation.get("id").asString();
        ask("spend", id);
        assertThat(qm("spend", id)).isEqualTo(ExitCodes.REFUSED);
        assertThat(qm("undo", id)).isEqualTo(ExitCodes.REFUSED);
        assertThat(err.toString())
                .contains("ReservationAlreadySpent: Reservation with ID " + id + " is already spent")
                .hasLineCount(2);
    }

    @Test
    void aRouteIsExplainedAndUndone() {
        String[] route = {"route", "--class", "always_on.test", "--seconds", "10", "--job", "job-route"};
        JsonNode first = ask(route);
        assertThat(ask(route)).isEqualTo(first);

        assertThat(qm("explain", "job-route")).isZero();
        assertThat(out.toString())
                .contains("job job-route: 10 s of always_on.test at block 5999")
                .contains(first.get("miner").get("hotkey").asString() + ": picked");
        assertThat(qm("undo", first.get("reservation").asString())).isZero();
        assertThat(qm("explain", "no-such-job")).isEqualTo(ExitCodes.REFUSED);
    }

    @Test
    void theBooksCanBeLookedAt() {
        assertThat(ask("status").get("block").asLong()).isEqualTo(5999);
        assertThat(ask("blocks", "--last", "3")).hasSize(3);
        assertThat(ask("manifests").size()).isGreaterThan(50);
        assertThat(ask("incidents")).isEmpty();
        for (String command : new String[] {"status", "blocks", "manifests", "incidents", "locks"}) {
            assertThat(qm(command)).isZero();
        }
        assertThat(qm("ledger", "5Nobody")).isEqualTo(ExitCodes.REFUSED);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET  | /v1/find?seconds=1                              |                                    | 400 | executorClass is missing
            GET  | /v1/find?seconds=x&executorClass=always_on.test |                                    | 400 | seconds is "x"
            GET  | /v1/find?seconds=3601&executorClass=always_on.test |                                 | 400 | cannot be greater than 3600.0
            GET  | /v1/find?seconds=9&executorClass=nope           |                                    | 400 | must be one of
            GET  | /v1/find?seconds=9&executorClass=always_on.test&startBlock=-1 |                      | 400 | jobStartBlock is -1
            GET  | /v1/blocks?last=0                               |                                    | 400 | last is 0: must be from 1 to 2166
            GET  | /v1/ledgers/5Nobody                             |                                    | 404 | has no ledger
            POST | /v1/reservations                                | {"miner":                          | 400 | not the JSON that is expected
            POST | /v1/reservations                                | {"minr":"5Miner0009"}              | 400 | not the JSON that is expected
            POST | /v1/reservations                                | {"miner":"5Miner0009"}             | 400 | is missing
            POST | /v1/reservations/7/spend                        |                                    | 404 | Reservation with ID 7 not found
            POST | /v1/routes                                      | {"job":"j","executorClass":"always_on.test"} | 400 | must be above 0
            POST | /v1/incidents                                   | {"type":"LATE"}                    | 400 | must be one of
            """)
    void whatIsWrongIsAnsweredAsAProblem(String method, String path, @Nullable String body, int status, String says)
            throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + path))
                                .header("Content-Type", "application/json")
                                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(Json.MAPPER.readTree(response.body()).get("detail").asString())
                .contains(says);
        assertThat(response.body()).doesNotContain("Exception").doesNotContain("\\tat ");
    }

    @Test
    void aPortThatIsTakenIsSaidSo() {
        assertThatThrownBy(() -> ReplicaHttp.start(replica, http.port()))
                .isInstanceOf(GridUnavailable.class)
                .hasMessageContaining("Port " + http.port() + " on 127.0.0.1 is in use");
    }

    @Test
    void parametersAreShownChangedAndRemembered() {
        assertThat(ask("params", "list")).hasSize(20);
        assertThat(qm("params", "get", "MINIMUM_COLLATERAL_AMOUNT_WEI")).isZero();
        assertThat(out.toString())
                .contains("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI=0")
                .contains("the default is 10000000000000000");

        String interval = "DYNAMIC_RECEIPT_TRANSFER_INTERVAL";
        JsonNode changes = ask(
                "params",
                "set",
                "RECEIPT_TRANSFER_INTERVAL=7",
                "RECEIPT_TRANSFER_ENABLED=true",
                "--who",
                "anna",
                "--why",
                "a try");
        assertThat(changes).hasSize(2);
        assertThat(ask("params", "get", interval).get("value").asString()).isEqualTo("7");
        JsonNode newest = ask("params", "history").get(0);
        assertThat(newest.get("who").asString() + " " + newest.get("why").asString())
                .isEqualTo("anna a try");
        assertThat(ask("params", "set", "RECEIPT_TRANSFER_INTERVAL=7")).isEmpty();

        assertThat(qm("params", "set", "RECEIPT_TRANSFER_INTERVAL=never", "RECEIPT_TRANSFER_ENABLED=false"))
                .isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString()).contains(interval).contains("never").contains("a whole number from 1 to 86400");
        assertThat(ask("params", "get", "RECEIPT_TRANSFER_ENABLED").get("value").asString())
                .as("all or none")
                .isEqualTo("true");
        assertThat(qm("params", "set", "WEATHER=fine")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("params", "set", "fine")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("params", "get", "WEATHER")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("params")).isEqualTo(ExitCodes.BAD_INPUT);
        for (String command : new String[] {"list", "history"}) {
            assertThat(qm("params", command)).isZero();
        }
    }

    @Test
    void eventsAreFoundByTypeAndJobAndFollowed() throws Exception {
        ask("route", "--class", "always_on.test", "--seconds", "10", "--job", "job-event");
        JsonNode event =
                ask("events", "--job", "job-event", "--type", "job-routed").get(0);
        assertThat(event.get("fields").get("class").asString()).isEqualTo("always_on.test");

        assertThat(qm("events", "--job", "job-event", "--details")).isZero();
        assertThat(out.toString()).contains("JOB_ROUTED  job job-event -> ").contains("    rule: allowance");
        assertThat(ask("events", "--until", "2020-01-01T00:00:00Z")).isEmpty();
        assertThat(ask("events", "--limit", "1")).hasSize(1);
        assertThat(qm("events", "--type", "weather")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("events", "--since", "yesterday")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("events", "--limit", "0")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString()).contains("MANIFEST_DROP").contains("--since").contains("or how long ago");

        out.getBuffer().setLength(0);
        Thread follower = new Thread(() -> qm("events", "--follow", "--type", "JOB_ROUTED", "--json"));
        follower.start();
        await().until(() -> out.toString().contains("job-event"));
        HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + "/v1/routes"))
                                .header("Content-Type", "application/json")
                                .POST(
                                        BodyPublishers.ofString(
                                                "{\"job\":\"job-later\",\"executorClass\":\"always_on.test\",\"executionTimeLimitSeconds\":5}"))
                                .build(),
                        BodyHandlers.ofString());
        await().until(() -> out.toString().contains("job-later"));
        follower.interrupt();
        follower.join();
        assertThat(out.toString().lines().filter(line -> line.contains("job-event")))
                .as("shown once")
                .hasSize(1);
    }

    @Test
    void whatIsGivenOnTheCommandLineGoesBeforeTheFileAndThatBeforeTheEnvironment(@TempDir Path directory)
            throws Exception {
        Path file = Files.writeString(
                directory.resolve("params"),
                "# ours\nRECEIPT_TRANSFER_INTERVAL=3\n\nDYNAMIC_EXECUTOR_STARTUP_TIME_LIMIT = 3\n");
        ParameterOptions options = new ParameterOptions();
        new CommandLine(options).parseArgs("--param", "RECEIPT_TRANSFER_INTERVAL=2", "--params-file", file.toString());
        Map<String, String> environment = Map.of(
                "DYNAMIC_RECEIPT_TRANSFER_INTERVAL", "4",
                "DYNAMIC_EXECUTOR_STARTUP_TIME_LIMIT", "4",
                "DYNAMIC_EXECUTOR_RESERVATION_TIME_LIMIT", "4",
                "DYNAMIC_WEATHER", "fine",
                "PATH", "/bin");

        assertThat(options.given(environment))
                .containsOnly(
                        Map.entry("DYNAMIC_RECEIPT_TRANSFER_INTERVAL", "2"),
                        Map.entry("DYNAMIC_EXECUTOR_STARTUP_TIME_LIMIT", "3"),
                        Map.entry("DYNAMIC_EXECUTOR_RESERVATION_TIME_LIMIT", "4"));
        Files.writeString(file, "RECEIPT_TRANSFER_INTERVAL\n");
        assertThatThrownBy(() -> options.given(Map.of()))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("line 1")
                .hasMessageContaining("NAME=VALUE");
    }

    private JsonNode ask(String... args) {
        out.getBuffer().setLength(0);
        String[] withJson = Arrays.copyOf(args, args.length + 1);
        withJson[args.length] = "--json";
        assertThat(qm(withJson)).as(err.toString()).isZero();
        return Json.MAPPER.readTree(out.toString());
    }

    private int qm(String... args) {
        String[] all = Arrays.copyOf(args, args.length + 2);
        all[args.length] = "--replica";
        all[args.length + 1] = "http://127.0.0.1:" + http.port();
        return Qm.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    }
}
