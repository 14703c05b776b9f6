package io.quartermaster.ops.bench;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.receipts.ReceiptSignatures;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** How many receipts a second are verified, both signatures of each: one by one and many together, by one thread and by two. */
public final class ReceiptBench {
    private static final int RECEIPTS = 2_048;
    private static final int TO_REACH = 10_000;
    private static final int VALIDATORS = 20;
    private static final int MINERS = 256;
    private static final Instant BEGAN = Instant.parse("2026-01-01T00:00:00Z");

    /** One in so many is forged, where some are: a page with one bad line. */
    private static final int FORGED_EVERY = 1_024;

    private final int seconds;
    private final Consumer<String> progress;

    private ReceiptBench(int seconds, Consumer<String> progress) {
        this.seconds = seconds;
        this.progress = progress;
    }

    /**
     * Measures.
     *
     * @param seconds how long each of the figures takes, and half as long before that to warm up
     * @param progress told what is being done
     * @return the figures
     * @throws InterruptedException if the thread is interrupted
     */
    public static List<Bench.Row> run(int seconds, Consumer<String> progress) throws InterruptedException {
        return new ReceiptBench(seconds, progress).rows();
    }

    private List<Bench.Row> rows() throws InterruptedException {
        progress.accept("signing " + RECEIPTS + " receipts of " + VALIDATORS + " validators and " + MINERS + " miners");
        KeyPair root = KeyPair.ofSeed(new byte[32]);
        List<KeyPair> validators = IntStream.range(0, VALIDATORS)
                .mapToObj(i -> root.derive("validator " + i))
                .toList();
        List<KeyPair> miners = IntStream.range(0, MINERS)
                .mapToObj(i -> root.derive("miner " + i))
                .toList();
        List<SignedReceipt> receipts = IntStream.range(0, RECEIPTS)
                .parallel()
                .mapToObj(i -> receipt(i, validators.get(i % VALIDATORS), miners.get(i % MINERS)))
                .toList();
        List<SignedReceipt> someForged = new ArrayList<>(receipts);
        for (int i = 0; i < RECEIPTS; i += FORGED_EVERY) {
            SignedReceipt good = receipts.get(i);
            someForged.set(i, new SignedReceipt(good.receipt(), good.minerSignature(), good.validatorSignature()));
        }
        List<Bench.Row> rows = new ArrayList<>();
        for (int threads = 1; threads <= 2; threads++) {
            ForkJoinPool pool = new ForkJoinPool(threads);
            try {
                String by = threads == 1 ? ", one thread" : ", two threads";
                rows.add(row("one by one" + by, rate(pool, () -> oneByOne(receipts), 0), 0));
                rows.add(row("together" + by, rate(pool, () -> flaws(receipts), 0), threads == 1 ? 0 : TO_REACH));
                rows.add(row(
                        "together, one in " + FORGED_EVERY + " forged" + by,
                        rate(pool, () -> flaws(someForged), RECEIPTS / FORGED_EVERY),
                        0));
            } finally {
                pool.shutdown();
            }
        }
        return rows;
    }

    private static SignedReceipt receipt(int number, KeyPair validator, KeyPair miner) {
        ExecutorClass executorClass = Bench.CLASSES.get(number % Bench.CLASSES.size());
        JobId job = new JobId("job-" + number);
        Instant time = BEGAN.plusMillis(number);
        Receipt receipt = number % 2 == 0
                ? new Receipt.Started(
                        job, miner.hotkey(), validator.hotkey(), time, executorClass, true, Duration.ofSeconds(60))
                : new Receipt.Finished(
                        job,
                        miner.hotkey(),
                        validator.hotkey(),
                        time.plusSeconds(30),
                        time,
                        Duration.ofSeconds(30),
                        30,
                        List.of(1_000_000L + number, 1_000_001L + number, 1_000_002L + number));
        return ReceiptSignatures.sign(receipt, validator, miner);
    }

    private static int oneByOne(List<SignedReceipt> receipts) {
        return (int) receipts.parallelStream()
                .filter(receipt -> ReceiptSignatures.flaw(receipt).isPresent())
                .count();
    }

    private static int flaws(List<SignedReceipt> receipts) {
        return (int) ReceiptSignatures.flaws(receipts).stream()
                .filter(Optional::isPresent)
                .count();
    }

    private Bench.Row row(String figure, double measured, int toReach) {
        progress.accept("%s: %.0f receipts a second".formatted(figure, measured));
        String target = toReach == 0 ? "" : "at least " + toReach;
        return new Bench.Row("receipts verified " + figure, measured, "/s", target, measured >= toReach, "");
    }

    /** By the threads of a pool: what runs in one in parallel takes no others. */
    private double rate(ForkJoinPool pool, Callable<Integer> verification, int forged) throws InterruptedException {
        repeated(pool, verification, forged, seconds / 2.0);
        return repeated(pool, verification, forged, seconds);
    }

    private static double repeated(ForkJoinPool pool, Callable<Integer> verification, int forged, double seconds)
            throws InterruptedException {
        long began = System.nanoTime();
        int rounds = 0;
        do {
            try {
                int found = pool.submit(verification).get();
                if (found != forged) {
                    throw new IllegalStateException(found + " receipts were found to be forged, not " + forged);
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException("The verification failed: " + e.getCause(), e.getCause());
            }
            rounds++;
        } while (System.nanoTime() - began < seconds * 1e9);
        return rounds * (double) RECEIPTS / ((System.nanoTime() - began) / 1e9);
    }
}
