package io.quartermaster.api;

import java.time.Instant;
import java.util.List;

/**
 * Blocks of allowance that are set aside for one job until they are spent, undone, or the deadline has passed.
 *
 * @param id names the reservation when it is spent or undone
 * @param job the job that it was made for
 * @param miner the miner whose allowance it is
 * @param executorClass the class of executors
 * @param requiredSeconds the executor-seconds asked for
 * @param reservedSeconds the executor-seconds that the blocks hold: at least those asked for, since blocks are taken whole
 * @param blocks the blocks, ascending; they go into the job's receipts
 * @param deadline from this instant on the reservation can't be spent, and its blocks are free again
 */
public record Reservation(
        ReservationId id,
        JobId job,
        Hotkey miner,
        ExecutorClass executorClass,
        double requiredSeconds,
        double reservedSeconds,
        List<Long> blocks,
        Instant deadline) {
    /** Copies the list of blocks. */
    public Reservation {
        blocks = List.copyOf(blocks);
    }
}
