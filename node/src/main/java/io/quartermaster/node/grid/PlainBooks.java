package io.quartermaster.node.grid;

import io.quartermaster.node.cycle.SlotBook;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.locks.LockBook;
import io.quartermaster.node.views.Decided;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The books as the engine alone would keep them: the map's entry is all there is. For comparison only. */
final class PlainBooks {
    private PlainBooks() {}

    static Book book(String key, @Nullable Object entry) {
        if (entry instanceof MinerLedger ledger) {
            return new Book.OfMiner(ledger);
        }
        if (entry instanceof SlotBook slots) {
            return new Book.OfSlots(slots);
        }
        if (entry instanceof RecordPage page) {
            return new Book.OfRecords(page);
        }
        return entry instanceof LockBook lock ? new Book.OfLock(lock) : Book.fresh(key);
    }

    static void apply(ReplicaBooks books, Decided<Ruling> decided, Map.Entry<String, @Nullable Object> entry) {
        Book after = books.machine().apply(book(decided.key(), entry.getValue()), decided.decision());
        entry.setValue(after.shown());
        books.changed(decided.key(), after);
    }
}
