package io.quartermaster.ops.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.contentOf;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.api.Receipt;
import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.chain.ChainInfo;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.Validator;
import io.quartermaster.node.chain.ReceiptJson;
import io.quartermaster.node.chain.RecordingWriter;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.receipts.ReceiptPages;
import io.quartermaster.node.receipts.ReceiptSignatures;
import io.quartermaster.ops.standin.StandinReceipts.Fault;
import io.quartermaster.ops.standin.StandinReceipts.Served;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A replica reads the pages of the last five hours, is killed in the middle, and goes on; or another one does. Every tenth miner
 * misbehaves. The long form, with 256 miners and three receipts on each page: {@code -Dquartermaster.receipts.miners=256};
 * with a replica that leaves in good order after another was killed: {@code -Dquartermaster.receipts.leaves=true}.
 */
class ReceiptCatchUpTest {
    private static final int MINERS = Integer.getInteger("quartermaster.receipts.miners", 10);
    private static final int ON_A_PAGE = MINERS >= 100 ? 3 : 1;
    private static final boolean LEAVES = Boolean.getBoolean("quartermaster.receipts.leaves");
    private static final int PAGES = 60;
    private static final Duration LONG = Duration.ofSeconds(60 + 2 * MINERS);
    private static final KeyPair VALIDATOR = KeyPair.ofSeed(new byte[32]);
    private static final Instant NOW = Instant.parse("2026-11-16T12:02:00Z");
    private static final long FIRST_PAGE = ReceiptPages.pageOf(NOW) - 1 - PAGES;

    private final HttpClient http = HttpClient.newHttpClient();

    /** Pages of a miner, made when they are first asked for: to sign takes time. */
    private static Served miner(int number) {
        KeyPair key = VALIDATOR.derive("miner " + number);
        Fault[] faults = Fault.values();
        boolean bad = number % 10 == 9;
        Map<Long, byte[]> pages = new ConcurrentHashMap<>();
        return new Served(
                key.hotkey(),
                page -> page < FIRST_PAGE || page >= FIRST_PAGE + PAGES
                        ? null
                        : pages.computeIfAbsent(page, made -> page(key, number, made)),
                bad ? faults[1 + number / 10 % (faults.length - 1)] : Fault.NONE);
    }

    private static byte[] page(KeyPair miner, int number, long page) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < ON_A_PAGE; i++) {
            Receipt receipt = new Receipt.Started(
                    new JobId("job-" + number + "-" + page + "-" + i),
                    miner.hotkey(),
                    VALIDATOR.hotkey(),
                    Instant.ofEpochSecond(ReceiptPages.PAGE_SECONDS * page + 10L * i),
                    new ExecutorClass("always_on.test"),
                    true,
                    Duration.ofSeconds(60));
            lines.append(ReceiptJson.write(ReceiptSignatures.sign(receipt, VALIDATOR, miner)))
                    .append('\n');
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void record(Path file, List<Miner> miners) {
        List<Neuron> neurons = new ArrayList<>();
        for (Miner miner : miners) {
            neurons.add(new Neuron(neurons.size(), new Hotkey("5Cold"), miner));
        }
        try (RecordingWriter writer =
                RecordingWriter.create(file, new ChainInfo(12, VALIDATOR.hotkey(), 0, Map.of()))) {
            for (long block = 100; block <= 103; block++) {
                writer.write(new BlockSeen(
                        block,
                        NOW.toEpochMilli() - 12_000 * (103 - block),
                        Optional.empty(),
                        neurons,
                        List.of(new Validator(VALIDATOR.hotkey(), 0, 100))));
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static Process replica(
            List<String> flags, Path recording, Path directory, int httpPort, List<String> options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of(
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.quartermaster.ops.Qm",
                "run",
                "--recorded",
                recording.toString(),
                "--data",
                directory.resolve("books").toString(),
                "--http-port",
                Integer.toString(httpPort)));
        command.addAll(options);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("replica.log").toFile()))
                .start();
    }

    private static Process alone(Path recording, Path directory, int httpPort) throws IOException {
        return replica(
                List.of(),
                recording,
                directory,
                httpPort,
                List.of("--port", Integer.toString(freePort()), "--param", "DYNAMIC_RECEIPT_TRANSFER_ENABLED=true"));
    }

    private int kept(int port) {
        return ask(port).path("receiptsKept").asInt(0);
    }

    private JsonNode ask(int port) {
        return ask(port, "/v1/receipts/transfer");
    }

    private JsonNode ask(int port, String path) {
        try {
            return Json.MAPPER.readTree(http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            BodyHandlers.ofString())
                    .body());
        } catch (IOException notYet) {
            return Json.MAPPER.createObjectNode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Json.MAPPER.createObjectNode();
        }
    }

    @Test
    void nothingIsLostOrDoubledWhenTheReplicaIsKilledInTheMiddle(@TempDir Path directory) throws Exception {
        List<Served> served =
                IntStream.range(0, MINERS).mapToObj(ReceiptCatchUpTest::miner).toList();
        int good = (int)
                served.stream().filter(miner -> miner.fault() == Fault.NONE).count();
        int expected = good * PAGES * ON_A_PAGE;
        long began = System.nanoTime();
        try (StandinReceipts miners = StandinReceipts.start(0, served)) {
            Path recording = directory.resolve("subnet.jsonl");
            record(recording, miners.miners());
            int port = freePort();
            Process first = alone(recording, directory, port);
            try {
                await().atMost(LONG).until(() -> kept(port) > expected / 4);
            } finally {
                first.destroyForcibly().waitFor();
            }
            int secondPort = freePort();
            Process second = alone(recording, directory, secondPort);
            try {
                await().atMost(LONG).until(() -> kept(secondPort) >= expected);
                JsonNode report = ask(secondPort);
                assertThat(report.path("receiptsKept").asInt()).isEqualTo(expected);
                long rssKib = Files.readAllLines(Path.of("/proc/" + second.pid() + "/status")).stream()
                        .filter(line -> line.startsWith("VmHWM"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElse(0);
                System.out.printf(
                        "%d receipts from %d miners in %.1f s with a restart, %d MiB at most: %s%n",
                        expected, MINERS, (System.nanoTime() - began) / 1e9, rssKib / 1024, report);
            } finally {
                second.destroyForcibly().waitFor();
            }
        }
    }

    /** Miners whose pages take a while, so that replicas can come and go in between, and who remember what they were asked for. */
    private static final class SlowMiners {
        private static final int COUNT = 8;

        /** Newer than the oldest ones that are read: these are read, too, if all takes so long that a page begins meanwhile. */
        private static final long OLDEST = FIRST_PAGE + 20;

        private final Set<String> underWay = ConcurrentHashMap.newKeySet();
        private final Set<String> twiceAtOnce = ConcurrentHashMap.newKeySet();
        private final Map<String, Integer> asked = new ConcurrentHashMap<>();
        private volatile int pageMillis = 100;

        private static int pages() {
            return COUNT * (int) (FIRST_PAGE + PAGES - OLDEST);
        }

        private List<Served> served() {
            return IntStream.range(0, COUNT)
                    .mapToObj(number -> {
                        Served quick = miner(number);
                        return new Served(
                                quick.hotkey(),
                                page -> page < OLDEST
                                        ? null
                                        : slowly(
                                                quick.hotkey() + "/" + page,
                                                quick.pages().apply(page)),
                                Fault.NONE);
                    })
                    .toList();
        }

        private byte @Nullable [] slowly(String page, byte @Nullable [] lines) {
            if (lines == null) {
                return lines;
            }
            asked.merge(page, 1, Integer::sum);
            if (!underWay.add(page)) {
                twiceAtOnce.add(page);
            }
            LockSupport.parkNanos(Duration.ofMillis(pageMillis).toNanos());
            underWay.remove(page);
            return lines;
        }

        private int askedAgain() {
            return asked.values().stream().mapToInt(times -> times - 1).sum();
        }
    }

    /** Three replicas, each a process. */
    private final class Trio implements AutoCloseable {
        private static final List<String> START_FAST = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

        private final Path recording;
        private final Path directory;
        private final List<Integer> gridPorts = new ArrayList<>();
        private final Map<Integer, Process> running = new TreeMap<>();
        private final Map<Integer, Integer> httpPorts = new TreeMap<>();

        private Trio(Path recording, Path directory) throws IOException {
            this.recording = recording;
            this.directory = directory;
            for (int id = 1; id <= 3; id++) {
                gridPorts.add(freePort());
            }
        }

        private void startAll() throws IOException {
            for (int id = 1; id <= 3; id++) {
                start(id);
            }
            awaitReady();
        }

        private void start(int id) throws IOException {
            int httpPort = freePort();
            Path own = Files.createDirectories(directory.resolve("replica-" + id));
            httpPorts.put(id, httpPort);
            running.put(
                    id,
                    replica(
                            START_FAST,
                            recording,
                            own,
                            httpPort,
                            List.of(
                                    "--replica",
                                    id + "/3",
                                    "--durability",
                                    "REPLICATED",
                                    "--port",
                                    gridPorts.get(id - 1).toString(),
                                    "--members",
                                    gridPorts.stream()
                                            .map(port -> "127.0.0.1:" + port)
                                            .collect(Collectors.joining(",")))));
        }

        private void awaitReady() {
            await().atMost(LONG.multipliedBy(2))
                    .untilAsserted(() -> httpPorts.forEach((id, port) -> {
                        JsonNode health = ask(port, "/readyz");
                        assertThat(health.path("ok").asBoolean(false))
                                .as(
                                        "replica %d (alive: %b) says %s%n%s",
                                        id, running(id).isAlive(), health, log(id))
                                .isTrue();
                    }));
        }

        private Process running(int id) {
            return Objects.requireNonNull(running.get(id));
        }

        private String log(int id) {
            return contentOf(
                    directory.resolve("replica-" + id).resolve("replica.log").toFile());
        }

        private void transfer(boolean enabled) throws Exception {
            int port = httpPorts.values().iterator().next();
            assertThat(http.send(
                                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/parameters"))
                                            .header("Content-Type", "application/json")
                                            .method(
                                                    "PATCH",
                                                    BodyPublishers.ofString(
                                                            "{\"values\":{\"DYNAMIC_RECEIPT_TRANSFER_ENABLED\":\""
                                                                    + enabled + "\"},\"who\":\"a test\"}"))
                                            .build(),
                                    BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }

        private int most() {
            return httpPorts.values().stream()
                    .mapToInt(ReceiptCatchUpTest.this::kept)
                    .max()
                    .orElse(0);
        }

        private List<Integer> transferring() {
            return httpPorts.entrySet().stream()
                    .filter(replica -> ask(replica.getValue()).path("active").asBoolean(false))
                    .map(Map.Entry::getKey)
                    .toList();
        }

        /** The one that transfers, once more than a part of all is there. */
        private int transferringAfter(int kept) {
            return await().atMost(LONG)
                    .until(this::transferring, replicas -> most() > kept && replicas.size() == 1)
                    .get(0);
        }

        private void end(int id, Consumer<Process> signal) throws InterruptedException {
            Process process = Objects.requireNonNull(running.remove(id));
            httpPorts.remove(id);
            signal.accept(process);
            process.waitFor();
        }

        @Override
        public void close() {
            running.values()
                    .forEach(process -> process.destroyForcibly().onExit().join());
        }
    }

    @Test
    void anotherReplicaGoesOnWhereTheBooksAreWhenTheOneThatTransfersIsKilledOrLeaves(@TempDir Path directory)
            throws Exception {
        SlowMiners slow = new SlowMiners();
        int expected = SlowMiners.pages() * ON_A_PAGE;
        try (StandinReceipts miners = StandinReceipts.start(0, slow.served())) {
            Path recording = directory.resolve("subnet.jsonl");
            record(recording, miners.miners());
            try (Trio replicas = new Trio(recording, directory)) {
                replicas.startAll();
                replicas.transfer(true);
                int killed = replicas.transferringAfter(expected / 4);
                slow.pageMillis = 300;
                replicas.end(killed, Process::destroyForcibly);
                assertThat(replicas.transferringAfter(expected / 2)).isNotEqualTo(killed);

                assertThat(slow.twiceAtOnce)
                        .as("pages that two asked for at once")
                        .isEmpty();
                if (LEAVES) {
                    replicas.transfer(false);
                    await().atMost(LONG).until(() -> replicas.transferring().isEmpty());
                    replicas.start(killed);
                    replicas.awaitReady();
                    int before = replicas.most();
                    replicas.transfer(true);
                    replicas.end(replicas.transferringAfter(before + 1), Process::destroy);
                    assertThat(replicas.most()).as("it leaves in the middle").isLessThan(expected);
                }
                slow.pageMillis = 1;

                await().atMost(LONG.multipliedBy(2))
                        .untilAsserted(() -> replicas.httpPorts.forEach((id, port) -> assertThat(kept(port))
                                .as("replica %d says %s%n%s", id, ask(port), replicas.log(id))
                                .isEqualTo(expected)));
            }
        }
        assertThat(slow.asked).hasSize(SlowMiners.pages());
        // Killed: what was read since it was remembered last, and what was on its way. Otherwise: only the latter.
        assertThat(slow.askedAgain()).isLessThanOrEqualTo(SlowMiners.COUNT * (11 + 2 + 2));
    }
}
