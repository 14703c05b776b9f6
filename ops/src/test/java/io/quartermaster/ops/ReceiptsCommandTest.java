package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.app.web.ReplicaHttp;
import io.quartermaster.node.chain.ChainInfo;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.Observation.Validator;
import io.quartermaster.node.chain.ReceiptJson;
import io.quartermaster.node.chain.RecordedChain;
import io.quartermaster.node.chain.RecordingWriter;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.receipts.ReceiptSignatures;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code qm receipts} and {@code qm audit} against a running replica that keeps the books of a validator and a miner. */
@SuppressWarnings("NullAway.Init") // set before all tests
class ReceiptsCommandTest {
    private static final KeyPair VALIDATOR = KeyPair.ofSeed(new byte[32]);
    private static final KeyPair MINER = VALIDATOR.derive("miner");
    private static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");
    private static final Instant BEGAN = Instant.parse("2026-11-16T12:00:00Z");
    private static final long FIRST = 100;
    private static final long NEWEST = 120;

    @TempDir
    private static Path directory;

    private static Replica replica;
    private static ReplicaHttp http;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** Two executors, one validator: a block is worth 24 s. */
    @BeforeAll
    static void start() {
        Path recording = directory.resolve("subnet.jsonl");
        Neuron neuron =
                new Neuron(0, new Hotkey("5Cold"), new Miner(MINER.hotkey(), "10.0.0.1", 8000, 4, Optional.empty()));
        try (RecordingWriter writer =
                RecordingWriter.create(recording, new ChainInfo(12, VALIDATOR.hotkey(), 0, Map.of()))) {
            writer.write(new ManifestsSeen(FIRST, Map.of(MINER.hotkey(), Map.of(GPU, 2)), Map.of()));
            for (long block = FIRST; block <= NEWEST; block++) {
                writer.write(new BlockSeen(
                        block,
                        at(block).toEpochMilli(),
                        Optional.empty(),
                        List.of(neuron),
                        List.of(new Validator(VALIDATOR.hotkey(), 1, 100))));
            }
        }
        replica = Replica.replay(RecordedChain.open(recording, Double.POSITIVE_INFINITY), ReplicaSettings.defaults());
        http = ReplicaHttp.start(replica, 0);
    }

    @AfterAll
    static void stop() {
        http.close();
        replica.close();
    }

    private static Instant at(long block) {
        return BEGAN.plusSeconds(12 * (block - FIRST));
    }

    private static SignedReceipt started(String job) {
        Receipt receipt = new Receipt.Started(
                new JobId(job),
                MINER.hotkey(),
                VALIDATOR.hotkey(),
                at(110).plusSeconds(1),
                GPU,
                true,
                Duration.ofSeconds(60));
        return ReceiptSignatures.sign(receipt, VALIDATOR, MINER);
    }

    private static SignedReceipt finished(String job, double seconds, Long... blocks) {
        Receipt receipt = new Receipt.Finished(
                new JobId(job),
                MINER.hotkey(),
                VALIDATOR.hotkey(),
                at(112),
                at(110).plusSeconds(1),
                Duration.ofSeconds(20),
                seconds,
                List.of(blocks));
        return ReceiptSignatures.sign(receipt, VALIDATOR, MINER);
    }

    private String file(SignedReceipt receipt) throws IOException {
        return Files.writeString(Files.createTempFile(directory, "receipt", ".json"), ReceiptJson.write(receipt) + "\n")
                .toString();
    }

    @Test
    void aReceiptIsTakenInOnceAndThenShown() throws Exception {
        String start = file(started("shown"));

        assertThat(qm("receipts", "add", start)).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualToIgnoringNewLines("taken in");
        out.getBuffer().setLength(0);
        assertThat(qm("receipts", "add", start)).isZero();
        assertThat(out.toString()).isEqualToIgnoringNewLines("was known");

        String end = file(finished("shown", 20, 109L, 110L));
        assertThat(ask("receipts", "add", end).get("isNew").asBoolean()).isTrue();
        assertThat(ask("receipts", "add", end).get("isNew").asBoolean()).isFalse();

        out.getBuffer().setLength(0);
        assertThat(qm("receipts", "list", "--job", "shown")).isZero();
        assertThat(out.toString().lines().skip(1).map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "2026-11-16T12:02:24Z Finished shown " + MINER.hotkey() + " " + VALIDATOR.hotkey()
                                + " 20.000000 s, 2 blocks",
                        "2026-11-16T12:02:01Z Started shown " + MINER.hotkey() + " " + VALIDATOR.hotkey()
                                + " always_on.gpu-24gb for 60 s");
        JsonNode known = ask("receipts", "list", "--job", "shown");
        assertThat(known.get(1)).isEqualTo(Json.MAPPER.readTree(Files.readString(Path.of(start))));
        assertThat(ask("receipts", "list", "--validator", MINER.hotkey().value()))
                .isEmpty();
    }

    @Test
    void aJobIsPaidWithItsBlocksAndNoOtherJobWithThem() throws Exception {
        String[] first = {
            "receipts", "validate", "--finished", file(finished("first", 20, 105L)), "--started", file(started("first"))
        };
        assertThat(qm(first)).as(err.toString()).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "paid: 24.000 of 20.000 s",
                        "spendable [105]",
                        "outsideRange []",
                        "alreadySpent []",
                        "invalidated []");
        JsonNode again = ask(first);
        assertThat(again.get("paid").asBoolean()).isTrue();
        assertThat(again.get("details").get("spendable").toString()).isEqualTo("[105]");

        String[] second = {
            "receipts",
            "validate",
            "--finished",
            file(finished("second", 30, 105L, 106L, 113L)),
            "--started",
            file(started("second"))
        };
        out.getBuffer().setLength(0);
        assertThat(qm(second)).as("it was judged").isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "not paid: 24.000 of 30.000 s",
                        "spendable [106]",
                        "outsideRange [113]",
                        "alreadySpent [105]",
                        "invalidated []");
        assertThat(ask(second).get("paid").asBoolean()).isFalse();
    }

    @Test
    void whatIsForgedOrContradictsOrIsNoReceiptIsRefusedWithItsReason() throws Exception {
        SignedReceipt good = started("refused");
        SignedReceipt forged = new SignedReceipt(
                good.receipt(), good.validatorSignature(), started("other").minerSignature());
        assertThat(qm("receipts", "add", file(forged))).isEqualTo(ExitCodes.REFUSED);
        assertThat(err.toString())
                .contains("ReceiptForged")
                .contains(MINER.hotkey().value());
        assertThat(ask("receipts", "list", "--job", "refused")).isEmpty();

        String start = file(good);
        assertThat(qm(
                        "receipts",
                        "validate",
                        "--finished",
                        file(finished("refused", 1, 104L)),
                        "--started",
                        file(forged)))
                .isEqualTo(ExitCodes.REFUSED);
        assertThat(qm("receipts", "validate", "--finished", start, "--started", start))
                .isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("receipts", "add", directory.resolve("none").toString())).isEqualTo(ExitCodes.BAD_INPUT);
        Path nonsense = Files.writeString(directory.resolve("nonsense"), "[1,");
        assertThat(qm("receipts", "add", nonsense.toString())).isEqualTo(ExitCodes.BAD_INPUT);
        Path two =
                Files.writeString(directory.resolve("two"), ReceiptJson.write(good) + "\n" + ReceiptJson.write(good));
        assertThat(qm("receipts", "add", two.toString())).isEqualTo(ExitCodes.BAD_INPUT);
        Path list = Files.writeString(directory.resolve("list"), "[" + ReceiptJson.write(good) + "]");
        assertThat(qm("receipts", "add", list.toString())).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(ask("receipts", "list", "--job", "refused")).isEmpty();
    }

    @Test
    void aFileThatDoesNotFitIntoMemoryIsAnsweredInALine() throws Exception {
        Path huge = directory.resolve("huge");
        try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
            // Sparse: it takes no room on disk.
            file.setLength(1L << 32);
        }
        assertThat(qm("receipts", "add", huge.toString())).isEqualTo(ExitCodes.INTERNAL);
        assertThat(err.toString())
                .contains("too little memory")
                .contains("-Xmx")
                .hasLineCount(1);
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
