package io.quartermaster.node.ledger;

import io.quartermaster.api.SpendDetails;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Blocks that a receipt offers for a job, sorted by whether they pay for it. A block that is offered twice counts once. Each
 * list is in the order in which the blocks were offered.
 *
 * @param requiredNanos what the job cost
 * @param spendableNanos what the spendable blocks hold
 * @param spendable blocks that pay
 * @param outsideRange blocks too old or too new for the job's time
 * @param alreadySpent blocks that another job holds
 * @param invalidated blocks that a drop had made invalid by the job's time
 */
public record OfferedBlocks(
        long requiredNanos,
        long spendableNanos,
        List<Long> spendable,
        List<Long> outsideRange,
        List<Long> alreadySpent,
        List<Long> invalidated) {
    /** Receipts state a cost in whole microseconds, rounded; whoever spends blocks to the last bit of them has paid. */
    private static final long ROUNDING_NANOS = 1_000;

    /** Copies the lists. */
    public OfferedBlocks {
        spendable = List.copyOf(spendable);
        outsideRange = List.copyOf(outsideRange);
        alreadySpent = List.copyOf(alreadySpent);
        invalidated = List.copyOf(invalidated);
    }

    /** What is to be known of a block before it can be sorted. */
    interface Books {
        /** Whether another job holds the block. */
        boolean taken(long block);

        /** Whether this very job holds the block already; it then pays, whatever has become of it since. */
        default boolean held(long block) {
            return false;
        }

        /** The drop that invalidated the block; -1 if it is valid. */
        long invalidatedAt(long block);

        /** What the block yields to the triplet, in nanoseconds. */
        long nanos(long block);
    }

    static OfferedBlocks sort(List<Long> offered, long requiredNanos, SpendingWindow window, Books books) {
        List<Long> spendable = new ArrayList<>();
        List<Long> outsideRange = new ArrayList<>();
        List<Long> alreadySpent = new ArrayList<>();
        List<Long> invalidated = new ArrayList<>();
        long sum = 0;
        for (long block : new LinkedHashSet<>(offered)) {
            if (!window.contains(block)) {
                outsideRange.add(block);
            } else if (books.taken(block)) {
                alreadySpent.add(block);
            } else if (!books.held(block) && isInvalid(books.invalidatedAt(block), window)) {
                invalidated.add(block);
            } else {
                spendable.add(block);
                sum += books.nanos(block);
            }
        }
        return new OfferedBlocks(requiredNanos, sum, spendable, outsideRange, alreadySpent, invalidated);
    }

    private static boolean isInvalid(long drop, SpendingWindow window) {
        return drop >= 0 && drop <= window.jobBlock();
    }

    /**
     * Whether the spendable blocks pay for the job.
     *
     * @return true if they hold at least what it cost, to the microsecond
     */
    public boolean pays() {
        return spendableNanos >= requiredNanos - ROUNDING_NANOS;
    }

    /**
     * The same for callers.
     *
     * @return in seconds
     */
    public SpendDetails details() {
        return new SpendDetails(
                Amounts.seconds(requiredNanos),
                Amounts.seconds(spendableNanos),
                spendable,
                outsideRange,
                alreadySpent,
                invalidated);
    }
}
