package io.quartermaster.node.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.Hotkey;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BlockTableTest {
    private static final ValidatorStakes STAKES = ValidatorStakes.of(List.of(new Hotkey("5Validator")), 1000);

    private static BlockRecord seen(long number) {
        return BlockRecord.seen(number, number * 12_000, Optional.empty(), STAKES, "neurons");
    }

    private static BlockTable table(BlockRecord... records) {
        return BlockTable.over(neurons -> Set.of()).with(List.of(records));
    }

    @Test
    void seeingABlockFinalisesTheOneBeforeIt() {
        assertThat(table(seen(100)).changesFor(seen(101), 1.0))
                .containsExactly(seen(101), seen(100).finalisedBy(101 * 12_000, 1.0));
    }

    @Test
    void aBlockWhosePredecessorWasLeftUnfinalisedMendsThatWhenItIsSeenAgain() {
        // The replica that put block 101 died before it could finalise block 100.
        assertThat(table(seen(100), seen(101)).changesFor(seen(101), 1.0))
                .containsExactly(seen(100).finalisedBy(101 * 12_000, 1.0));
    }

    @Test
    void aBlockThatWasLeftUnfinalisedIsFinalisedWhenItIsSeenAgain() {
        assertThat(table(seen(100), seen(101)).changesFor(seen(100), 1.0))
                .containsExactly(seen(100).finalisedBy(101 * 12_000, 1.0));
    }

    @Test
    void aBlockThatIsKnownAndSettledChangesNothing() {
        BlockRecord settled = seen(100).finalisedBy(101 * 12_000, 1.0);

        assertThat(table(settled, seen(101)).changesFor(seen(101), 1.0)).isEmpty();
        assertThat(table(settled, seen(101)).changesFor(seen(100), 1.0)).isEmpty();
    }
}
