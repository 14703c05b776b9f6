package io.quartermaster.node.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.node.chain.SimulatedMiners.Manner;
import io.quartermaster.node.chain.SimulationSettings.MinerMix;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimulatedMinersTest {
    private static final int JOBS = 2000;

    private final SimulatedMiners miners = new SimulatedMiners(1, new MinerMix(0.2, 0.2, 0.2, 0.2));

    private static Stream<Hotkey> hotkeys() {
        return IntStream.range(0, 1000).mapToObj(i -> new Hotkey("5Miner" + i));
    }

    private Hotkey miner(Manner manner) {
        return hotkeys()
                .filter(miner -> miners.manner(miner) == manner)
                .findFirst()
                .orElseThrow();
    }

    private List<Fate> fates(Hotkey miner) {
        return IntStream.range(0, JOBS)
                .mapToObj(i -> miners.fate(miner, new JobId("job-" + i)))
                .toList();
    }

    private static double share(List<Fate> fates, Class<? extends Fate> kind) {
        return (double) fates.stream().filter(kind::isInstance).count() / fates.size();
    }

    @ParameterizedTest
    @EnumSource
    void eachMannerHasItsShareOfTheMiners(Manner manner) {
        assertThat(hotkeys().filter(miner -> miners.manner(miner) == manner)).hasSizeBetween(150, 250);
    }

    @Test
    void aFateDependsOnSeedMinerAndJobAlone() {
        SimulatedMiners same = new SimulatedMiners(1, new MinerMix(0.2, 0.2, 0.2, 0.2));
        SimulatedMiners other = new SimulatedMiners(2, new MinerMix(0.2, 0.2, 0.2, 0.2));
        Hotkey miner = new Hotkey("5Miner");
        JobId job = new JobId("job");

        assertThat(same.fate(miner, job)).isEqualTo(miners.fate(miner, job));
        assertThat(other.fate(miner, job)).isNotEqualTo(miners.fate(miner, job));
        assertThat(miners.fate(new Hotkey("5Other"), job)).isNotEqualTo(miners.fate(miner, job));
        assertThat(miners.fate(miner, new JobId("job2"))).isNotEqualTo(miners.fate(miner, job));
    }

    @Test
    void minersAreWhatTheirMannerSays() {
        assertThat(share(fates(miner(Manner.RELIABLE)), Fate.Succeeds.class)).isGreaterThan(0.95);
        assertThat(share(fates(miner(Manner.FAILING)), Fate.Fails.class)).isBetween(0.4, 0.5);
        assertThat(share(fates(miner(Manner.DECLINING)), Fate.Declines.class)).isBetween(0.45, 0.55);
        assertThat(share(fates(miner(Manner.DECLINING)), Fate.TimesOut.class)).isBetween(0.1, 0.2);
        assertThat(share(fates(miner(Manner.BUSY)), Fate.Declines.class)).isBetween(0.65, 0.75);
        assertThat(fates(miner(Manner.SLOW)))
                .filteredOn(Fate.Succeeds.class::isInstance)
                .allSatisfy(fate -> assertThat(fate.after(100)).isGreaterThanOrEqualTo(Duration.ofSeconds(90)));
    }

    @ParameterizedTest
    @EnumSource
    void aJobThatSucceedsDoesSoInTime(Manner manner) {
        assertThat(fates(miner(manner))).allSatisfy(fate -> {
            assertThat(fate.after(100)).isPositive();
            if (fate instanceof Fate.Succeeds) {
                assertThat(fate.after(100)).isLessThanOrEqualTo(Duration.ofSeconds(100));
            }
        });
    }

    @Test
    void withNoBadMinersAllAreReliable() {
        SimulatedMiners good = new SimulatedMiners(1, MinerMix.reliable());

        assertThat(hotkeys()).allMatch(miner -> good.manner(miner) == Manner.RELIABLE);
    }

    @Test
    void jobsComeAtTheirRateWithPlausibleLengths() {
        List<ExecutorClass> classes = List.of(new ExecutorClass("a"), new ExecutorClass("b"));
        SimulatedJobs jobs = new SimulatedJobs(1, classes, 30);
        List<SimulatedJobs.Job> all =
                LongStream.range(0, JOBS).mapToObj(i -> jobs.next()).toList();

        assertThat(all).extracting(SimulatedJobs.Job::seconds).allMatch(seconds -> seconds >= 5 && seconds <= 600);
        assertThat(all).filteredOn(job -> job.seconds() <= 60).hasSizeBetween(JOBS * 45 / 100, JOBS * 60 / 100);
        assertThat(all).filteredOn(job -> job.seconds() >= 240).hasSizeBetween(JOBS * 5 / 100, JOBS * 15 / 100);
        assertThat(all).extracting(SimulatedJobs.Job::executorClass).containsAll(classes);
        assertThat(all).extracting(SimulatedJobs.Job::id).doesNotHaveDuplicates();
        assertThat(all)
                .allSatisfy(job ->
                        assertThat(UUID.fromString(job.id().value()).version()).isEqualTo(4));
        double minutes =
                all.stream().mapToDouble(job -> job.gap().toNanos() / 60e9).sum();
        assertThat(JOBS / minutes).isBetween(27.0, 33.0);
    }

    @Test
    void jobsDependOnTheSeedAlone() {
        List<ExecutorClass> classes = List.of(new ExecutorClass("a"));
        SimulatedJobs jobs = new SimulatedJobs(1, classes, 30);
        jobs.next();

        assertThat(jobs.next()).isEqualTo(new SimulatedJobs(1, classes, 30).job(1));
        assertThat(new SimulatedJobs(2, classes, 30).job(1).id())
                .isNotEqualTo(jobs.job(1).id());
    }

    @Test
    void aRateMustBeAboveZeroAndThereMustBeAClass() {
        assertThatThrownBy(() -> new SimulatedJobs(1, List.of(new ExecutorClass("a")), 0))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageStartingWith("jobsPerMinute is 0.0");
        assertThatThrownBy(() -> new SimulatedJobs(1, List.of(), 1)).isInstanceOf(InvalidArgument.class);
    }
}
