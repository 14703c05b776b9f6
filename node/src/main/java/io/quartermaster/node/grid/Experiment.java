package io.quartermaster.node.grid;

/**
 * Ways to run a grid wrongly on purpose: to show that the fault test finds what is broken, and what the engine alone would do.
 * Never for real books.
 */
public enum Experiment {
    /** As it should be. */
    NONE,
    /** What the engine acknowledges is acknowledged: backups and settings, no majority, no views. */
    PLAIN_HAZELCAST,
    /** A decision counts as soon as one replica holds it. */
    ACKNOWLEDGE_ALONE,
    /** A decision counts before it is on disk, where it comes half a second late. */
    ACKNOWLEDGE_BEFORE_DISK,
    /** Blocks that are booked are free for the next booking. */
    BOOK_TWICE,
    /** Executors at work are not counted. */
    OVERFILL_SLOTS,
    /** Nothing is released when its deadline passes. */
    NEVER_EXPIRE,
    /** A new view begins with the books of its proposer. */
    OWN_BOOKS_FIRST,
    /** Every tenth spending is answered and forgotten. */
    FORGET_SPENDING,
    /** Some reservations that are given back stay. */
    LOSE_RELEASED_BLOCKS
}
