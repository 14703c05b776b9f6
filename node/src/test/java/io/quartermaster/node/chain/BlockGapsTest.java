package io.quartermaster.node.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BlockGapsTest {
    private final Set<Long> there = new HashSet<>();
    private final BlockGaps gaps = new BlockGaps(there::contains, 1);

    private void known(long first, long last) {
        for (long block = first; block <= last; block++) {
            there.add(block);
        }
    }

    private long next() {
        OptionalLong due = gaps.due(0);
        there.add(due.orElseThrow());
        gaps.takenIn(due.orElseThrow());
        return due.orElseThrow();
    }

    @Test
    void theNewestHolesComeFirstAndThenTheScanGoesBack() {
        known(950, 1000);
        there.remove(960L);
        gaps.moveTo(1000, 800);

        assertThat(next()).isEqualTo(960);
        assertThat(next()).isEqualTo(949);
        for (long block = 948; block >= 900; block--) {
            assertThat(next()).isEqualTo(block);
        }
        assertThat(next()).as("the scan").isEqualTo(899);
    }

    private void holeThatGrowsOld(long hole, long oldestReachable) {
        known(900, 1000);
        there.remove(hole);
        gaps.moveTo(1000, oldestReachable);
        known(1001, 1010);
        gaps.moveTo(1010, oldestReachable);
    }

    /** A follower that was busy must not leave young holes until it has been through all that is old. */
    @Test
    void aHoleThatHasGrownOldComesBeforeWhatTheScanHasStillToLookAt() {
        holeThatGrowsOld(905, 500);

        assertThat(next()).isEqualTo(905);
        assertThat(next()).isEqualTo(899);
    }

    @Test
    void whatCanNotBeHadIsAskedForAgainLaterAndHoldsNothingUp() {
        holeThatGrowsOld(905, 898);

        gaps.notHad(905, 0);
        assertThat(next()).isEqualTo(899);
        assertThat(next()).isEqualTo(898);
        assertThat(gaps.due(0)).isEmpty();
        assertThat(gaps.due(1)).hasValue(905);
    }

    /** The first node that answers may be hundreds of blocks behind the next one. */
    @Test
    void whatTheHeadLeaptOverIsMissing() {
        known(900, 1000);
        gaps.moveTo(1000, 890);
        known(1300, 1400);
        gaps.moveTo(1400, 890);

        for (long block = 1299; block > 1000; block--) {
            assertThat(next()).isEqualTo(block);
        }
        assertThat(next()).as("the scan").isEqualTo(899);
    }

    @Test
    void whatTheHeadLeaptOverAndIsTooOldIsNotAskedFor() {
        known(900, 1000);
        gaps.moveTo(1000, 0);
        gaps.moveTo(3000, 0);

        assertThat(gaps.all()).hasSize(Follower.ARCHIVE_MAX_LOOKBACK + 1).startsWith(3000L);
    }

    @Test
    void holesThatCanNoLongerBeHadAreGivenUp() {
        known(900, 1000);
        there.removeAll(List.of(905L, 910L, 990L));
        gaps.moveTo(1000, 900);

        assertThat(gaps.givenUp()).isEmpty();
        gaps.moveTo(1001, 920);
        assertThat(gaps.givenUp()).containsExactly(905L, 910L);
        assertThat(gaps.givenUp()).as("told once").isEmpty();
    }
}
