package io.quartermaster.ops.standin;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A replica reads the pages of the last five hours, is killed in the middle, and goes on. Every tenth miner misbehaves. The long
 * form, with 256 miners and three receipts on each page: {@code -Dquartermaster.receipts.miners=256}.
 */
class ReceiptCatchUpTest {
    private static final int MINERS = Integer.getInteger("quartermaster.receipts.miners", 10);
    private static final int ON_A_PAGE = MINERS >= 100 ? 3 : 1;
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

    private static Process replica(Path recording, Path directory, int httpPort) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
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
                        Integer.toString(httpPort),
                        "--port",
                        Integer.toString(freePort()),
                        "--param",
                        "DYNAMIC_RECEIPT_TRANSFER_ENABLED=true")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("replica.log").toFile()))
                .start();
        return process;
    }

    private int kept(int port) {
        return ask(port).path("receiptsKept").asInt(0);
    }

    private JsonNode ask(int port) {
        try {
            return Json.MAPPER.readTree(http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/receipts/transfer"))
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
            Process first = replica(recording, directory, port);
            try {
                await().atMost(LONG).until(() -> kept(port) > expected / 4);
            } finally {
                first.destroyForcibly().waitFor();
            }
            int secondPort = freePort();
            Process second = replica(recording, directory, secondPort);
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
}
