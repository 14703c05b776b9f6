package io.quartermaster.api;

import java.time.Instant;
import java.util.List;

/**
 * Books of their own for a range of blocks, in which any validator's spendings can be tried. It changes nothing in the grid
 * and is gone when it is no longer used. Not safe for use by several threads.
 */
public interface TemporaryBookkeeper {
    /**
     * Spends blocks of a triplet, in these books only.
     *
     * @param triplet whose allowance
     * @param time when the job started; its block is the newest one minted at or before it
     * @param offeredBlocks the blocks that the receipt names
     * @param seconds what the job cost, in executor-seconds, at least 0
     * @return what became of each offered block
     * @throws CannotSpend if the spendable blocks hold less than the cost; nothing is spent then
     * @throws InvalidArgument if the time is outside the range of blocks
     */
    SpendDetails spend(Triplet triplet, Instant time, List<Long> offeredBlocks, double seconds);
}
