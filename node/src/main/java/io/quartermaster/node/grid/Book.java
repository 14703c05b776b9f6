package io.quartermaster.node.grid;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.cycle.SlotBook;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.locks.LockBook;

/** What the replicas agree on, one by one: a miner's ledger, a miner's slots, a lock, or a page of records. */
sealed interface Book {
    /** A ledger's key is the miner's hotkey; a lock's key begins with this, which no hotkey does. */
    String LOCK_PREFIX = "lock/";

    /** So does that of a page of records, which goes on with their kind and the page's number. */
    String RECORDS_PREFIX = "records/";

    /** So does that of a miner's slots, which goes on with its hotkey. */
    String SLOTS_PREFIX = "slots/";

    /** The value as the grid's map shows it. */
    Object shown();

    record OfMiner(MinerLedger ledger) implements Book {
        @Override
        public Object shown() {
            return ledger;
        }
    }

    record OfLock(LockBook lock) implements Book {
        @Override
        public Object shown() {
            return lock;
        }
    }

    record OfRecords(RecordPage page) implements Book {
        @Override
        public Object shown() {
            return page;
        }
    }

    record OfSlots(SlotBook slots) implements Book {
        @Override
        public Object shown() {
            return slots;
        }
    }

    /** The key of a page of records. */
    static String keyOf(RecordKind<?> kind, int page) {
        return RECORDS_PREFIX + kind.name() + "/" + page;
    }

    static Book fresh(String key) {
        if (key.startsWith(RECORDS_PREFIX)) {
            String kind = key.substring(RECORDS_PREFIX.length(), key.lastIndexOf('/'));
            return new OfRecords(RecordPage.empty(RecordKind.named(kind)
                    .orElseThrow(() -> new IllegalArgumentException("Unknown kind of record: " + kind))));
        }
        if (key.startsWith(SLOTS_PREFIX)) {
            return new OfSlots(SlotBook.FRESH);
        }
        return key.startsWith(LOCK_PREFIX)
                ? new OfLock(LockBook.FRESH)
                : new OfMiner(MinerLedger.unopened(new Hotkey(key)));
    }
}
