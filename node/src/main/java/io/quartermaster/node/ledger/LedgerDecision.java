package io.quartermaster.node.ledger;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import java.util.List;
import java.util.Optional;

/**
 * What a command changes in a ledger, and what is answered. Applying it needs neither a clock nor the block table, so that
 * every replica that applies the same decisions in the same order holds the same ledger.
 *
 * @param atMillis when it was decided, in Unix milliseconds of real time
 * @param changes what changes, in order
 * @param outcome the answer
 * @param remember the call whose answer is to be remembered; empty for a repetition, and where repeating is harmless anyway
 */
public record LedgerDecision(long atMillis, List<Change> changes, LedgerOutcome outcome, Optional<CallId> remember) {
    public LedgerDecision {
        changes = List.copyOf(changes);
    }

    /**
     * Whether applying it changes anything, the memory of answers included.
     *
     * @return false if the ledger stays as it is
     */
    public boolean changesLedger() {
        return !changes.isEmpty() || remember.isPresent();
    }

    /** One change to a ledger. */
    public sealed interface Change {}

    /**
     * The ledger is opened.
     *
     * @param number the grid's number for the miner
     */
    public record Opened(int number) implements Change {}

    /**
     * A manifest counts for a class.
     *
     * @param executorClass the class
     * @param block the block of the manifest
     * @param count the stored count
     * @param drop whether it is lower than the one before, and so invalidates all older blocks
     * @param frozen the blocks from there on that keep their amounts
     */
    public record Stated(ExecutorClass executorClass, long block, int count, boolean drop, BlockSet frozen)
            implements Change {}

    /**
     * A reservation is made.
     *
     * @param booking the reservation
     */
    public record Reserved(Booking booking) implements Change {}

    /**
     * A reservation's blocks are free again.
     *
     * @param reservation the reservation's id
     * @param expired whether its deadline has passed; else it was undone
     */
    public record Released(long reservation, boolean expired) implements Change {}

    /**
     * A reservation's blocks are used up.
     *
     * @param reservation the reservation's id
     * @param call the call that spent it
     */
    public record Spent(long reservation, CallId call) implements Change {}

    /**
     * A reservation gets more time.
     *
     * @param reservation the reservation's id
     * @param deadlineMillis its new deadline, in Unix milliseconds
     */
    public record Extended(long reservation, long deadlineMillis) implements Change {}

    /**
     * A job that a receipt tells of has used blocks up, without a reservation.
     *
     * @param booking the booking, spent
     */
    public record Charged(Booking booking) implements Change {}

    /**
     * What only concerns old blocks is left out.
     *
     * @param last the newest block that is left out
     */
    public record Evicted(long last) implements Change {}

    /**
     * From now on older holders of a lock are refused.
     *
     * @param lock the lock's name
     * @param token the token of its newest holder that has changed this ledger
     */
    public record Fenced(String lock, long token) implements Change {}
}
