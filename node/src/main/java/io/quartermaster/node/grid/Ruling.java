package io.quartermaster.node.grid;

import io.quartermaster.node.cycle.SlotDecision;
import io.quartermaster.node.ledger.LedgerDecision;
import io.quartermaster.node.locks.LockDecision;

/** A decision about a book, with the answer to the call. */
sealed interface Ruling {
    Object outcome();

    record OnMiner(LedgerDecision decision) implements Ruling {
        @Override
        public Object outcome() {
            return decision.outcome();
        }
    }

    record OnRecords(RecordKind<?> kind, RecordPage.Decision decision) implements Ruling {
        @Override
        public Object outcome() {
            return decision.outcome();
        }
    }

    record OnSlots(SlotDecision decision) implements Ruling {
        @Override
        public Object outcome() {
            return decision.outcome();
        }
    }

    record OnLock(LockDecision decision) implements Ruling {
        @Override
        public Object outcome() {
            return decision.outcome();
        }
    }
}
