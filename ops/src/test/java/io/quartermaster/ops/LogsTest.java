package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.JobId;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.Refused;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.app.web.ReplicaHttp;
import io.quartermaster.node.chain.RecordedChain;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.pylon.PylonSettings;
import io.quartermaster.node.chain.subtensor.SubtensorChain;
import io.quartermaster.node.chain.subtensor.SubtensorSettings;
import io.quartermaster.node.grid.GridSettings;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.keys.Wallet;
import io.quartermaster.ops.standin.PublishingChain;
import io.quartermaster.ops.standin.StandinFaults;
import io.quartermaster.ops.standin.StandinNode;
import io.quartermaster.ops.standin.StandinPylon;
import io.quartermaster.ops.standin.StandinPylonFaults;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** What the log says, in which form, and what it never says. */
class LogsTest {
    private static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");
    private static final Duration LONG = Duration.ofMinutes(2);

    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final JsonLines json = new JsonLines();
    private final Map<Logger, Level> before = root.getLoggerContext().getLoggerList().stream()
            .filter(logger -> logger.getLevel() != null)
            .collect(Collectors.toMap(logger -> logger, Logger::getLevel));

    private final List<Appender<ILoggingEvent>> others = new ArrayList<>();

    @BeforeEach
    void listen() {
        root.iteratorForAppenders().forEachRemaining(others::add);
        others.forEach(root::detachAppender);
        lines.list = Collections.synchronizedList(new ArrayList<>());
        lines.start();
        root.addAppender(lines);
    }

    @AfterEach
    void restore() {
        root.detachAppender(lines);
        others.forEach(root::addAppender);
        before.forEach(Logger::setLevel);
    }

    private List<ILoggingEvent> seen() {
        return List.copyOf(lines.list);
    }

    private JsonNode asJson(ILoggingEvent line) {
        String text = new String(json.encode(line), StandardCharsets.UTF_8);
        assertThat(text).endsWith("\n").doesNotContain("\n\n");
        assertThat(text.indexOf('\n')).isEqualTo(text.length() - 1);
        return Json.MAPPER.readTree(text);
    }

    @Test
    void aDecisionIsALineAtDebugWithJobAndMinerAsFields() {
        ((Logger) LoggerFactory.getLogger("io.quartermaster.events")).setLevel(Level.DEBUG);
        Path recording = Path.of("src", "test", "resources", "recorded", "subnet-small.jsonl.gz");
        try (Replica replica = Replica.replay(
                RecordedChain.open(recording, Double.POSITIVE_INFINITY),
                ReplicaSettings.defaults().withParams(Map.of("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "0")))) {
            String miner = replica.routing()
                    .pickMinerForJobRequest(OrganicJobRequest.of(new JobId("job-1"), GPU, 1))
                    .miner()
                    .hotkey()
                    .value();
            Refused refusal = routeUntilRefused(replica);

            List<JsonNode> decisions = seen().stream()
                    .filter(line -> line.getLevel() == Level.DEBUG)
                    .map(this::asJson)
                    .toList();
            JsonNode last = decisions.get(decisions.size() - 1);
            assertThat(decisions.get(0).get("job").asString()).isEqualTo("job-1");
            assertThat(decisions.get(0).get("miner").asString()).isEqualTo(miner);
            assertThat(decisions.get(0).get("event").asString()).isEqualTo("JOB_ROUTED");
            assertThat(decisions.get(0).get("message").asString()).isEqualTo("job job-1 -> " + miner);
            assertThat(last.get("event").asString()).isEqualTo("JOB_NOT_ROUTED");
            assertThat(last.get("refusal").asString())
                    .contains(refusal.getClass().getSimpleName());
            assertThat(last.get("job").asString()).isEqualTo("long-" + decisions.size());
        }
    }

    @Test
    void whatWasAskedForStaysWhenHttpStarts() {
        CommandLine.populateCommand(new LogOptions(), "--log-level", "DEBUG").apply();
        SimulatedSubnet chain = new SimulatedSubnet(SimulationSettings.defaults());
        try (Replica replica = Replica.start(chain, ReplicaSettings.defaults());
                ReplicaHttp http = ReplicaHttp.start(replica, 0)) {
            assertThat(http.port()).isPositive();
            assertThat(root.getLevel()).isEqualTo(Level.DEBUG);
            assertThat(root.isAttached(lines)).isTrue();
        }
    }

    /** Tomcat is one of those who do. */
    @Test
    void whatIsSaidToTheLogOfTheJdkIsInThisOne() {
        CommandLine.populateCommand(new LogOptions(), "--log-level", "INFO").apply();
        java.util.logging.Logger.getLogger("org.example").info("said to the JDK");

        assertThat(java.util.logging.Logger.getLogger("").getHandlers())
                .hasExactlyElementsOfTypes(SLF4JBridgeHandler.class);
        assertThat(seen()).extracting(ILoggingEvent::getFormattedMessage).contains("said to the JDK");
    }

    /** Long jobs until nobody can take one more. */
    private static Refused routeUntilRefused(Replica replica) {
        for (int job = 2; job < 10_000; job++) {
            try {
                replica.routing().pickMinerForJobRequest(OrganicJobRequest.of(new JobId("long-" + job), GPU, 3600));
            } catch (Refused refusal) {
                return refusal;
            }
        }
        throw new AssertionError("Allowance has no end");
    }

    @Test
    void anErrorIsOneLineOfJson() {
        root.error("It failed", new IllegalStateException("with\n\"quotes\""));
        JsonNode line = asJson(seen().get(0));
        assertThat(line.get("level").asString()).isEqualTo("ERROR");
        assertThat(line.get("error").asString()).startsWith("java.lang.IllegalStateException: with\n\"quotes\"");
        assertThat(line.get("time").asString()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
    }

    /** Everything that is logged at any level by anybody while a replica with all its secrets starts, works and stops. */
    @Test
    void noSecretIsInAnyLine(@TempDir Path directory) throws IOException, InterruptedException {
        String words = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
        Path wallet = directory.resolve("hotkey");
        Files.writeString(wallet, words);
        Files.setPosixFilePermissions(wallet, PosixFilePermissions.fromString("rw-------"));
        root.setLevel(Level.TRACE);
        before.keySet().stream().filter(logger -> logger != root).forEach(logger -> logger.setLevel(Level.DEBUG));
        root.getLoggerContext().getLogger("io.quartermaster").setLevel(Level.TRACE);

        try (PublishingChain truth = new PublishingChain(
                        new SimulatedSubnet(SimulationSettings.defaults().withSpeed(24)));
                StandinNode lite = StandinNode.start(truth, 0, StandinFaults.NONE, truth::words);
                StandinPylon pylon = StandinPylon.start(truth, 0, "the-token-of-pylon", StandinPylonFaults.NONE)) {
            KeyPair key = Wallet.read(wallet);
            SubtensorSettings settings = SubtensorSettings.of(
                            truth.info().netuid(), key.hotkey(), List.of(lite.uri()), List.of())
                    .withWallet(key)
                    .withPylon(PylonSettings.ofIdentity(
                            pylon.uri(),
                            StandinPylon.IDENTITY,
                            "the-token-of-pylon",
                            truth.info().netuid()));
            ReplicaSettings replicaSettings = ReplicaSettings.defaults()
                    .withGrid(GridSettings.alone().withSecret("the-secret-of-the-grid"))
                    .withParams(Map.of("DYNAMIC_MANIFESTS_USE_KNOWLEDGE_COMMITMENTS", "true"));
            root.info("{} {}", settings, replicaSettings);
            try (Replica replica = Replica.start(SubtensorChain.follow(settings), replicaSettings);
                    ReplicaHttp http = ReplicaHttp.start(replica, 0)) {
                await().atMost(LONG).until(() -> replica.following().blocks() > 2);
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + "/v1/nothing"))
                                        .header("Authorization", "Bearer the-token-of-a-caller")
                                        .build(),
                                BodyHandlers.discarding());
            }
        }

        assertThat(seen()).hasSizeGreaterThan(20);
        for (ILoggingEvent line : seen()) {
            String text = asJson(line)
                    + line.getFormattedMessage()
                    + (line.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(line.getThrowableProxy()));
            assertThat(text)
                    .doesNotContain("the-token-of-pylon", "the-secret-of-the-grid", "the-token-of-a-caller")
                    .doesNotContain("bottom drive obey");
        }
    }
}
