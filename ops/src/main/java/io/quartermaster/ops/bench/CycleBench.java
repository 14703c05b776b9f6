package io.quartermaster.ops.bench;

import io.quartermaster.api.JobId;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.params.Parameter;
import io.quartermaster.node.routing.RoutingSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** How long a route by cycle takes: one caller, one replica in memory, for some numbers of miners. */
public final class CycleBench {
    private static final int EXECUTORS = 20;

    /** Executors are kept for a moment only, so that they do not run out however many jobs there are. */
    private static final Map<String, String> PARAMETERS = Map.of(
            Parameter.ROUTING_PRELIMINARY_RESERVATION_TIME_SECONDS.key(), "0.01",
            Parameter.ALLOW_CROSS_CYCLE_ORGANIC_JOBS.key(), "true");

    private CycleBench() {}

    /**
     * Measures routes.
     *
     * @param seconds how long, for each number of miners, and half as long before that to warm up
     * @param progress told what is being done
     * @param sizes how many miners
     * @return the figures
     */
    public static List<Bench.Row> routes(int seconds, Consumer<String> progress, int... sizes) {
        List<Bench.Row> rows = new ArrayList<>();
        for (int miners : sizes) {
            progress.accept("routes by cycle, " + miners + " miners");
            ReplicaSettings settings = ReplicaSettings.defaults()
                    .withParams(PARAMETERS)
                    .withRouting(RoutingSettings.defaults().withRouter(RoutingSettings.By.CYCLE));
            BenchChain chain = new BenchChain(miners, 6, Bench.CLASSES, EXECUTORS, 100);
            try (Replica replica = Replica.replay(chain, settings)) {
                route(replica, "warm", Math.max(2, seconds / 2));
                Sample micros = route(replica, "job", seconds);
                rows.add(row(miners + " miners: route by cycle, p50", micros.median()));
                rows.add(row(miners + " miners: route by cycle, p99", micros.percentile(0.99)));
            }
        }
        return rows;
    }

    private static Bench.Row row(String figure, double micros) {
        return new Bench.Row(figure, micros / 1000, "ms", "", true, "");
    }

    private static Sample route(Replica replica, String name, int seconds) {
        List<Double> micros = new ArrayList<>();
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        for (int i = 0; System.nanoTime() < end; i++) {
            OrganicJobRequest request =
                    OrganicJobRequest.of(new JobId(name + "-" + i), Bench.CLASSES.get(i % Bench.CLASSES.size()), 10);
            long begin = System.nanoTime();
            replica.routing().pickMinerForJobRequest(request);
            micros.add((System.nanoTime() - begin) / 1000.0);
        }
        return Sample.of(micros.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
