package io.quartermaster.node.routing;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.node.cycle.Cycle;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Keeps a miner's free executor for a job, as one step across all replicas. Safe for use by several threads. */
public interface SlotHolding {
    /**
     * What is asked for.
     *
     * @param job the job
     * @param executorClass the class of executor that it needs
     * @param nanos what it takes of the allowance, in nanoseconds of executor time
     * @param cycle the current cycle
     * @param keep for how long the executor is kept
     */
    record Wish(JobId job, ExecutorClass executorClass, long nanos, Cycle cycle, Duration keep) {}

    /**
     * Keeps an executor.
     *
     * @param miner the miner
     * @param wish what for; repeated while it is kept, it is kept no longer than the first time
     * @param allowanceNanos the miner's whole allowance in the cycle; empty if allowance is not checked
     * @param ongoing the jobs that the miner is known to be at work on
     * @return what came of it
     * @throws io.quartermaster.api.JobIdReused if an executor is kept for the job with other contents
     * @throws io.quartermaster.api.GridUnavailable if the grid takes no changes now
     * @throws io.quartermaster.api.OutcomeUnknown if an executor may be kept
     */
    Attempt hold(Hotkey miner, Wish wish, OptionalLong allowanceNanos, Set<JobId> ongoing);

    /**
     * How many executors of a miner are at work, or kept, as far as this replica knows. Never waits.
     *
     * @param miner the miner
     * @param wish what for; its own job is not counted
     * @param ongoing the jobs that the miner is known to be at work on
     * @param at when
     * @return at least 0
     */
    int busy(Hotkey miner, Wish wish, Set<JobId> ongoing, Instant at);

    /**
     * The miner whose executor is kept for a job, as far as this replica knows. Never waits.
     *
     * @param job the job
     * @param at when
     * @return empty if none is
     */
    Optional<Hotkey> holder(JobId job, Instant at);

    /**
     * The same, but nothing is kept: it says what would come of it, as far as this replica knows.
     *
     * @return a view of this
     */
    SlotHolding rehearsal();

    /** What came of an attempt. */
    sealed interface Attempt {
        /**
         * An executor is kept.
         *
         * @param deadline until when
         * @param busy how many were at work, without this job
         * @param executors how many there are
         */
        record Held(Instant deadline, int busy, int executors) implements Attempt {}

        /**
         * All are at work.
         *
         * @param busy how many
         * @param executors how many there are
         */
        record Busy(int busy, int executors) implements Attempt {}

        /** Too little is left of the allowance. */
        record AllowanceGone() implements Attempt {}
    }
}
