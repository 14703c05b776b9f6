package io.quartermaster.node.routing;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.node.cycle.Cycle;
import io.quartermaster.node.routing.CycleOrder.Standing;
import java.time.Instant;
import java.util.Collection;

/** What this replica knows of cycles and of how miners stand in them. Safe for use by several threads; never waits. */
public interface CycleBooks {
    /**
     * The cycle that a block is in.
     *
     * @param block the block
     * @return the cycle
     */
    Cycle cycle(long block);

    /**
     * Whether the allowances of a cycle are set.
     *
     * @param cycle the cycle
     * @return false for a moment when a grid is new, or has begun the cycle without this replica
     */
    boolean allowancesSet(Cycle cycle);

    /**
     * The miners with executors of a class, as they stand in a cycle.
     *
     * @param executorClass the class
     * @param cycle the cycle
     * @return best first
     */
    Collection<Standing> bestFirst(ExecutorClass executorClass, Cycle cycle);

    /**
     * The first block that was minted at an instant or later.
     *
     * @param since the instant
     * @return its number
     */
    long firstBlockSince(Instant since);
}
