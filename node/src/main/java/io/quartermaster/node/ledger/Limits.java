package io.quartermaster.node.ledger;

/** The numbers of the allowance rules. */
public final class Limits {
    /** A job that starts at block B may use blocks from B less this. */
    public static final long BLOCK_EXPIRY = 722;

    /** The longest job, in nanoseconds of executor time. */
    public static final long MAX_JOB_RUN_TIME_NANOS = 3_600_000_000_000L;

    /** The longest job in blocks of 12 s, and a tenth more: no job that finishes at a block has started longer before. */
    public static final long LONGEST_JOB_BLOCKS = 330;

    /** A reservation of S seconds expires this much after S seconds. */
    public static final long RESERVATION_MARGIN_MILLIS = 100_000;

    /** Blocks this far behind the newest one, or further, are evicted. */
    public static final long BLOCK_EVICTION_THRESHOLD = 2_166;

    /** A block that seems to have lasted longer than this was a stall of the chain. */
    public static final long LONGEST_BLOCK_MILLIS = 12_500;

    /** What a stalled block counts as. */
    public static final long STALLED_BLOCK_COUNTS_AS_MILLIS = 12_000;

    /** A command that has been on its way for longer than this is refused, so that its answer need not be kept for ever. */
    public static final long COMMAND_HORIZON_MILLIS = 15_000;

    /**
     * Answers are kept at least this long: the horizon, and as much again for clocks that disagree.
     */
    public static final long ANSWERS_KEPT_MILLIS = 2 * COMMAND_HORIZON_MILLIS;

    private Limits() {}
}
