package io.quartermaster.api;

import java.util.concurrent.CompletionStage;

/**
 * {@link Allowance}'s changes, returning at once. A stage completes with what the blocking method returns, or exceptionally
 * with what it throws; a malformed argument is thrown at once. Do not block in a stage's callbacks: they may run on the
 * grid's own threads. Reads never wait, and are found on {@link Allowance}. Safe for use by several threads.
 */
public interface AsyncAllowance {
    /**
     * As {@link Allowance#reserveAllowance}.
     *
     * @param miner whose allowance
     * @param executorClass the class of executors
     * @param seconds executor-seconds needed
     * @param jobStartBlock the block at which the job starts
     * @param job the job's id
     * @return completes with the reservation
     */
    CompletionStage<Reservation> reserveAllowance(
            Hotkey miner, ExecutorClass executorClass, double seconds, long jobStartBlock, JobId job);

    /**
     * As {@link Allowance#undoAllowanceReservation(ReservationId, CallId)}.
     *
     * @param reservation the reservation's id
     * @param call names this call
     * @return completes when the blocks are free again
     */
    CompletionStage<Void> undoAllowanceReservation(ReservationId reservation, CallId call);

    /**
     * As {@link Allowance#spendAllowance(ReservationId, CallId)}.
     *
     * @param reservation the reservation's id
     * @param call names this call
     * @return completes when the blocks are spent
     */
    CompletionStage<Void> spendAllowance(ReservationId reservation, CallId call);

    /**
     * As {@link Allowance#extendReservation(ReservationId, double, CallId)}.
     *
     * @param reservation the reservation's id
     * @param seconds how long the job will still run
     * @param call names this call
     * @return completes with the reservation
     */
    CompletionStage<Reservation> extendReservation(ReservationId reservation, double seconds, CallId call);
}
