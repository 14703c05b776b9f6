package io.quartermaster.node.ledger;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Blocks of one triplet that are held by a reservation or were spent by a job.
 *
 * @param id the reservation's id
 * @param job the job that it was made for
 * @param validator the validator whose allowance it is
 * @param executorClass the class of executors
 * @param blocks the blocks
 * @param requiredNanos what was asked for
 * @param reservedNanos what the blocks hold
 * @param deadlineMillis from then on it can't be spent, in Unix milliseconds
 * @param firstDeadlineMillis the deadline that it was made with, if it was extended
 * @param spentBy the call that spent it; empty while it is a reservation
 */
public record Booking(
        long id,
        JobId job,
        Hotkey validator,
        ExecutorClass executorClass,
        BlockSet blocks,
        long requiredNanos,
        long reservedNanos,
        long deadlineMillis,
        OptionalLong firstDeadlineMillis,
        Optional<CallId> spentBy) {

    /** A reservation, as it is made. */
    static Booking made(
            long id,
            JobId job,
            Hotkey validator,
            ExecutorClass executorClass,
            BlockSet blocks,
            long requiredNanos,
            long reservedNanos,
            long deadlineMillis) {
        return new Booking(
                id,
                job,
                validator,
                executorClass,
                blocks,
                requiredNanos,
                reservedNanos,
                deadlineMillis,
                OptionalLong.empty(),
                Optional.empty());
    }

    /**
     * Whether it is permanent.
     *
     * @return true once it is spent
     */
    public boolean spent() {
        return spentBy.isPresent();
    }

    /**
     * The latest deadline that it can be extended to: that of a reservation for the longest job, made when this one was.
     *
     * @return Unix milliseconds
     */
    public long latestDeadlineMillis() {
        return firstDeadlineMillis.orElse(deadlineMillis) + (Limits.MAX_JOB_RUN_TIME_NANOS - requiredNanos) / 1_000_000;
    }

    Booking extend(long newDeadlineMillis) {
        return new Booking(
                id,
                job,
                validator,
                executorClass,
                blocks,
                requiredNanos,
                reservedNanos,
                newDeadlineMillis,
                OptionalLong.of(firstDeadlineMillis.orElse(deadlineMillis)),
                spentBy);
    }

    Booking spend(CallId call) {
        return new Booking(
                id,
                job,
                validator,
                executorClass,
                blocks,
                requiredNanos,
                reservedNanos,
                deadlineMillis,
                firstDeadlineMillis,
                Optional.of(call));
    }

    /** A first deadline is told only where there is one, so that what older files say reads as it always did. */
    @Override
    public String toString() {
        return "Booking[id=" + id + ", job=" + job + ", validator=" + validator + ", executorClass=" + executorClass
                + ", blocks=" + blocks + ", requiredNanos=" + requiredNanos + ", reservedNanos=" + reservedNanos
                + ", deadlineMillis=" + deadlineMillis
                + (firstDeadlineMillis.isPresent() ? ", firstDeadlineMillis=" + firstDeadlineMillis.getAsLong() : "")
                + ", spentBy=" + spentBy + "]";
    }
}
