package io.quartermaster.node.ledger;

import io.quartermaster.api.JobId;
import java.util.Set;

/** What a ledger answers to a command. */
public sealed interface LedgerOutcome {
    /**
     * Blocks are set aside.
     *
     * @param booking the reservation
     * @param busy how many executors of the class are at work, this job left out; -1 where it was not asked for
     * @param executors how many the newest manifest states
     */
    record Reserved(Booking booking, int busy, int executors) implements LedgerOutcome {}

    /**
     * The blocks are free again.
     *
     * @param reservation the reservation's id
     */
    record Undone(long reservation) implements LedgerOutcome {}

    /**
     * The blocks are used up.
     *
     * @param reservation the reservation's id
     */
    record Spent(long reservation) implements LedgerOutcome {}

    /**
     * The reservation lasts as long as was asked for, or longer.
     *
     * @param booking the reservation
     */
    record Extended(Booking booking) implements LedgerOutcome {}

    /**
     * The sync, the expiry or the eviction is done.
     *
     * @param changes how many classes, reservations or bookings it changed
     */
    record Done(int changes) implements LedgerOutcome {}

    /**
     * The blocks that a receipt offers are judged; if they pay, they are used up.
     *
     * @param blocks what became of each
     * @param holders the jobs that hold those which are spent already
     */
    record Charged(OfferedBlocks blocks, Set<JobId> holders) implements LedgerOutcome {
        public Charged {
            holders = Set.copyOf(holders);
        }
    }

    /** The books say no; apart from reservations that were past their deadline, nothing was changed. */
    sealed interface Refusal extends LedgerOutcome {}

    /**
     * Too little is free.
     *
     * @param availableNanos what is free in the job's window
     */
    record NotEnough(long availableNanos) implements Refusal {}

    /**
     * All executors of the class are at work.
     *
     * @param busy how many jobs are at work or about to be
     * @param executors how many executors the newest manifest states
     */
    record NoFreeExecutor(int busy, int executors) implements Refusal {}

    /**
     * The job has an active reservation with other contents.
     *
     * @param active that reservation
     * @param difference what differs
     */
    record JobReused(long active, String difference) implements Refusal {}

    /**
     * There is no such reservation (any more).
     *
     * @param reservation the id
     */
    record NotFound(long reservation) implements Refusal {}

    /**
     * The reservation was spent before, by another call.
     *
     * @param reservation the id
     */
    record AlreadySpent(long reservation) implements Refusal {}

    /**
     * The reservation would last longer than one for the longest job.
     *
     * @param reservation the id
     * @param latestMillis the latest deadline that it can have, in Unix milliseconds
     */
    record TooLong(long reservation, long latestMillis) implements Refusal {}

    /**
     * The command was on its way for too long.
     *
     * @param lateMillis by how much
     */
    record TooLate(long lateMillis) implements Refusal {}

    /**
     * The command was sent under a lock that somebody else has taken since.
     *
     * @param lock the lock's name
     * @param newestToken the highest token seen of it
     */
    record StaleToken(String lock, long newestToken) implements Refusal {}
}
