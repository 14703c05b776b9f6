package io.quartermaster.ops.chaos;

import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.grid.Experiment;
import io.quartermaster.node.routing.RoutingSettings;
import io.quartermaster.node.store.Durability;
import io.quartermaster.ops.chaos.ReplicaBench.Measured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** One replica beside three, in one run: what a majority costs. All replicas and all callers share this machine. */
public final class ReplicasBench {
    private static final int[] CALLERS = {1, 8, 64};

    private ReplicasBench() {}

    /**
     * A line of the table.
     *
     * @param setting how many replicas, and where a change must be before it counts
     * @param measured what was measured
     */
    record Line(String setting, Measured measured) {}

    /**
     * Measures.
     *
     * @param miners how many miners the subnet has
     * @param seconds for each figure
     * @param diskMillis how much longer each write to a disk takes than it does here, in milliseconds; more than 0 measures only what
     *     waits for disks
     * @param progress told what goes on
     * @return lines of a table, as text, with a header
     * @throws IOException if no temporary files can be made
     * @throws InterruptedException if the thread is interrupted
     */
    public static List<String> run(int miners, int seconds, int diskMillis, Consumer<String> progress)
            throws IOException, InterruptedException {
        List<Line> lines = new ArrayList<>();
        for (int replicas : new int[] {1, 3}) {
            for (Durability durability : diskMillis > 0 ? List.of(Durability.FSYNC) : List.of(Durability.values())) {
                String setting = replicas
                        + (replicas == 1 ? " replica, " : " replicas, ")
                        + durability.name().toLowerCase(Locale.ROOT);
                progress.accept(setting);
                measure(replicas, durability, miners, seconds, diskMillis)
                        .forEach(measured -> lines.add(new Line(setting, measured)));
            }
        }
        List<String> text = new ArrayList<>();
        text.add(String.format(
                Locale.ROOT,
                "%-22s %-14s %8s %10s %10s %10s %8s",
                "",
                "",
                "callers",
                "a second",
                "p50 ms",
                "p99 ms",
                "refused"));
        for (Line line : lines) {
            text.add(String.format(
                    Locale.ROOT,
                    "%-22s %-14s %8d %10.0f %10.2f %10.2f %8d",
                    line.setting(),
                    line.measured().what(),
                    line.measured().callers(),
                    line.measured().perSecond(),
                    line.measured().p50Millis(),
                    line.measured().p99Millis(),
                    line.measured().failed()));
        }
        return text;
    }

    private static List<Measured> measure(int replicas, Durability durability, int miners, int seconds, int diskMillis)
            throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("quartermaster-bench");
        ChaosRun.Settings settings = new ChaosRun.Settings(
                replicas,
                0,
                1,
                0,
                miners,
                6,
                durability,
                Experiment.NONE,
                directory,
                List.of(),
                false,
                RoutingSettings.By.ALLOWANCE,
                0,
                0);
        List<Measured> measured = new ArrayList<>();
        try (ChaosRun grid = new ChaosRun(settings, text -> {})) {
            for (int callers : CALLERS) {
                for (String line : grid.bench(callers, seconds, diskMillis)) {
                    measured.add(Json.MAPPER.readValue(line, Measured.class));
                }
            }
        } finally {
            Directories.delete(directory);
        }
        return measured;
    }
}
