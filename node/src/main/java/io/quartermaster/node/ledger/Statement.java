package io.quartermaster.node.ledger;

import io.quartermaster.api.Hotkey;
import java.util.EnumMap;
import java.util.Map;

/**
 * What became of everything that the kept blocks have yielded to one triplet. Each finalised block is in exactly one of the
 * parts, so they add up to what was minted, to the nanosecond. Amounts in nanoseconds of executor time.
 *
 * @param mintedNanos everything
 * @param freeNanos valid, in the window, and in no booking
 * @param reservedNanos held by active reservations
 * @param spentNanos used up by jobs
 * @param invalidatedNanos in no booking, and invalidated by a drop
 * @param expiredNanos in no booking, valid, and older than the window
 */
public record Statement(
        long mintedNanos,
        long freeNanos,
        long reservedNanos,
        long spentNanos,
        long invalidatedNanos,
        long expiredNanos) {

    /** What a block is to a triplet. */
    public enum Part {
        /** It yields nothing: not finalised, no executors, or no stake. */
        NOTHING,
        /** It can be reserved. */
        FREE,
        /** An active reservation holds it. */
        RESERVED,
        /** A job has used it up. */
        SPENT,
        /** A drop has invalidated it. */
        INVALIDATED,
        /** It is older than the window. */
        EXPIRED
    }

    /**
     * Says what a block is to a triplet.
     *
     * @param book the miner's book of the class
     * @param validator the validator
     * @param units what one executor of the miner yields to the validator
     * @param startBlock the start block of the job that asks; the window begins {@link Limits#BLOCK_EXPIRY} before it
     * @param block the block's number
     * @return its part
     */
    public static Part part(ClassBook book, Hotkey validator, UnitSeries units, long startBlock, long block) {
        if (book.counted().at(block) * units.at(block) == 0) {
            return Part.NOTHING;
        }
        Account account = book.account(validator);
        if (account.spent().contains(block)) {
            return Part.SPENT;
        }
        if (account.reserved().contains(block)) {
            return Part.RESERVED;
        }
        if (block < book.firstValidBlock()) {
            return Part.INVALIDATED;
        }
        return block < startBlock - Limits.BLOCK_EXPIRY ? Part.EXPIRED : Part.FREE;
    }

    /**
     * Adds up what became of the kept blocks.
     *
     * @param book the miner's book of the class
     * @param validator the validator
     * @param units what one executor of the miner yields to the validator
     * @param startBlock the start block of the job that asks
     * @return the statement
     */
    public static Statement of(ClassBook book, Hotkey validator, UnitSeries units, long startBlock) {
        Map<Part, Long> sums = new EnumMap<>(Part.class);
        long minted = 0;
        for (long block = units.first(); block < units.end(); block++) {
            long amount = book.counted().at(block) * units.at(block);
            minted += amount;
            sums.merge(part(book, validator, units, startBlock, block), amount, Long::sum);
        }
        return new Statement(
                minted,
                sums.getOrDefault(Part.FREE, 0L),
                sums.getOrDefault(Part.RESERVED, 0L),
                sums.getOrDefault(Part.SPENT, 0L),
                sums.getOrDefault(Part.INVALIDATED, 0L),
                sums.getOrDefault(Part.EXPIRED, 0L));
    }
}
