package io.quartermaster.ops.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.chain.ReceiptJson;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.receipts.ReceiptIndex;
import io.quartermaster.node.receipts.ReceiptIndex.Added;
import io.quartermaster.node.receipts.ReceiptPages;
import io.quartermaster.node.receipts.ReceiptSignatures;
import io.quartermaster.node.receipts.ReceiptTransfer;
import io.quartermaster.node.receipts.TransferCheckpoint;
import io.quartermaster.node.receipts.TransferFigures;
import io.quartermaster.node.receipts.TransferPorts;
import io.quartermaster.ops.standin.StandinReceipts.Fault;
import io.quartermaster.ops.standin.StandinReceipts.Served;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Pages of many miners, some of whom misbehave in every way there is. */
class ReceiptTransferTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final KeyPair VALIDATOR = KeyPair.ofSeed(new byte[32]);
    private static final Instant NOW = Instant.parse("2026-11-16T12:02:00Z");
    private static final long PAGE = ReceiptPages.pageOf(NOW);

    private static SignedReceipt started(KeyPair miner, String job, Instant time) {
        Receipt receipt = new Receipt.Started(
                new JobId(job),
                miner.hotkey(),
                VALIDATOR.hotkey(),
                time,
                new ExecutorClass("always_on.test"),
                true,
                Duration.ofSeconds(60));
        return ReceiptSignatures.sign(receipt, VALIDATOR, miner);
    }

    private static byte[] lines(SignedReceipt... receipts) {
        StringBuilder lines = new StringBuilder();
        for (SignedReceipt receipt : receipts) {
            lines.append(ReceiptJson.write(receipt)).append('\n');
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** All that the grid would keep, in memory. */
    private static final class Memory implements TransferPorts {
        private final List<Miner> miners;
        private final ReceiptIndex index = new ReceiptIndex();
        private final Map<Hotkey, TransferCheckpoint> checkpoints = new ConcurrentHashMap<>();
        private final List<String> told = new CopyOnWriteArrayList<>();
        private final AtomicLong taken = new AtomicLong();
        private final AtomicLong unsafe = new AtomicLong();
        private final List<Added> asked = new CopyOnWriteArrayList<>();
        private volatile BooleanSupplier mayAsk = () -> true;

        private Memory(List<Miner> miners) {
            this.miners = miners;
        }

        @Override
        public boolean mayAsk() {
            return mayAsk.getAsBoolean();
        }

        @Override
        public List<Miner> miners() {
            return miners;
        }

        @Override
        public boolean knows(Hotkey validator) {
            return validator.equals(VALIDATOR.hotkey());
        }

        @Override
        public Duration interval() {
            return Duration.ofMillis(100);
        }

        @Override
        public Instant now() {
            return NOW;
        }

        @Override
        public ReceiptIndex index() {
            return index;
        }

        @Override
        public CompletionStage<Added> take(SignedReceipt receipt) {
            Added added = index.add(receipt);
            if (added == Added.NEW) {
                taken.incrementAndGet();
            }
            asked.add(added);
            if (unsafe.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                return CompletableFuture.failedFuture(new GridUnavailable("known here alone"));
            }
            return CompletableFuture.completedFuture(added);
        }

        @Override
        public TransferCheckpoint checkpoint(Hotkey miner) {
            return checkpoints.getOrDefault(miner, TransferCheckpoint.NONE);
        }

        @Override
        public CompletionStage<?> remember(Hotkey miner, TransferCheckpoint checkpoint) {
            checkpoints.put(miner, checkpoint);
            return CompletableFuture.completedFuture(checkpoint);
        }

        @Override
        public void trouble(Hotkey miner, String words) {
            told.add(words);
        }

        @Override
        public void caughtUp(String words) {
            told.add(words);
        }
    }

    private static Served good(KeyPair miner, int job) {
        return new Served(
                miner.hotkey(),
                page -> page > PAGE || page % 3 != 0
                        ? null
                        : lines(started(miner, "job-" + job + "-" + page, Instant.ofEpochSecond(300 * page + 7))),
                Fault.NONE);
    }

    @Test
    void allPagesOfTheLastHoursAreReadWhateverSomeMinersDo() {
        List<Served> served = new ArrayList<>();
        for (Fault fault : Fault.values()) {
            KeyPair miner = VALIDATOR.derive("bad " + fault);
            if (fault != Fault.NONE) {
                served.add(new Served(miner.hotkey(), page -> lines(started(miner, fault + "-" + page, NOW)), fault));
            }
        }
        for (int i = 0; i < 20; i++) {
            served.add(good(VALIDATOR.derive("good " + i), i));
        }
        TransferFigures figures = new TransferFigures();
        try (StandinReceipts miners = StandinReceipts.start(0, served)) {
            Memory memory = new Memory(miners.miners());
            long pages = 0;
            for (long page = PAGE; page > PAGE - 62; page--) {
                pages += page % 3 == 0 ? 1 : 0;
            }
            long expected = 20 * pages;
            try (ReceiptTransfer transfer = new ReceiptTransfer(memory, figures)) {
                transfer.start();
                await().atMost(LONG).until(() -> memory.taken.get() >= expected);
                await().atMost(LONG)
                        .until(() -> figures.snapshot().transferErrorsTotal().size() >= 5);
            }
            assertThat(memory.taken).hasValue(expected);
            assertThat(figures.snapshot().receiptsTotal()).isEqualTo(expected);
            assertThat(figures.snapshot().lineErrorsTotal()).containsKey("MALFORMED");
            assertThat(figures.snapshot().transferErrorsTotal())
                    .containsKeys("TIMEOUT", "COMPRESSION", "RANGE", "STATUS", "CONNECTION");
        }
    }

    @Test
    void whatIsAddedToAPageIsReadOnceAndFromWhereItBegins() {
        KeyPair miner = VALIDATOR.derive("growing");
        List<SignedReceipt> written = new CopyOnWriteArrayList<>();
        written.add(started(miner, "first", NOW));
        byte[] half = "{\"payload\":{\"job".getBytes(StandardCharsets.UTF_8);
        Served growing = new Served(
                miner.hotkey(),
                page -> {
                    if (page != PAGE) {
                        return null;
                    }
                    byte[] whole = lines(written.toArray(SignedReceipt[]::new));
                    byte[] all = Arrays.copyOf(whole, whole.length + half.length);
                    System.arraycopy(half, 0, all, whole.length, half.length);
                    return all;
                },
                Fault.NONE);
        TransferFigures figures = new TransferFigures();
        try (StandinReceipts miners = StandinReceipts.start(0, List.of(growing))) {
            Memory memory = new Memory(miners.miners());
            try (ReceiptTransfer transfer = new ReceiptTransfer(memory, figures)) {
                transfer.start();
                await().atMost(LONG).until(() -> memory.taken.get() == 1);
                written.add(started(miner, "second", NOW.plusSeconds(1)));
                written.add(started(miner, "first", NOW.plusSeconds(2)));
                await().atMost(LONG).until(() -> memory.taken.get() == 2);
                await().atMost(LONG)
                        .until(() -> memory.checkpoint(miner.hotkey()).at(PAGE).bytes()
                                == lines(written.toArray(SignedReceipt[]::new)).length);
            }
            assertThat(figures.snapshot().lineErrorsTotal()).isEqualTo(Map.of("CONTRADICTS", 1L));
            assertThat(figures.snapshot().transferErrorsTotal()).isEmpty();
        }
    }

    /** What this replica has decided is in its index at once, and may never reach another one. */
    @Test
    void aPageIsNotMarkedAsReadBeforeWhatFailedIsSafe() {
        KeyPair miner = VALIDATOR.derive("unsafe");
        byte[] page = lines(started(miner, "job-1", NOW.minusSeconds(5)), started(miner, "job-2", NOW.minusSeconds(4)));
        Served served = new Served(miner.hotkey(), number -> number == PAGE ? page : null, Fault.NONE);
        try (StandinReceipts miners = StandinReceipts.start(0, List.of(served))) {
            Memory memory = new Memory(miners.miners());
            memory.unsafe.set(2);
            try (ReceiptTransfer transfer = new ReceiptTransfer(memory, new TransferFigures())) {
                transfer.start();
                await().atMost(LONG)
                        .until(() -> memory.checkpoint(miner.hotkey()).at(PAGE).bytes() == page.length);
            }
            assertThat(memory.asked).containsExactly(Added.NEW, Added.NEW, Added.KNOWN, Added.KNOWN);
        }
    }

    @Test
    void linesThatAreNotTheMinersOwnOrNotSignedAreLeftOutOneByOne() {
        KeyPair miner = VALIDATOR.derive("lying");
        KeyPair other = VALIDATOR.derive("other");
        SignedReceipt good = started(miner, "good", NOW);
        SignedReceipt forged = new SignedReceipt(
                started(miner, "forged", NOW).receipt(), good.validatorSignature(), good.minerSignature());
        Receipt unknown = new Receipt.Started(
                new JobId("unknown"),
                miner.hotkey(),
                other.hotkey(),
                NOW,
                new ExecutorClass("always_on.test"),
                true,
                Duration.ofSeconds(1));
        byte[] page = lines(
                forged,
                started(other, "of-another-miner", NOW),
                ReceiptSignatures.sign(unknown, other, miner),
                started(miner, "from-the-future", NOW.plusSeconds(3_600)),
                good);
        Served lying = new Served(miner.hotkey(), number -> number == PAGE - 5 ? page : null, Fault.NONE);
        TransferFigures figures = new TransferFigures();
        try (StandinReceipts miners = StandinReceipts.start(0, List.of(lying))) {
            Memory memory = new Memory(miners.miners());
            try (ReceiptTransfer transfer = new ReceiptTransfer(memory, figures)) {
                transfer.start();
                await().atMost(LONG).until(() -> memory.told.stream().anyMatch(words -> words.contains("all pages")));
            }
            assertThat(memory.taken).hasValue(1);
            assertThat(figures.snapshot().lineErrorsTotal())
                    .isEqualTo(
                            Map.of("BAD_SIGNATURE", 1L, "OTHER_MINER", 1L, "UNKNOWN_VALIDATOR", 1L, "IMPLAUSIBLE", 1L));
        }
    }

    /** So many that there are not enough threads to ask them all at once. */
    private static StandinReceipts silent() {
        return StandinReceipts.start(
                0,
                IntStream.range(0, 70)
                        .mapToObj(
                                i -> new Served(VALIDATOR.derive("silent " + i).hotkey(), page -> null, Fault.SILENT))
                        .toList());
    }

    @Test
    void whoeverClosesItDoesNotWaitForMinersAndNoneIsAskedAnyMore() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        try (StandinReceipts miners = silent()) {
            ReceiptTransfer transfer = new ReceiptTransfer(new Memory(miners.miners()), new TransferFigures());
            transfer.start();
            await().atMost(LONG).until(() -> miners.requests() >= 50);

            assertTimeout(Duration.ofSeconds(4), transfer::close);

            // A pool has terminated a moment before its last thread has.
            await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> !before.contains(thread))
                    .noneMatch(thread -> thread.getName().startsWith("receipts")));
        }
    }

    @Test
    void nobodyIsAskedWhenAnotherReplicaMayAsk() {
        List<Served> served = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            served.add(good(VALIDATOR.derive("good " + i), i));
        }
        try (StandinReceipts miners = StandinReceipts.start(0, served)) {
            Memory memory = new Memory(miners.miners());
            AtomicLong allowed = new AtomicLong(20);
            memory.mayAsk = () -> allowed.decrementAndGet() >= 0;
            try (ReceiptTransfer transfer = new ReceiptTransfer(memory, new TransferFigures())) {
                transfer.start();
                await().atMost(LONG).until(() -> allowed.get() < -20);
            }
            assertThat(miners.requests()).isBetween(1L, 20L);
        }
    }
}
