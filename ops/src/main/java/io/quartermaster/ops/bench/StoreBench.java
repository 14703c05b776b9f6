package io.quartermaster.ops.bench;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.grid.GridSettings;
import io.quartermaster.node.store.Durability;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What a replica's disk costs: bytes for a booking, the time of a cold start, and how large the files become over the days. */
public final class StoreBench {
    private static final int MINERS = 256;
    private static final int EXECUTORS = 20;
    private static final int BLOCKS = 2_166;
    private static final int BOOKINGS = 100_000;
    private static final int CALLERS = 32;
    private static final int BLOCKS_AN_HOUR = 300;
    private static final double MEGABYTE = 1024.0 * 1024.0;

    private final Path directory;
    private final Consumer<String> progress;
    private final AtomicLong jobs = new AtomicLong();

    /** On a machine that is busy otherwise a call may take longer than anybody waits; a long run goes on all the same. */
    private final AtomicLong unknown = new AtomicLong();

    private final BenchChain chain = new BenchChain(MINERS, 6, Bench.CLASSES, EXECUTORS, BLOCKS);

    private StoreBench(Path directory, Consumer<String> progress) {
        this.directory = directory;
        this.progress = progress;
    }

    /**
     * Measures.
     *
     * @param directory where the replica keeps its files; should not be there yet
     * @param hours how many hours of the chain to run, with twenty routes a second
     * @param routesASecond of the chain's time
     * @param progress told what goes on
     * @return lines of text
     * @throws IOException if the files can't be looked at
     * @throws InterruptedException if the thread is interrupted
     */
    public static List<String> run(Path directory, int hours, int routesASecond, Consumer<String> progress)
            throws IOException, InterruptedException {
        return new StoreBench(directory, progress).run(hours, routesASecond);
    }

    private ReplicaSettings settings() {
        return ReplicaSettings.defaults()
                .withGrid(GridSettings.alone().withDirectory(directory, Durability.REPLICATED));
    }

    private List<String> run(int hours, int routesASecond) throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>();
        progress.accept("taking in " + BLOCKS + " blocks of " + MINERS + " miners");
        try (Replica replica = Replica.replay(chain, settings())) {
            long before = bytes("journal-");
            int measured = 20_000;
            book(replica, measured, chain.mint().timeMillis(), false);
            lines.add(line(
                    "bytes written for a booking that is spent",
                    (bytes("journal-") - before) / (double) measured,
                    "B"));
            progress.accept(BOOKINGS + " bookings");
            book(replica, BOOKINGS - measured, chain.mint().timeMillis(), false);
        }
        lines.add(line(
                "files with " + MINERS + " miners, " + BLOCKS + " blocks, " + BOOKINGS + " bookings",
                bytes("") / MEGABYTE,
                "MB"));
        progress.accept("cold start");
        lines.addAll(coldStart());
        if (hours > 0) {
            try (Replica replica = Replica.replay(new BenchChain(0, 6, Bench.CLASSES, 1, 0), settings())) {
                double most = 0;
                for (int hour = 1; hour <= hours; hour++) {
                    for (int block = 0; block < BLOCKS_AN_HOUR; block++) {
                        var seen = chain.mint();
                        replica.take(seen);
                        book(replica, 12 * routesASecond, seen.timeMillis(), true);
                    }
                    double size = bytes("") / MEGABYTE;
                    most = Math.max(most, size);
                    progress.accept(String.format(
                            Locale.ROOT, "hour %d of %d: %.0f MB on disk, at most %.0f", hour, hours, size, most));
                }
                lines.add(line(
                        "files at most in " + hours + " hours of " + routesASecond + " jobs a second, with receipts",
                        most,
                        "MB"));
                lines.add(line("bookings of these whose outcome stayed unknown", (double) unknown.get(), ""));
            }
            lines.addAll(coldStart());
        }
        return lines;
    }

    /** Reserves a block and spends it, from many callers at once; with the receipts of the job. */
    private void book(Replica replica, int bookings, long timeMillis, boolean withReceipts)
            throws InterruptedException {
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        List<Future<?>> all = new ArrayList<>();
        AtomicLong left = new AtomicLong(bookings);
        long block = replica.allowance().currentBlock();
        for (int i = 0; i < CALLERS; i++) {
            all.add(callers.submit(() -> {
                while (left.decrementAndGet() >= 0) {
                    try {
                        bookOne(replica, block, timeMillis, withReceipts);
                    } catch (OutcomeUnknown e) {
                        unknown.incrementAndGet();
                    }
                }
            }));
        }
        callers.shutdown();
        for (Future<?> one : all) {
            try {
                one.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("A booking failed: " + e.getCause(), e.getCause());
            }
        }
    }

    private void bookOne(Replica replica, long block, long timeMillis, boolean withReceipts) {
        long number = jobs.incrementAndGet();
        JobId job = new JobId("job-" + number);
        Hotkey miner = new Hotkey("5Miner%042d".formatted(number % MINERS));
        ExecutorClass executorClass = Bench.CLASSES.get((int) (number / MINERS % Bench.CLASSES.size()));
        Reservation made = replica.allowance().reserveAllowance(miner, executorClass, 5, block, job);
        replica.allowance().spendAllowance(made.id());
        if (withReceipts) {
            Instant time = Instant.ofEpochMilli(timeMillis);
            Hotkey validator = chain.info().validator();
            String signature = "0x" + "ab".repeat(64);
            replica.take(new SignedReceipt(
                    new Receipt.Started(job, miner, validator, time, executorClass, true, Duration.ofSeconds(30)),
                    signature,
                    signature));
            replica.take(new SignedReceipt(
                    new Receipt.Finished(
                            job, miner, validator, time.plusSeconds(5), time, Duration.ofSeconds(5), 5, made.blocks()),
                    signature,
                    signature));
        }
    }

    /** In a process of its own, from its very beginning. */
    private List<String> coldStart() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreBench.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new GridUnavailable("The replica did not start again: " + said);
        }
        return said.lines().toList();
    }

    /**
     * Starts a replica on what is there, and says how long after the process began it served.
     *
     * @param args the directory
     */
    public static void main(String... args) {
        StoreBench bench = new StoreBench(Path.of(args[0]), step -> {});
        long loaded = ManagementFactory.getRuntimeMXBean().getUptime();
        try (Replica replica = Replica.replay(new BenchChain(0, 6, Bench.CLASSES, 1, 0), bench.settings())) {
            long served = ManagementFactory.getRuntimeMXBean().getUptime();
            System.out.println(line(
                    "cold start with " + replica.ledgers().size() + " ledgers, until it serves, " + loaded
                            + " ms of it the JVM's",
                    served / 1000.0,
                    "s"));
        }
    }

    private static String line(String figure, double measured, String unit) {
        return String.format(Locale.ROOT, "%-90s %10.1f %s", figure, measured, unit);
    }

    private long bytes(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith(prefix))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
