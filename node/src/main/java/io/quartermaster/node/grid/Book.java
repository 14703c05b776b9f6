package io.quartermaster.node.grid;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.locks.LockBook;

/** What the replicas agree on, one by one: a miner's ledger, or a lock. */
sealed interface Book {
    /** A ledger's key is the miner's hotkey; a lock's key begins with this, which no hotkey does. */
    String LOCK_PREFIX = "lock/";

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

    static Book fresh(String key) {
        return key.startsWith(LOCK_PREFIX)
                ? new OfLock(LockBook.FRESH)
                : new OfMiner(MinerLedger.unopened(new Hotkey(key)));
    }
}
