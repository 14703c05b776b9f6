package io.quartermaster.node.store;

/**
 * How a store does, in figures.
 *
 * @param queuedRecords how many records wait to be written
 * @param queuedBytes their bytes, and those of the batch that is being written
 * @param journalBytes how long the journal is that is written to
 * @param snapshotBytes how large the newest snapshot is; 0 if there is none yet
 * @param snapshotAtMillis when it was made, in Unix milliseconds; 0 if there is none yet
 * @param snapshotsFailed how many snapshots could not be made since the store was opened
 * @param freeBytes how much room the file system has left for this process
 * @param inTrouble whether nothing becomes durable now
 */
public record StoreFigures(
        long queuedRecords,
        long queuedBytes,
        long journalBytes,
        long snapshotBytes,
        long snapshotAtMillis,
        long snapshotsFailed,
        long freeBytes,
        boolean inTrouble) {}
