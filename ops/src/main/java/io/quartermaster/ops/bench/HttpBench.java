package io.quartermaster.ops.bench;

import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.app.web.HttpSettings;
import io.quartermaster.node.app.web.ReplicaHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Routes and spends over HTTP: a replica in a process of its own, and beside it a load that does not wait for its answers
 * ({@link HttpLoad}), without and with readers of the stream of events.
 */
public final class HttpBench {
    private static final int MINERS = 256;
    private static final int EXECUTORS = 20;
    private static final int BLOCKS = 800;
    private static final long BLOCK_SECONDS = 12;

    /** A process that has just begun is slow: the load grows, as it would on a replica that has been started. */
    private static final double[] WARM_UP = {0.1, 0.25, 0.5, 0.75, 1};

    private static final int WARM_UP_STEP_SECONDS = 10;

    private final Process process;
    private final URI replica;
    private final int perSecond;
    private final int connections;
    private int loads;

    private HttpBench(Process process, URI replica, int perSecond, int connections) {
        this.process = process;
        this.replica = replica;
        this.perSecond = perSecond;
        this.connections = connections;
    }

    /**
     * Measures.
     *
     * @param seconds how long each load lasts
     * @param perSecond how many pairs are due each second
     * @param connections over how many connections
     * @param readers of the stream of events in the second load; none for no second load
     * @param progress told what goes on
     * @return lines of text
     * @throws IOException if the replica can't be started
     * @throws InterruptedException if the thread is interrupted
     */
    public static List<String> run(int seconds, int perSecond, int connections, int readers, Consumer<String> progress)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), HttpBench.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
        try {
            String url = said.readLine();
            while (url != null && !url.startsWith("http")) {
                url = said.readLine();
            }
            if (url == null) {
                throw new IOException("The replica did not start");
            }
            // What it logs must be read, or it would wait for that some day.
            Thread log = new Thread(() -> said.lines().forEach(progress), "log of the replica");
            log.setDaemon(true);
            log.start();
            return new HttpBench(process, URI.create(url), perSecond, connections).measure(seconds, readers, progress);
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    private List<String> measure(int seconds, int readers, Consumer<String> progress)
            throws IOException, InterruptedException {
        progress.accept("warming up");
        for (double part : WARM_UP) {
            load(Math.max(1, (int) (part * perSecond)), WARM_UP_STEP_SECONDS);
        }
        progress.accept(perSecond + " pairs a second");
        Measured alone = measured(seconds);
        List<String> lines = new ArrayList<>(alone.lines("no reader of events"));
        if (readers > 0) {
            progress.accept("the same beside " + readers + " readers of events");
            try (Audience audience = new Audience(replica, readers)) {
                // What is compiled anew, as readers come for the first time, is not what they cost.
                load(perSecond, WARM_UP_STEP_SECONDS);
                long heardBefore = audience.heardBytes();
                Measured beside = measured(seconds);
                lines.addAll(beside.lines(readers + " readers of events"));
                lines.add(line("sent to the readers", "%10.1f MB", (audience.heardBytes() - heardBefore) / 1e6));
                lines.add(line("readers that the replica left", "%10d", audience.gone()));
                lines.add(line(
                        "route beside them, p50",
                        "%10.2f times as long",
                        beside.load.route().median() / alone.load.route().median()));
                lines.add(line(
                        "route beside them, p99",
                        "%10.2f times as long",
                        beside.load.route().percentile(0.99)
                                / alone.load.route().percentile(0.99)));
            }
        }
        return lines;
    }

    private HttpLoad.Outcome load(int pairsPerSecond, int seconds) throws InterruptedException {
        loads++;
        return new HttpLoad(replica, connections, "bench-" + loads).run(pairsPerSecond, seconds);
    }

    private Measured measured(int seconds) throws InterruptedException {
        Duration before = cpu(process.toHandle());
        Duration ownBefore = cpu(ProcessHandle.current());
        HttpLoad.Outcome outcome = load(perSecond, seconds);
        return new Measured(
                perSecond,
                outcome,
                cpu(process.toHandle()).minus(before),
                cpu(ProcessHandle.current()).minus(ownBefore));
    }

    private static Duration cpu(ProcessHandle of) {
        return of.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** A load, and the processor's time that the replica and the load took meanwhile. */
    private record Measured(int perSecond, HttpLoad.Outcome load, Duration replicaCpu, Duration loadCpu) {
        private List<String> lines(String what) {
            String head = what + ", " + perSecond + " pairs a second due: ";
            List<String> lines = new ArrayList<>();
            lines.add(line(head + "done", "%10.0f /s", load.perSecond()));
            lines.add(line(head + "failed", "%10d", load.failed()));
            load.failures().forEach((kind, count) -> lines.add(line("    " + kind, "%10d", count)));
            lines.add(line(head + "route, p50", "%10.2f ms", load.route().median() / 1e6));
            lines.add(line(head + "route, p99", "%10.2f ms", load.route().percentile(0.99) / 1e6));
            lines.add(line(head + "pair, p50", "%10.2f ms", load.pair().median() / 1e6));
            lines.add(line(head + "pair, p99", "%10.2f ms", load.pair().percentile(0.99) / 1e6));
            lines.add(line(head + "processor, the replica", "%10.3f ms a pair", perPair(replicaCpu)));
            lines.add(line(head + "processor, the load", "%10.3f ms a pair", perPair(loadCpu)));
            return lines;
        }

        private double perPair(Duration cpu) {
            return cpu.toNanos() / 1e6 / load.due();
        }
    }

    private static String line(String what, String format, Object figure) {
        return String.format(Locale.ROOT, "%-75s " + format, what, figure);
    }

    /**
     * Serves a replica until it is killed, and says where. Its chain goes on.
     *
     * @param args none
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String... args) throws InterruptedException {
        BenchChain chain = new BenchChain(MINERS, 6, Bench.CLASSES, EXECUTORS, BLOCKS);
        Replica replica = Replica.replay(chain, ReplicaSettings.defaults());
        ReplicaHttp http = ReplicaHttp.start(replica, HttpSettings.onLoopback(0));
        System.out.println(http.url());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            http.close();
            replica.close();
        }));
        while (true) {
            TimeUnit.SECONDS.sleep(BLOCK_SECONDS);
            replica.take(chain.mint());
        }
    }
}
