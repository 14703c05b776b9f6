package io.quartermaster.node.grid;

import io.quartermaster.node.cycle.SlotRules;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.LedgerRules;
import io.quartermaster.node.locks.LockRules;
import io.quartermaster.node.views.Machine;

/** Hands each command and each decision to the rules of its kind of book. */
class BookMachine implements Machine<Book, Ruling> {
    /** Decides a command. */
    Ruling decide(Book book, Order order, BlockTable blocks, long nowMillis, long realMillis) {
        if (book instanceof Book.OfMiner miner && order instanceof Order.ToMiner command) {
            return new Ruling.OnMiner(
                    LedgerRules.decide(miner.ledger(), command.command(), blocks, nowMillis, realMillis));
        }
        if (book instanceof Book.OfLock lock && order instanceof Order.ToLock command) {
            // Leases last in real time, whatever the pace of the books' clock.
            return new Ruling.OnLock(LockRules.decide(lock.lock(), command.command(), realMillis));
        }
        if (book instanceof Book.OfSlots slots && order instanceof Order.ToSlots command) {
            return new Ruling.OnSlots(SlotRules.decide(slots.slots(), command.command(), nowMillis));
        }
        if (book instanceof Book.OfRecords records && order instanceof Order.ToRecords command) {
            return new Ruling.OnRecords(command.kind(), records.page().decide(command.command()));
        }
        throw new IllegalArgumentException("A command of another kind than its book: " + order);
    }

    @Override
    public Book fresh(String key) {
        return Book.fresh(key);
    }

    @Override
    public Book apply(Book book, Ruling ruling) {
        if (book instanceof Book.OfMiner miner && ruling instanceof Ruling.OnMiner decision) {
            return decision.decision().changesLedger()
                    ? new Book.OfMiner(miner.ledger().apply(decision.decision()))
                    : book;
        }
        if (book instanceof Book.OfLock && ruling instanceof Ruling.OnLock decision) {
            return new Book.OfLock(decision.decision().after());
        }
        if (book instanceof Book.OfSlots slots && ruling instanceof Ruling.OnSlots decision) {
            return new Book.OfSlots(slots.slots().apply(decision.decision()));
        }
        if (book instanceof Book.OfRecords records && ruling instanceof Ruling.OnRecords decision) {
            return new Book.OfRecords(records.page().apply(decision.decision()));
        }
        throw new IllegalArgumentException("A decision of another kind than its book: " + ruling);
    }
}
