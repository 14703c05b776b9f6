package io.quartermaster.node.cycle;

import io.quartermaster.api.ExecutorClass;

/**
 * That one of a miner's executors is kept for a job that was just routed there.
 *
 * @param executorClass the class
 * @param nanos what the job takes of the cycle's allowance once it is accepted, in nanoseconds of executor time
 * @param cycle the first block of the cycle in which it was routed
 * @param deadlineMillis from when on the executor is no longer kept, in Unix milliseconds
 * @param accepted whether the miner has accepted the job, so that its allowance is taken
 */
public record PreliminaryReservation(
        ExecutorClass executorClass, long nanos, long cycle, long deadlineMillis, boolean accepted) {
    /**
     * Whether an executor is kept.
     *
     * @param nowMillis the time, in Unix milliseconds
     * @return false from the deadline on
     */
    public boolean holdsAt(long nowMillis) {
        return nowMillis < deadlineMillis;
    }

    PreliminaryReservation asAccepted() {
        return new PreliminaryReservation(executorClass, nanos, cycle, deadlineMillis, true);
    }

    PreliminaryReservation endedAt(long millis) {
        return new PreliminaryReservation(executorClass, nanos, cycle, Math.min(deadlineMillis, millis), accepted);
    }
}
