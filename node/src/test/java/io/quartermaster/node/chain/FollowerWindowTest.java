package io.quartermaster.node.chain;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.slf4j.LoggerFactory;

class FollowerWindowTest {
    private static final Logger LOG = (Logger) LoggerFactory.getLogger(Follower.class);

    /** Thousands of blocks are missing here on purpose. */
    @BeforeContainer
    static void keepQuiet() {
        LOG.setLevel(Level.OFF);
    }

    @AfterContainer
    static void speakUp() {
        LOG.setLevel(Level.DEBUG);
    }

    /**
     * Blocks come in any order, doubled and with gaps; some can be fetched, some are refused for a while or for good. In the
     * end the window holds what was shown or could be fetched, and nothing else; the rest is reported as missing.
     */
    @Property(tries = 300, afterFailure = AfterFailureMode.SAMPLE_FIRST)
    void inTheEndExactlyTheBlocksThatCanBeHadAreIn(
            @ForAll Random random,
            @ForAll @IntRange(min = 0, max = 6) int lag,
            @ForAll @IntRange(min = 0, max = 4000) int first,
            @ForAll @IntRange(min = 1, max = 200) int length,
            @ForAll @IntRange(min = 0, max = 1600) int reachable) {
        long oldest = Math.max(0, first - reachable);
        ScriptedChain chain = new ScriptedChain(lag, oldest);
        InMemorySink sink = new InMemorySink();
        Set<Long> shown = show(chain, random, first, length);
        for (long block = Math.max(0, first - 1600L); block < first + length; block++) {
            if (random.nextInt(10) < 7) {
                chain.fetchable.add(block);
            }
            if (random.nextInt(20) == 0) {
                sink.refusedForGood.add(block);
            } else if (shown.contains(block) && chain.fetchable.contains(block) && random.nextInt(10) == 0) {
                sink.refusals.put(block, 1);
            }
        }

        Follower.followToTheEnd(chain.ending(), sink);

        long current = shown.stream().mapToLong(block -> block).max().orElseThrow() - lag;
        long from = Math.max(oldest, Math.max(0, current - 1444));
        Set<Long> expected = new TreeSet<>();
        for (long block = from; block <= current; block++) {
            if ((shown.contains(block) || chain.fetchable.contains(block)) && !sink.refusedForGood.contains(block)) {
                expected.add(block);
            }
        }
        assertThat(new TreeSet<>(sink.blocks.tailMap(from).keySet())).isEqualTo(expected);
    }

    private static Set<Long> show(ScriptedChain chain, Random random, int first, int length) {
        List<Long> order = new ArrayList<>();
        for (long block = first; block < first + length; block++) {
            for (int times = random.nextInt(3); times > 0; times--) {
                order.add(Math.max(0, order.size() - random.nextInt(8)), block);
            }
        }
        if (order.isEmpty()) {
            order.add((long) first);
        }
        order.forEach(chain::show);
        return new HashSet<>(order);
    }
}
