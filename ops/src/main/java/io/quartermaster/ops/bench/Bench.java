package io.quartermaster.ops.bench;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.Refused;
import io.quartermaster.api.Reservation;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The measurements: a replica of its own for each, in this process, in memory. */
public final class Bench {
    static final List<ExecutorClass> CLASSES = Stream.of(
                    "always_on.gpu-24gb",
                    "always_on.test",
                    "always_on.llm.a6000",
                    "always_on.cpu.8c.16gb",
                    "spin_up-4min.gpu-24gb")
            .map(ExecutorClass::new)
            .toList();
    private static final ExecutorClass GPU = CLASSES.get(0);
    private static final int EXECUTORS = 20;
    private static final double MEGABYTE = 1024.0 * 1024.0;

    private final int miners;
    private final int validators;
    private final int blocks;
    private final int callers;
    private final int seconds;
    private final Consumer<String> progress;
    private final AtomicLong jobs = new AtomicLong();

    /**
     * One figure.
     *
     * @param figure what was measured
     * @param measured what was seen
     * @param unit in what
     * @param target what is to be reached, with its direction; empty if nothing is
     * @param met whether it is reached; true where there is no target
     * @param before what the system that this replaces took, where that is known
     */
    public record Row(String figure, double measured, String unit, String target, boolean met, String before) {}

    /**
     * Prepares.
     *
     * @param miners how many miners
     * @param validators how many validators
     * @param blocks how many blocks
     * @param callers how many callers route at once
     * @param seconds how long they do
     * @param progress told what is being done
     */
    public Bench(int miners, int validators, int blocks, int callers, int seconds, Consumer<String> progress) {
        this.miners = miners;
        this.validators = validators;
        this.blocks = blocks;
        this.callers = callers;
        this.seconds = seconds;
        this.progress = progress;
    }

    /**
     * The machine and the process that were measured.
     *
     * @return one line
     */
    public static String machine() {
        return "%s %s, %d cores, %s %s, heap of at most %.0f MB"
                .formatted(
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("java.vm.name"),
                        System.getProperty("java.version"),
                        Runtime.getRuntime().maxMemory() / MEGABYTE);
    }

    /**
     * Measures the calls.
     *
     * @return the figures, in order
     */
    public List<Row> calls() {
        List<Row> rows = new ArrayList<>();
        BenchChain chain = new BenchChain(miners, validators, CLASSES, EXECUTORS, blocks);
        progress.accept("taking in " + blocks + " blocks of " + miners + " miners");
        try (Replica replica = Replica.replay(chain, ReplicaSettings.defaults())) {
            progress.accept("ingest");
            Sample ingest = Sample.of(300, 300, () -> replica.take(chain.mint()));
            rows.add(atMost("ingest of a block, p50", ingest.median() / 1000, "ms", 1, "660"));
            rows.add(plain("ingest of a block, p99", ingest.percentile(0.99) / 1000, "ms"));
            progress.accept("find");
            Sample find = Sample.of(20_000, 20_000, () -> find(replica));
            rows.add(atMost("find, p50", find.median() / 1000, "ms", 0.1, "340"));
            rows.add(plain("find, p99", find.percentile(0.99) / 1000, "ms"));
            for (int jobSeconds : new int[] {60, 1800}) {
                progress.accept("reserve for " + jobSeconds + " s");
                Sample reserve = reserve(replica, jobSeconds, 20_000);
                String before = jobSeconds == 60 ? "24000" : "58000";
                rows.add(atMost("reserve for " + jobSeconds + " s, p50", reserve.median(), "us", 50, before));
                rows.add(plain("reserve for " + jobSeconds + " s, p99", reserve.percentile(0.99), "us"));
            }
            progress.accept("reserve + spend, one caller");
            rows.add(new Row("reserve + spend, one caller", reserveAndSpend(replica), "/s", "", true, "38"));
        }
        progress.accept("routes, " + callers + " callers for " + seconds + " s");
        routes(rows);
        return rows;
    }

    private List<?> find(Replica replica) {
        return replica.allowance()
                .findMinersWithAllowance(60, GPU, replica.allowance().currentBlock());
    }

    private Sample reserve(Replica replica, int jobSeconds, int runs) {
        List<Hotkey> keys = replica.allowance().manifests().stream()
                .map(manifest -> manifest.miner())
                .distinct()
                .toList();
        double[] micros = new double[runs];
        for (int i = -runs / 2; i < runs; i++) {
            Hotkey miner = keys.get(Math.floorMod(i, keys.size()));
            JobId job = new JobId("job-" + jobs.incrementAndGet());
            long block = replica.allowance().currentBlock();
            long begin = System.nanoTime();
            Reservation made = replica.allowance().reserveAllowance(miner, GPU, jobSeconds, block, job);
            if (i >= 0) {
                micros[i] = (System.nanoTime() - begin) / 1000.0;
            }
            replica.allowance().undoAllowanceReservation(made.id());
        }
        return Sample.of(micros);
    }

    private double reserveAndSpend(Replica replica) {
        List<Hotkey> keys = replica.allowance().manifests().stream()
                .map(manifest -> manifest.miner())
                .distinct()
                .toList();
        long begin = System.nanoTime();
        int done = 0;
        try {
            while (System.nanoTime() - begin < 3_000_000_000L) {
                ExecutorClass executorClass = CLASSES.get(done % CLASSES.size());
                Hotkey miner = keys.get(done / CLASSES.size() % keys.size());
                Reservation made = replica.allowance()
                        .reserveAllowance(
                                miner,
                                executorClass,
                                1,
                                replica.allowance().currentBlock(),
                                new JobId("job-" + jobs.incrementAndGet()));
                replica.allowance().spendAllowance(made.id());
                done++;
            }
        } catch (Refused allSpent) {
            progress.accept("all allowance of a miner is spent after " + done);
        }
        return done / ((System.nanoTime() - begin) / 1e9);
    }

    /** Closed loop: each caller routes, then undoes, so that allowance does not run out however long it goes on. */
    private void routes(List<Row> rows) {
        BenchChain chain = new BenchChain(miners, validators, CLASSES, EXECUTORS, blocks);
        try (Replica replica = Replica.replay(chain, ReplicaSettings.defaults())) {
            run(replica, 1, Math.max(2, seconds / 2));
            Rate alone = run(replica, 1, Math.max(2, seconds / 2));
            rows.add(plain("route, one caller, p50", alone.latency.median() / 1000, "ms"));
            rows.add(plain("route, one caller, p99", alone.latency.percentile(0.99) / 1000, "ms"));
            Rate rate = run(replica, callers, seconds);
            boolean met = rate.perSecond >= 10_000;
            rows.add(new Row(
                    "routes (each undone), " + callers + " callers",
                    rate.perSecond,
                    "/s",
                    "at least 10000",
                    met,
                    "3.2"));
            rows.add(plain("route, " + callers + " callers, p50", rate.latency.median() / 1000, "ms"));
            rows.add(plain("route, " + callers + " callers, p99", rate.latency.percentile(0.99) / 1000, "ms"));
        }
    }

    private record Rate(double perSecond, Sample latency) {}

    private Rate run(Replica replica, int threads, int runSeconds) {
        LongAdder routed = new LongAdder();
        List<double[]> micros = new ArrayList<>();
        List<Thread> running = new ArrayList<>();
        long end = System.nanoTime() + runSeconds * 1_000_000_000L;
        for (int i = 0; i < threads; i++) {
            ExecutorClass executorClass = CLASSES.get(i % CLASSES.size());
            Thread thread = new Thread(() -> {
                double[] mine = routeUntil(replica, executorClass, end);
                routed.add(mine.length);
                synchronized (micros) {
                    micros.add(mine);
                }
            });
            running.add(thread);
            thread.start();
        }
        running.forEach(Bench::join);
        double[] all = micros.stream().flatMapToDouble(Arrays::stream).toArray();
        return new Rate(routed.sum() / (double) runSeconds, Sample.of(all));
    }

    private double[] routeUntil(Replica replica, ExecutorClass executorClass, long end) {
        List<Double> mine = new ArrayList<>();
        while (System.nanoTime() < end) {
            OrganicJobRequest request =
                    OrganicJobRequest.of(new JobId("job-" + jobs.incrementAndGet()), executorClass, 10);
            long begin = System.nanoTime();
            JobRoute route = replica.routing().pickMinerForJobRequest(request);
            mine.add((System.nanoTime() - begin) / 1000.0);
            replica.allowance().undoAllowanceReservation(route.reservation().orElseThrow());
        }
        return mine.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Measures how the figures grow with the number of miners.
     *
     * @param sizes how many miners; the first is compared with
     * @return the figures
     */
    public List<Row> growth(int... sizes) {
        List<Row> rows = new ArrayList<>();
        double firstFind = 0;
        double firstRoute = 0;
        double firstIngest = 0;
        for (int size : sizes) {
            progress.accept("growth: " + size + " miners");
            BenchChain chain = new BenchChain(size, validators, CLASSES, EXECUTORS, blocks);
            try (Replica replica = Replica.replay(chain, ReplicaSettings.defaults())) {
                double find = Sample.of(2_000, 2_000, () -> find(replica)).median() / 1000;
                run(replica, 1, 2);
                double route = run(replica, 1, 2).latency.median() / 1000;
                double ingest =
                        Sample.of(100, 100, () -> replica.take(chain.mint())).median() / 1000;
                firstFind = firstFind == 0 ? find : firstFind;
                firstRoute = firstRoute == 0 ? route : firstRoute;
                firstIngest = firstIngest == 0 ? ingest : firstIngest;
                double linear = size / (double) sizes[0];
                rows.add(grown(size + " miners: find, p50", find, firstFind, linear));
                rows.add(grown(size + " miners: route, p50", route, firstRoute, linear));
                rows.add(grown(size + " miners: ingest, p50", ingest, firstIngest, linear));
            }
        }
        return rows;
    }

    /**
     * Measures the heap that the whole state takes: 256 miners, 64 validators, 5 classes, 2,166 blocks.
     *
     * @return the figure
     */
    public List<Row> heap() {
        progress.accept("heap: 256 miners x 64 validators x 5 classes x 2166 blocks");
        double empty;
        try (Replica replica = Replica.replay(new BenchChain(1, 1, CLASSES, 1, 2), ReplicaSettings.defaults())) {
            empty = usedMegabytes();
            progress.accept("an empty replica at block " + replica.status().block() + ": " + empty + " MB");
        }
        BenchChain chain = new BenchChain(256, 64, CLASSES, EXECUTORS, 2166);
        try (Replica replica = Replica.replay(chain, ReplicaSettings.defaults())) {
            for (ExecutorClass executorClass : CLASSES) {
                replica.allowance()
                        .findMinersWithAllowance(
                                60, executorClass, replica.allowance().currentBlock());
            }
            double full = usedMegabytes();
            progress.accept(replica.status().blocksKept() + " blocks are kept");
            return List.of(atMost("heap of the whole state", full - empty, "MB", 64, "3000 (disk)"));
        }
    }

    private static double usedMegabytes() {
        for (int i = 0; i < 3; i++) {
            ManagementFactory.getMemoryMXBean().gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MEGABYTE;
    }

    private static Row atMost(String figure, double measured, String unit, double target, String before) {
        return new Row(
                figure, measured, unit, String.format(Locale.ROOT, "under %s", target), measured < target, before);
    }

    private static Row plain(String figure, double measured, String unit) {
        return new Row(figure, measured, unit, "", true, "");
    }

    private static Row grown(String figure, double measured, double first, double linear) {
        return new Row(
                figure,
                measured,
                "ms",
                String.format(Locale.ROOT, "x%.1f, linear is x%.1f", measured / first, linear),
                measured / first <= linear * 1.05,
                "");
    }
}
