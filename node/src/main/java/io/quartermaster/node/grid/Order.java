package io.quartermaster.node.grid;

import io.quartermaster.api.CallId;
import io.quartermaster.node.cycle.SlotCommand;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.locks.LockCommand;

/** A command to a book. */
sealed interface Order {
    CallId call();

    Order sentAgain(long millis);

    record ToMiner(LedgerCommand command) implements Order {
        @Override
        public CallId call() {
            return command.call();
        }

        @Override
        public Order sentAgain(long millis) {
            return new ToMiner(command.sentAgain(millis));
        }
    }

    record ToRecords(RecordKind<?> kind, RecordPage.Command command) implements Order {
        @Override
        public CallId call() {
            return command.call();
        }

        @Override
        public Order sentAgain(long millis) {
            return this;
        }
    }

    record ToSlots(SlotCommand command) implements Order {
        @Override
        public CallId call() {
            return command.call();
        }

        @Override
        public Order sentAgain(long millis) {
            return this;
        }
    }

    record ToLock(LockCommand command) implements Order {
        @Override
        public CallId call() {
            return command.call();
        }

        @Override
        public Order sentAgain(long millis) {
            return this;
        }
    }
}
