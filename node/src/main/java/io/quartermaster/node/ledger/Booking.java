package io.quartermaster.node.ledger;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import java.util.Optional;

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
        Optional<CallId> spentBy) {

    /**
     * Whether it is permanent.
     *
     * @return true once it is spent
     */
    public boolean spent() {
        return spentBy.isPresent();
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
                Optional.of(call));
    }
}
