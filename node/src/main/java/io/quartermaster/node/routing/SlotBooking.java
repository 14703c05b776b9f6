package io.quartermaster.node.routing;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Reservation;
import java.util.Optional;
import java.util.Set;

/** Takes a free executor of a miner and books its allowance, as one step across all replicas. Safe for use by several threads. */
public interface SlotBooking {
    /**
     * Reserves allowance with a miner that has an executor free. Busy executors are counted as the jobs that are in
     * {@code ongoing} or have an active reservation of the class with this miner.
     *
     * @param miner the miner
     * @param executorClass the class of executors
     * @param seconds executor-seconds needed
     * @param startBlock the job's start block
     * @param job the job; while it has an active reservation with the same contents, that one is returned
     * @param ongoing the jobs that the miner is known to be at work on
     * @return what came of it
     * @throws io.quartermaster.api.JobIdReused if the job has an active reservation with other contents
     * @throws io.quartermaster.api.GridUnavailable if the grid takes no changes now
     * @throws io.quartermaster.api.OutcomeUnknown if the reservation may have been made
     */
    Attempt reserve(
            Hotkey miner, ExecutorClass executorClass, double seconds, long startBlock, JobId job, Set<JobId> ongoing);

    /**
     * A view that takes nothing, and says what would come of it by this replica's copy of the books.
     *
     * @return its attempts end in {@link Attempt.WouldReserve} where these would reserve anew
     */
    SlotBooking rehearsal();

    /**
     * The reservation that a job has now, with any miner.
     *
     * @param job the job
     * @return empty if it has none that is neither spent nor undone nor past its deadline
     */
    Optional<Reservation> activeReservation(JobId job);

    /** What came of an attempt to reserve. */
    sealed interface Attempt {
        /**
         * The miner takes the job.
         *
         * @param reservation what pays for it
         * @param busy how many executors were at work, without this job
         * @param executors how many there are
         */
        record Reserved(Reservation reservation, int busy, int executors) implements Attempt {}

        /**
         * The miner would take the job, if it were asked in earnest.
         *
         * @param busy how many executors are at work, without this job
         * @param executors how many there are
         */
        record WouldReserve(int busy, int executors) implements Attempt {}

        /**
         * The miner's allowance is too low.
         *
         * @param availableSeconds what is left of it
         */
        record AllowanceGone(double availableSeconds) implements Attempt {}

        /**
         * The miner has no executor free.
         *
         * @param busy how many executors are at work
         * @param executors how many there are
         */
        record Busy(int busy, int executors) implements Attempt {}
    }
}
