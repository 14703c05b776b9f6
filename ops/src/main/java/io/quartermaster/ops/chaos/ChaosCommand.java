package io.quartermaster.ops.chaos;

import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.grid.Experiment;
import io.quartermaster.node.routing.RoutingSettings;
import io.quartermaster.node.store.Durability;
import io.quartermaster.ops.bench.Sample;
import io.quartermaster.ops.chaos.CallLog.Kind;
import io.quartermaster.ops.chaos.ChaosFigures.Recovery;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The fault test. */
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        description =
                "Runs real replicas under load, kills, pauses and cuts them off, and checks that the books were kept.",
        footer = {
            "%nEach replica is a process in a network namespace of its own, which needs root and the commands ip and iptables;",
            "without them the faults of the network are left out, and said so. Exit code 1: a rule was broken."
        })
public final class ChaosCommand implements Callable<Integer> {
    @Option(
            names = "--replicas",
            defaultValue = "3",
            description = "How many replicas, 3 or 5 (default: ${DEFAULT-VALUE}).")
    private int replicas;

    @Option(
            names = "--seconds",
            defaultValue = "60",
            description = "Of load and faults in each run (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--runs",
            defaultValue = "1",
            description = "How many runs, each with the next seed (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--seed", defaultValue = "1", description = "Draws faults and calls (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--one-at-a-time",
            description = "Wait until all replicas serve again before the next fault: for times of taking over.")
    private boolean oneAtATime;

    @Option(
            names = "--rate",
            defaultValue = "60",
            description =
                    "Jobs a second that arrive at each replica; each makes about two calls (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--router",
            defaultValue = "allowance",
            description = "By what jobs are routed: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private RoutingSettings.By router = RoutingSettings.By.ALLOWANCE;

    @Option(
            names = "--executors",
            defaultValue = "0",
            description =
                    "The most executors of a class that a miner has (default: as many as are simulated, up to 8).")
    private int executors;

    @Option(
            names = "--callers",
            defaultValue = "0",
            description = "So many callers that each wait for their answer, instead of jobs that arrive at a rate.")
    private int callers;

    @Option(names = "--miners", defaultValue = "40", description = "Simulated miners (default: ${DEFAULT-VALUE}).")
    private int miners;

    @Option(
            names = "--silence",
            defaultValue = "6",
            description = "The grid's --silence, in seconds (default: ${DEFAULT-VALUE}).")
    private int silence;

    @Option(
            names = "--durability",
            defaultValue = "FSYNC",
            description = "The replicas' --durability: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Durability durability = Durability.FSYNC;

    @Option(
            names = "--experiment",
            defaultValue = "NONE",
            description = {
                "Break something on purpose, to see that it is found, or let the engine alone keep the books:",
                "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})."
            })
    private Experiment experiment = Experiment.NONE;

    @Option(names = "--faults", split = ",", description = "Only these faults: ${COMPLETION-CANDIDATES}.")
    private List<Fault> faults = List.of();

    @Option(names = "--no-faults", description = "Load alone, to measure.")
    private boolean noFaults;

    @Option(names = "--report", paramLabel = "FILE", description = "Write the time lines as a page (HTML).")
    private @Nullable Path report;

    @Option(names = "--keep", paramLabel = "DIRECTORY", description = "Keep logs, journals and dumps here.")
    private @Nullable Path keep;

    @Option(names = "--check", paramLabel = "DIRECTORY", description = "Run nothing; check what a run has kept here.")
    private @Nullable Path check;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (check != null) {
            ChaosChecker.Findings findings = ChaosRun.check(check);
            ChaosChecker.words(findings).forEach(out::println);
            out.println(findings.calls() + " calls, " + findings.count() + " violations");
            return findings.count() == 0 ? 0 : 1;
        }
        Instant began = Instant.now();
        List<ChaosRun.Result> results = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
            results.add(one(run, err));
            if (report != null) {
                Files.writeString(
                        report,
                        ChaosReport.page("Quartermaster fault test", results, ChaosFigures.recoveries(results)));
            }
        }
        Map<String, Recovery> recoveries = ChaosFigures.recoveries(results);
        Totals totals = Totals.of(results);
        if (json) {
            out.println(Json.MAPPER.writeValueAsString(summary(totals, results, recoveries)));
        } else {
            print(totals, results, recoveries, Duration.between(began, Instant.now()), out);
        }
        return totals.violations() + totals.troubles().size() == 0 ? 0 : 1;
    }

    private ChaosRun.Result one(int run, PrintWriter err) throws IOException, InterruptedException {
        Path directory = keep == null
                ? Files.createTempDirectory("quartermaster-chaos")
                : Files.createDirectories(keep.resolve("seed-" + (seed + run)));
        List<Fault> drawn = noFaults ? List.of() : faults.isEmpty() ? List.of(Fault.values()) : faults;
        ChaosRun.Settings settings = new ChaosRun.Settings(
                replicas,
                seconds,
                seed + run,
                rate,
                miners,
                silence,
                durability,
                experiment,
                directory,
                drawn,
                oneAtATime,
                router,
                executors,
                callers);
        try (ChaosRun chaos =
                new ChaosRun(settings, text -> err.println("run " + (run + 1) + " of " + runs + ": " + text))) {
            if (!chaos.network() && !noFaults) {
                err.println(
                        "No network namespaces can be made here (root, ip and iptables are needed): the faults of the"
                                + " network are left out");
            }
            if (!chaos.disks() && drawn.contains(Fault.FULL_DISK)) {
                err.println("No file systems can be mounted here (root is needed): full disks are left out");
            }
            ChaosRun.Result result = chaos.run();
            err.println("run " + (run + 1) + " of " + runs + ": seed " + settings.seed() + ", "
                    + result.findings().calls() + " calls, " + result.happened().size() + " faults, "
                    + result.findings().count() + " violations");
            ChaosChecker.words(result.findings()).forEach(err::println);
            result.troubles().forEach(err::println);
            return result;
        } finally {
            if (keep == null) {
                Directories.delete(directory);
            }
        }
    }

    /** What all runs amount to. */
    private record Totals(int calls, int succeeded, int faults, int violations, List<String> troubles) {
        static Totals of(List<ChaosRun.Result> results) {
            int calls = 0;
            int succeeded = 0;
            int faults = 0;
            int violations = 0;
            List<String> troubles = new ArrayList<>();
            for (ChaosRun.Result result : results) {
                calls += result.findings().calls();
                succeeded += result.findings().succeeded();
                faults += result.happened().size();
                violations += result.findings().count();
                troubles.addAll(result.troubles());
            }
            return new Totals(calls, succeeded, faults, violations, troubles);
        }
    }

    private Map<String, Object> summary(
            Totals totals, List<ChaosRun.Result> results, Map<String, Recovery> recoveries) {
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("experiment", experiment.name());
        summary.put("runs", results.size());
        summary.put("calls", totals.calls());
        summary.put("succeeded", totals.succeeded());
        summary.put("faults", totals.faults());
        summary.put("violations", totals.violations());
        summary.put(
                "found",
                results.stream()
                        .flatMap(result -> ChaosChecker.words(result.findings()).stream())
                        .toList());
        summary.put("troubles", totals.troubles());
        summary.put("recoveries", recoveries);
        return summary;
    }

    private void print(
            Totals totals,
            List<ChaosRun.Result> results,
            Map<String, Recovery> recoveries,
            Duration took,
            PrintWriter out) {
        out.println(String.format(
                Locale.ROOT,
                "%d replicas, %s: %d runs in %d min, %,d calls (%,d succeeded), %d faults: %d violations",
                replicas,
                experiment,
                results.size(),
                took.toMinutes(),
                totals.calls(),
                totals.succeeded(),
                totals.faults(),
                totals.violations()));
        Map<CallLog.Outcome, Long> outcomes = new EnumMap<>(CallLog.Outcome.class);
        results.stream()
                .flatMap(result -> result.attempts().stream())
                .flatMap(attempt -> attempt.outcome().stream())
                .forEach(outcome -> outcomes.merge(outcome, 1L, Long::sum));
        out.println("  answers  " + outcomes);
        for (Kind kind : Kind.values()) {
            Sample millis = ChaosFigures.latencies(results, kind);
            if (millis.size() > 0) {
                out.println(String.format(
                        Locale.ROOT,
                        "  %-8s %,9d   p50 %.0f ms, p99 %.0f ms",
                        kind.name().toLowerCase(Locale.ROOT),
                        millis.size(),
                        millis.median(),
                        millis.percentile(0.99)));
            }
        }
        Sample takeOvers = Sample.of(results.stream()
                .flatMap(result -> result.followerTakeOvers().stream())
                .toList());
        if (durability == Durability.REPLICATED) {
            out.println(String.format(
                    Locale.ROOT,
                    "Longest that anything was acknowledged and not on a replica's disk: %.1f ms",
                    results.stream()
                            .mapToDouble(ChaosRun.Result::worstUnforcedMillis)
                            .max()
                            .orElse(0)));
        }
        if (takeOvers.size() > 0) {
            out.println(String.format(
                    Locale.ROOT,
                    "A killed follower of the chain is replaced: %d trials, median %.1f s, worst %.1f s",
                    takeOvers.size(),
                    takeOvers.median() / 1000,
                    takeOvers.worst() / 1000));
        }
        if (!recoveries.isEmpty()) {
            out.println("After a fault, on the replicas that it did not hit:");
            out.println(row("", ChaosFigures.RECOVERY));
            recoveries.forEach((fault, recovery) -> out.println(row(fault, recovery.cells())));
        }
    }

    private static String row(String fault, List<String> cells) {
        return String.format(
                Locale.ROOT,
                "  %-18s %7s %15s %8s %10s %17s %8s",
                Stream.concat(Stream.of(fault), cells.stream()).toArray());
    }
}
