package io.quartermaster.node.events;

/** The kinds of event there are. */
public enum EventType {
    /** A block took longer than a block can, and counts as an ordinary one. */
    BLOCK_LENGTH_CAPPED,
    /** A block contradicts what is known and was not taken in. */
    BLOCK_REFUSED,
    /** A miner did not send its manifest in time. */
    MANIFEST_TIMEOUT,
    /** A miner could not be asked for its manifest or sent garbage. */
    MANIFEST_ERROR,
    /** A miner has fewer executors than before; its older blocks are invalid. */
    MANIFEST_DROP,
    /** A miner's manifest names a class that is not known here. */
    UNKNOWN_EXECUTOR_CLASS,
    /** A receipt says something else than one of the same job that is known already. */
    RECEIPT_CONTRADICTS,
    /** A validator has paid for two jobs with the same block. */
    BLOCK_SPENT_TWICE,
    /** The receipts of a miner can't be fetched. */
    RECEIPTS_NOT_FETCHED,
    /** All receipts of the last hours have been fetched. */
    RECEIPTS_CAUGHT_UP,
    /** Collateral could not be read. */
    COLLATERAL_UNAVAILABLE,
    /** A job was given to a miner. */
    JOB_ROUTED,
    /** A job was given to nobody. */
    JOB_NOT_ROUTED,
    /** A reservation was neither spent nor undone in time. */
    RESERVATION_EXPIRED,
    /** A miner let a job down. */
    MINER_INCIDENT,
    /** A miner was put on the blacklist. */
    MINER_BLACKLISTED,
    /** A miner was taken off the blacklist. */
    BLACKLISTING_REMOVED,
    /** A miner's time on the blacklist is over. */
    BLACKLISTING_EXPIRED,
    /** What validators may use of the miners in a cycle was set. */
    CYCLE_ALLOWANCES_SET,
    /** Someone changed a dynamic parameter. */
    PARAMETER_CHANGED,
    /** A lite node no longer has a block, and there is no archive to ask. */
    ARCHIVE_NOT_CONFIGURED,
    /** What a node answered is not laid out as it should be; it was not taken in. */
    UNKNOWN_LAYOUT,
    /** The chain has a new version of its runtime. */
    RUNTIME_UPGRADED,
    /** There were more events than could be kept. */
    EVENTS_DROPPED,
    /** A replica joined the grid. */
    REPLICA_JOINED,
    /** A replica left the grid. */
    REPLICA_LEFT
}
