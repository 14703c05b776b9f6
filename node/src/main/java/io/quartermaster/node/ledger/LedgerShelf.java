package io.quartermaster.node.ledger;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * This replica's copy of all ledgers, for reading: each as it was put here last. Reads never wait. Safe
 * for use by several threads.
 */
public final class LedgerShelf {
    private final Map<Hotkey, Slot> slots = new ConcurrentHashMap<>();
    private final Map<Integer, Hotkey> miners = new ConcurrentHashMap<>();
    private final Map<JobId, Hotkey> activeJobs = new ConcurrentHashMap<>();
    private volatile Consumer<Hotkey> onManifest = miner -> {};

    /** A miner's place; it stays the same while its ledger changes. */
    static final class Slot {
        private volatile MinerLedger ledger;

        private Slot(Hotkey miner) {
            this.ledger = MinerLedger.unopened(miner);
        }

        MinerLedger ledger() {
            return ledger;
        }
    }

    /**
     * Puts a ledger here, in place of the one that was here. Whoever puts a miner's ledgers puts them in order.
     *
     * @param ledger the ledger
     */
    public void put(MinerLedger ledger) {
        Slot slot = slot(ledger.miner());
        boolean stated;
        synchronized (slot) {
            stated = !sameManifest(slot.ledger, ledger);
            indexJobs(slot.ledger, ledger);
            slot.ledger = ledger;
        }
        if (ledger.number() != 0) {
            miners.put(ledger.number(), ledger.miner());
        }
        if (stated) {
            onManifest.accept(ledger.miner());
        }
    }

    // What did not change is the same object.
    @SuppressWarnings("ReferenceEquality")
    private static boolean sameManifest(MinerLedger before, MinerLedger after) {
        if (before.classes().size() != after.classes().size()) {
            return false;
        }
        for (ClassBook book : after.classes().values()) {
            ClassBook old = before.book(book.executorClass());
            if (old == null || old.stated() != book.stated()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Tells somebody when a miner's newest manifest has changed.
     *
     * @param listener told on the thread that put the ledger: be quick
     */
    public void onManifest(Consumer<Hotkey> listener) {
        onManifest = listener;
    }

    private void indexJobs(MinerLedger before, MinerLedger after) {
        for (ClassBook old : before.classes().values()) {
            if (after.book(old.executorClass()) == null) {
                old.activeJobs().keySet().forEach(job -> activeJobs.remove(job, after.miner()));
            }
        }
        for (ClassBook book : after.classes().values()) {
            ClassBook old = before.book(book.executorClass());
            if (old != null && old.activeJobs() == book.activeJobs()) {
                continue;
            }
            if (old != null) {
                for (JobId job : old.activeJobs().keySet()) {
                    if (!book.activeJobs().containsKey(job)) {
                        activeJobs.remove(job, after.miner());
                    }
                }
            }
            for (JobId job : book.activeJobs().keySet()) {
                activeJobs.put(job, after.miner());
            }
        }
    }

    /**
     * A miner's ledger.
     *
     * @param miner its hotkey
     * @return empty if no manifest has named the miner
     */
    public Optional<MinerLedger> ledger(Hotkey miner) {
        Slot slot = slots.get(miner);
        return slot == null ? Optional.empty() : Optional.of(slot.ledger).filter(ledger -> ledger.version() > 0);
    }

    /**
     * A miner's ledger, whether a manifest has named the miner or not.
     *
     * @param miner its hotkey
     * @return an unopened ledger if none has
     */
    public MinerLedger newest(Hotkey miner) {
        return slot(miner).ledger;
    }

    /**
     * The miner that has a number in this grid.
     *
     * @param number the number, as in the ids of reservations
     * @return empty if no miner has it
     */
    public Optional<Hotkey> miner(int number) {
        return Optional.ofNullable(miners.get(number));
    }

    /**
     * The active reservation of a job, whichever miner it is with.
     *
     * @param job the job's id
     * @return empty if it has none
     */
    public Optional<Reserved> activeBooking(JobId job) {
        Hotkey miner = activeJobs.get(job);
        if (miner == null) {
            return Optional.empty();
        }
        MinerLedger ledger = slot(miner).ledger();
        return ledger.activeBooking(job).map(booking -> new Reserved(ledger, booking));
    }

    /**
     * A reservation and the ledger that holds it.
     *
     * @param ledger the ledger
     * @param booking the reservation
     */
    public record Reserved(MinerLedger ledger, Booking booking) {}

    /**
     * All ledgers.
     *
     * @return as they are now, in no order
     */
    public Collection<MinerLedger> ledgers() {
        return slots.values().stream()
                .map(Slot::ledger)
                .filter(ledger -> ledger.version() > 0)
                .toList();
    }

    Slot slot(Hotkey miner) {
        @Nullable Slot known = slots.get(miner);
        return known != null ? known : slots.computeIfAbsent(miner, Slot::new);
    }
}
