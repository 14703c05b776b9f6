package io.quartermaster.node.ledger;

/**
 * Amounts of allowance as whole nanoseconds of executor time, so that sums are exact.
 *
 * <p>A {@code long} holds 292 years. With at most {@link #MOST_EXECUTORS} executors of a class, blocks of at most 12.5 s, a
 * multiplier of at most 10 and 2,166 blocks, no sum in a ledger overflows. One nanosecond is under a millionth of a block's
 * amount as long as a validator's share is above 0.00004; below that an amount is still off by at most half a nanosecond for
 * each executor and block, which buys nothing.
 */
public final class Amounts {
    /** The most executors of one class that a miner can state; more is taken for garbage. */
    public static final int MOST_EXECUTORS = 30_000;

    private static final double NANOS_PER_SECOND = 1e9;

    private Amounts() {}

    /**
     * Converts to the ledger's unit.
     *
     * @param seconds executor-seconds, finite
     * @return the nearest number of nanoseconds
     */
    public static long nanos(double seconds) {
        return Math.round(seconds * NANOS_PER_SECOND);
    }

    /**
     * Converts from the ledger's unit.
     *
     * @param nanos nanoseconds
     * @return executor-seconds
     */
    public static double seconds(long nanos) {
        return nanos / NANOS_PER_SECOND;
    }
}
