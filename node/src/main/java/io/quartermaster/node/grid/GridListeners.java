package io.quartermaster.node.grid;

import io.quartermaster.api.BlacklistEntry;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.MinerIncident;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.ledger.Booking;
import java.math.BigInteger;
import java.util.Set;

/** Who wants to know what this replica's copies receive. Called on the grid's own threads: be quick. */
public interface GridListeners {
    /**
     * An incident counts.
     *
     * @param incident the incident
     */
    void incident(MinerIncident incident);

    /**
     * An incident is so old that it no longer counts.
     *
     * @param incident the incident
     */
    void incidentForgotten(MinerIncident incident);

    /**
     * A receipt is known.
     *
     * @param receipt the receipt
     */
    void receipt(SignedReceipt receipt);

    /**
     * A receipt is so old that nobody asks for it any more.
     *
     * @param receipt the receipt
     */
    void receiptForgotten(SignedReceipt receipt);

    /**
     * A miner's collateral is known.
     *
     * @param miner the miner's hotkey
     * @param wei the amount
     */
    void collateral(String miner, BigInteger wei);

    /**
     * Decisions are on disk.
     *
     * @param records how many
     * @param nanos how long it took to write them
     */
    default void journalWritten(int records, long nanos) {}

    /**
     * A miner gets no jobs.
     *
     * @param entry for how long, and why
     */
    default void blacklisted(BlacklistEntry entry) {}

    /**
     * A miner was taken off the blacklist, or its time there is long over.
     *
     * @param entry the entry that is gone
     */
    default void blacklistingGone(BlacklistEntry entry) {}

    /**
     * A reservation is being released because its deadline has passed, as this replica has decided. It is so once the ledger
     * no longer has it: what was decided may come to nothing.
     *
     * @param miner the miner
     * @param reservation the reservation
     * @param atMillis when, in Unix milliseconds
     */
    default void expiring(Hotkey miner, Booking reservation, long atMillis) {}

    /**
     * Other replicas than before take part in the grid. Only one replica is told of each change.
     *
     * @param joined the ids of those that did not before
     * @param left the ids of those that do no longer
     */
    default void replicasChanged(Set<Integer> joined, Set<Integer> left) {}
}
