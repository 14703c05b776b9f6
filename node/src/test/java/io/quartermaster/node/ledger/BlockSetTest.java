package io.quartermaster.node.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BlockSetTest {
    @Test
    void aSetHasTheBlocksThatWerePutInAndNotTakenOut() {
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            TreeSet<Long> model = new TreeSet<>();
            BlockSet set = BlockSet.EMPTY;
            for (int step = 0; step < 40; step++) {
                long block = 5_000_000 + random.nextLong(400);
                if (random.nextInt(3) > 0) {
                    set = set.with(block);
                    model.add(block);
                } else {
                    set = set.without(block);
                    model.remove(block);
                }
            }
            assertThat(set.toArray())
                    .as("seed %d", seed)
                    .containsExactly(model.stream().mapToLong(Long::longValue).toArray());
            assertThat(set.size()).isEqualTo(model.size());
        }
    }

    /** Such numbers can come from a damaged file; each bit of what lies between them would be taken. */
    @Test
    void blocksThatNoReplicaEverWroteTogetherAreRefused() {
        assertThat(BlockSet.of(0, 1L << 26).toArray()).containsExactly(0, 1L << 26);
        assertThatThrownBy(() -> BlockSet.of(0, 1L << 40)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BlockSet.of(7).with((1L << 26) + 200)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BlockSet.of(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BlockSet.of(Long.MAX_VALUE, Long.MIN_VALUE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
