package io.quartermaster.node.ledger;

import io.quartermaster.api.Hotkey;
import java.util.Arrays;

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
        NOTHING(0),
        /** It can be reserved. */
        FREE(1),
        /** An active reservation holds it. */
        RESERVED(2),
        /** A job has used it up. */
        SPENT(3),
        /** A drop has invalidated it. */
        INVALIDATED(4),
        /** It is older than the window. */
        EXPIRED(5);

        private final byte code;

        Part(int code) {
            this.code = (byte) code;
        }

        /**
         * The part as {@link #parts} has it; it never changes.
         *
         * @return from 0 to 5
         */
        public byte code() {
            return code;
        }
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
     * Says what each block is to a triplet: for every block what {@link #part} says of it, in a fraction of the time.
     *
     * @param book the miner's book of the class
     * @param validator the validator
     * @param units what one executor of the miner yields to the validator
     * @param startBlock the start block of the job that asks
     * @return the codes of the parts, from {@link UnitSeries#first} on
     */
    public static byte[] parts(ClassBook book, Hotkey validator, UnitSeries units, long startBlock) {
        long first = units.first();
        byte[] parts = new byte[Math.toIntExact(units.end() - first)];
        long firstValid = book.firstValidBlock();
        long windowStart = startBlock - Limits.BLOCK_EXPIRY;
        CountRuns counted = book.counted();
        for (int run = 0; run < counted.size(); run++) {
            long end = Math.min(counted.end(run), units.end());
            for (long block = Math.max(counted.start(run), first); block < end; block++) {
                if (counted.count(run) * units.at(block) != 0) {
                    Part unbooked =
                            block < firstValid ? Part.INVALIDATED : block < windowStart ? Part.EXPIRED : Part.FREE;
                    parts[(int) (block - first)] = unbooked.code();
                }
            }
        }
        Account account = book.account(validator);
        account.reserved().forEachFrom(first, block -> book(parts, block - first, Part.RESERVED));
        account.spent().forEachFrom(first, block -> book(parts, block - first, Part.SPENT));
        return parts;
    }

    private static void book(byte[] parts, long index, Part part) {
        if (index < parts.length && parts[(int) index] != Part.NOTHING.code()) {
            parts[(int) index] = part.code();
        }
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
        return of(book, units, parts(book, validator, units, startBlock));
    }

    /**
     * Adds up what became of the kept blocks.
     *
     * @param book the miner's book of the class
     * @param units what one executor of the miner yields to the validator
     * @param parts what {@link #parts} says of each block
     * @return the statement
     */
    public static Statement of(ClassBook book, UnitSeries units, byte[] parts) {
        long[] sums = new long[Part.values().length];
        CountRuns counted = book.counted();
        for (int run = 0; run < counted.size(); run++) {
            long end = Math.min(counted.end(run), units.end());
            for (long block = Math.max(counted.start(run), units.first()); block < end; block++) {
                sums[parts[(int) (block - units.first())]] += counted.count(run) * units.at(block);
            }
        }
        return new Statement(
                Arrays.stream(sums).sum(),
                sums[Part.FREE.code()],
                sums[Part.RESERVED.code()],
                sums[Part.SPENT.code()],
                sums[Part.INVALIDATED.code()],
                sums[Part.EXPIRED.code()]);
    }
}
