package io.quartermaster.ops.chaos;

import io.quartermaster.ops.bench.Sample;
import io.quartermaster.ops.chaos.CallLog.Attempt;
import io.quartermaster.ops.chaos.CallLog.Kind;
import io.quartermaster.ops.chaos.CallLog.Outcome;
import io.quartermaster.ops.chaos.ChaosRun.Happened;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How long it took until all was well again after each fault. */
final class ChaosFigures {
    /** A fault's consequences are looked for so long after its beginning. */
    private static final long WINDOW_MILLIS = 30_000;

    private static final long SLOW_MILLIS = 1000;

    private ChaosFigures() {}

    /**
     * The recovery from faults of one kind.
     *
     * @param trials how many there were in which a replica was called that was not hit
     * @param medianMillis until the last call failed, or took more than a second, on the replicas that were not hit
     * @param worstMillis the same
     * @param routed in how many of them one of those routed a job before the fault was over; the next two are of these
     * @param medianFirstMillis until the first job was routed
     * @param worstFirstMillis the same
     */
    record Recovery(
            int trials,
            double medianMillis,
            double worstMillis,
            int routed,
            double medianFirstMillis,
            double worstFirstMillis) {
        /** As cells of a row of a table. */
        List<String> cells() {
            return List.of(
                    Integer.toString(trials),
                    seconds(medianMillis),
                    seconds(worstMillis),
                    Integer.toString(routed),
                    routed == 0 ? "-" : seconds(medianFirstMillis),
                    routed == 0 ? "-" : seconds(worstFirstMillis));
        }

        private static String seconds(double millis) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000);
        }
    }

    /** What {@link Recovery#cells} are. */
    static final List<String> RECOVERY =
            List.of("trials", "all well again", "worst", "routed in", "first job routed", "worst");

    static Map<String, Recovery> recoveries(List<ChaosRun.Result> results) {
        Map<String, List<Trial>> byFault = new TreeMap<>();
        for (ChaosRun.Result result : results) {
            for (Happened fault : result.happened()) {
                recovery(fault, result.attempts())
                        .ifPresent(
                                trial -> byFault.computeIfAbsent(fault.fault().words(), key -> new ArrayList<>())
                                        .add(trial));
            }
        }
        Map<String, Recovery> recoveries = new TreeMap<>();
        byFault.forEach((fault, trials) -> {
            Sample well = Sample.of(trials.stream().map(Trial::wellMillis).toList());
            Sample first = Sample.of(trials.stream()
                    .flatMap(trial -> trial.firstMillis().stream())
                    .toList());
            recoveries.put(
                    fault,
                    new Recovery(
                            well.size(), well.median(), well.worst(), first.size(), first.median(), first.worst()));
        });
        return recoveries;
    }

    /** Until all was well, and until the first job was routed, if one was. */
    private record Trial(long wellMillis, Optional<Long> firstMillis) {}

    /** Empty if all replicas were hit, so that none can tell how the others fared. */
    private static Optional<Trial> recovery(Happened fault, List<Attempt> attempts) {
        long from = fault.beganMillis();
        // What goes on until the fault is over is the fault itself.
        long until = Math.min(fault.endedMillis(), from + WINDOW_MILLIS);
        boolean called = false;
        long well = 0;
        Optional<Long> first = Optional.empty();
        for (Attempt attempt : attempts) {
            if (attempt.beganMillis() < from || attempt.beganMillis() > until || hit(fault, attempt)) {
                continue;
            }
            called = true;
            boolean answered = attempt.answered() && attempt.endedMillis() - attempt.beganMillis() <= SLOW_MILLIS;
            boolean bad = !answered || attempt.was(Outcome.UNKNOWN) || attempt.was(Outcome.UNAVAILABLE);
            if (bad) {
                well = Math.max(well, Math.min(attempt.endedMillis(), until) - from);
            } else if (attempt.kind() == Kind.ROUTE && attempt.was(Outcome.OK)) {
                long millis = attempt.endedMillis() - from;
                first = Optional.of(first.map(least -> Math.min(least, millis)).orElse(millis));
            }
        }
        return called ? Optional.of(new Trial(well, first)) : Optional.empty();
    }

    private static boolean hit(Happened fault, Attempt attempt) {
        int replica = attempt.log().charAt("calls-".length()) - '0';
        return fault.victims().contains(replica);
    }

    /** A second of the time line. */
    record Second(int succeeded, int refused, int failed, double p50Millis, double p99Millis) {}

    static List<Second> seconds(ChaosRun.Result result) {
        int count = (int) ((result.endedMillis() - result.beganMillis()) / 1000) + 1;
        List<List<Long>> latencies = new ArrayList<>();
        int[][] sums = new int[count][3];
        for (int i = 0; i < count; i++) {
            latencies.add(new ArrayList<>());
        }
        for (Attempt attempt : result.attempts()) {
            int second = (int) ((attempt.beganMillis() - result.beganMillis()) / 1000);
            if (second >= 0 && second < count) {
                boolean failed = !attempt.answered()
                        || attempt.was(Outcome.UNKNOWN)
                        || attempt.was(Outcome.UNAVAILABLE)
                        || attempt.was(Outcome.FAULT);
                sums[second][attempt.was(Outcome.OK) ? 0 : failed ? 2 : 1]++;
                if (attempt.answered()) {
                    latencies.get(second).add(attempt.endedMillis() - attempt.beganMillis());
                }
            }
        }
        List<Second> seconds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Sample millis = Sample.of(latencies.get(i));
            seconds.add(new Second(sums[i][0], sums[i][1], sums[i][2], millis.median(), millis.percentile(0.99)));
        }
        return seconds;
    }

    /** How long the calls of a kind took that succeeded, in milliseconds. */
    static Sample latencies(List<ChaosRun.Result> results, Kind kind) {
        return Sample.of(results.stream()
                .flatMap(result -> result.attempts().stream())
                .filter(attempt -> attempt.kind() == kind && attempt.was(Outcome.OK))
                .map(attempt -> attempt.endedMillis() - attempt.beganMillis())
                .toList());
    }
}
