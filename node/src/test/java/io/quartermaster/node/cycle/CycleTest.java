package io.quartermaster.node.cycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.ledger.ValidatorStakes;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Epochs, cycles and what can be used in them, with the numbers of ComputeHorde's own clock on subnet 12. */
class CycleTest {
    private static final int EPOCH = 361;
    private static final Hotkey ANNA = new Hotkey("anna");
    private static final Hotkey BERT = new Hotkey("bert");
    private static final Hotkey SMALL = new Hotkey("small");
    private static final Hotkey MINER = new Hotkey("miner");

    @ParameterizedTest
    @CsvSource({"0, -14", "346, -14", "347, 347", "707, 347", "708, 708", "1000, 708", "1068, 708", "1069, 1069"})
    void anEpochIsOfTempoAndOneBlocks(long block, long start) {
        assertThat(Cycle.epochStart(block, 12)).isEqualTo(start);
    }

    @ParameterizedTest
    @CsvSource({
        "0, -14, 708",
        "707, -14, 708",
        "708, 708, 1430",
        "1000, 708, 1430",
        "1069, 708, 1430",
        "1429, 708, 1430",
        "1430, 1430, 2152",
        "5000000, 4999836, 5000558",
        "7000000, 6999776, 7000498"
    })
    void aCycleIsOfTwoEpochs(long block, long start, long stop) {
        assertThat(Cycle.of(block, 12)).isEqualTo(new Cycle(start, stop));
    }

    /** The slow way: back block by block to where an epoch begins, and from block 0's cycle on, one after the other. */
    private static Cycle slowly(long block, int netuid) {
        long start = 0;
        while (Math.floorMod(start + netuid + 2, EPOCH) != 0) {
            start--;
        }
        while (start + 2 * EPOCH <= block) {
            start += 2 * EPOCH;
        }
        return new Cycle(start, start + 2 * EPOCH);
    }

    @Property
    void cyclesFollowEachOtherFromThatOfBlockZero(
            @ForAll @LongRange(max = 100_000) long block, @ForAll @IntRange(max = 65_535) int netuid) {
        assertThat(Cycle.of(block, netuid)).isEqualTo(slowly(block, netuid));
    }

    @Test
    void aCycleHasTwelveSecondsForEachBlockThatIsLeft() {
        assertThat(Cycle.of(1000, 12).secondsLeft(1000)).isEqualTo(430 * 12);
        assertThat(Cycle.of(1429, 12).secondsLeft(1429)).isEqualTo(12);
    }

    @Test
    void theAllowanceOfACycleIsShareTimesExecutorsTimesItsSecondsLessAMargin() {
        CycleAllowances allowances = CycleAllowances.of(
                708, 708, ValidatorStakes.of(List.of(ANNA, BERT, SMALL), 3000, 2000, 1000), Map.of(MINER, 5));

        assertThat(Cycle.secondsPerExecutor()).isEqualTo(2 * 360 * 12 - 30);
        assertThat(allowances.initialNanos(ANNA, MINER) / 1e9).isCloseTo(0.6 * 5 * 8610, within(1e-6));
        assertThat(allowances.initialNanos(BERT, MINER) / 1e9).isCloseTo(0.4 * 5 * 8610, within(1e-6));
    }

    /** Above 1000: one with 1000 has none, and takes nothing from the others. */
    @Test
    void aValidatorWithTooLittleStakeHasNoAllowance() {
        CycleAllowances allowances =
                CycleAllowances.of(708, 708, ValidatorStakes.of(List.of(ANNA, SMALL), 1000.1, 1000), Map.of(MINER, 1));

        assertThat(allowances.initialNanos(SMALL, MINER)).isZero();
        assertThat(allowances.shares()).isEqualTo(Map.of(ANNA, 1.0));
    }

    @Test
    void whoIsNotNamedHasNothing() {
        CycleAllowances allowances =
                CycleAllowances.of(708, 708, ValidatorStakes.of(List.of(ANNA), 10), Map.of(MINER, 1, BERT, 0));

        assertThat(allowances.shares()).isEmpty();
        assertThat(allowances.executors()).isEqualTo(Map.of(MINER, 1));
        assertThat(allowances.initialNanos(ANNA, MINER)).isZero();
        assertThat(allowances.initialNanos(ANNA, BERT)).isZero();
    }
}
