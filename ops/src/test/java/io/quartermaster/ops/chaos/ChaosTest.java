package io.quartermaster.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.node.grid.Experiment;
import io.quartermaster.node.routing.RoutingSettings;
import io.quartermaster.node.store.Durability;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of the fault test, with fixed seeds: three real processes, their network and the checker. */
class ChaosTest {
    private static ChaosRun.Result run(Path directory, int seconds, Experiment experiment, List<Fault> faults)
            throws InterruptedException {
        ChaosRun.Settings settings = new ChaosRun.Settings(
                3,
                seconds,
                7,
                40,
                40,
                6,
                Durability.REPLICATED,
                experiment,
                directory,
                faults,
                false,
                RoutingSettings.By.ALLOWANCE,
                0,
                0);
        return run(settings);
    }

    private static ChaosRun.Result run(ChaosRun.Settings settings) throws InterruptedException {
        List<Fault> faults = settings.faults();
        try (ChaosRun chaos = new ChaosRun(settings, text -> System.out.println("chaos: " + text))) {
            if (!chaos.network()) {
                System.out.println("chaos: SKIPPED the faults of the network: no namespaces can be made here");
            }
            if (faults.contains(Fault.FULL_DISK) && !chaos.disks()) {
                System.out.println("chaos: SKIPPED full disks: no file systems can be mounted here");
            }
            return chaos.run();
        }
    }

    private static void theBooksAreKept(Path directory, List<Fault> faults) throws InterruptedException {
        ChaosRun.Result result = run(directory, 45, Experiment.NONE, faults);

        assertThat(ChaosChecker.words(result.findings())).isEmpty();
        assertThat(result.troubles()).isEmpty();
        assertThat(result.happened()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(result.findings().succeeded()).isGreaterThan(1000);
    }

    @Test
    void theBooksAreKeptWhateverHappensToAMinority(@TempDir Path directory) throws Exception {
        theBooksAreKept(directory, List.of(Fault.KILL_FOLLOWER, Fault.HALVES, Fault.KILL_ALL));
    }

    @Test
    void theBooksAreKeptWhateverHappensToDisks(@TempDir Path directory) throws Exception {
        theBooksAreKept(directory, List.of(Fault.LOSE_DISK, Fault.FULL_DISK, Fault.TORN_TAIL));
    }

    /** Few executors and many callers, so that they fight for each slot; the long form: {@code qm chaos --router cycle}. */
    @Test
    void noMinerIsFilledAboveItsExecutorsWhereJobsAreRoutedByCycle(@TempDir Path directory) throws Exception {
        ChaosRun.Result result = run(new ChaosRun.Settings(
                3,
                15,
                7,
                0,
                40,
                6,
                Durability.REPLICATED,
                Experiment.NONE,
                directory,
                List.of(Fault.KILL_ONE),
                false,
                RoutingSettings.By.CYCLE,
                3,
                64));

        assertThat(ChaosChecker.words(result.findings())).isEmpty();
        assertThat(result.troubles()).isEmpty();
        assertThat(result.findings().succeeded()).isGreaterThan(300);
        assertThat(result.attempts().stream()
                        .filter(attempt -> attempt.details().contains("AllMinersBusy")))
                .as("miners were full")
                .isNotEmpty();
    }

    /** The checker must find what is broken in real processes, too. The other experiments are run on request. */
    @Test
    void aGridThatForgetsSpendingsIsFound(@TempDir Path directory) throws Exception {
        ChaosRun.Result result = run(directory, 8, Experiment.FORGET_SPENDING, List.of());

        assertThat(result.findings().violations()).containsKey("every acknowledged spend is spent");
    }
}
