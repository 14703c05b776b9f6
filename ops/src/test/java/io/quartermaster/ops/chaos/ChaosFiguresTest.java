package io.quartermaster.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.quartermaster.ops.chaos.CallLog.Attempt;
import io.quartermaster.ops.chaos.CallLog.Kind;
import io.quartermaster.ops.chaos.CallLog.Outcome;
import io.quartermaster.ops.chaos.ChaosFigures.Recovery;
import io.quartermaster.ops.chaos.ChaosRun.Happened;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChaosFiguresTest {
    private static final long BEGAN = 100_000;

    @Test
    void theOthersRecoverOnceTheirLastCallHasFailedAndTheFirstJobIsRouted() {
        assertThat(recoveries(
                        Fault.KILL_ONE,
                        List.of(2),
                        route(1, 100, 900, Outcome.UNKNOWN),
                        route(3, 200, 700, Outcome.OK),
                        route(1, 1000, 1100, Outcome.OK),
                        route(2, 2000, 9000, Outcome.UNKNOWN)))
                .containsExactly(entry("kill one", new Recovery(1, 900, 900, 1, 700, 700)));
    }

    @Test
    void aTrialInWhichNoJobWasRoutedSaysSo() {
        assertThat(recoveries(Fault.KILL_ALL_BUT_ONE, List.of(1, 2), route(3, 100, 900, Outcome.UNKNOWN))
                        .values())
                .singleElement()
                .satisfies(trial -> assertThat(trial.cells()).containsExactly("1", "0.9 s", "0.9 s", "0", "-", "-"));
    }

    @Test
    void whereAllAreHitThereAreNoOthers() {
        assertThat(recoveries(Fault.KILL_ALL, List.of(1, 2, 3), route(1, 100, 900, Outcome.UNKNOWN)))
                .isEmpty();
    }

    private static Map<String, Recovery> recoveries(Fault fault, List<Integer> victims, Attempt... attempts) {
        Happened happened = new Happened(fault, "", BEGAN, BEGAN + 10_000, victims);
        return ChaosFigures.recoveries(List.of(new ChaosRun.Result(
                new ChaosChecker.Findings(Map.of(), 1, 1, 1, 0),
                List.of(attempts),
                List.of(happened),
                List.of(),
                List.of(),
                0,
                BEGAN,
                BEGAN + 10_000)));
    }

    private static Attempt route(int replica, long began, long ended, Outcome outcome) {
        return new Attempt(
                "calls-" + replica + "-1.log",
                began,
                "op",
                Kind.ROUTE,
                "",
                BEGAN + began,
                0,
                BEGAN + ended,
                0,
                List.of(outcome),
                List.of(),
                "");
    }
}
