package io.quartermaster.node.grid;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerDecision;
import io.quartermaster.node.ledger.LedgerDecision.Change;
import io.quartermaster.node.ledger.MinerLedger;
import java.util.List;
import java.util.Optional;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/** Rules that are broken on purpose, one at a time. */
final class TamperedMachine extends BookMachine {
    private final Experiment experiment;

    private TamperedMachine(Experiment experiment) {
        this.experiment = experiment;
    }

    static BookMachine of(Experiment experiment) {
        return experiment == Experiment.NONE ? new BookMachine() : new TamperedMachine(experiment);
    }

    @Override
    Ruling decide(Book book, Order order, BlockTable blocks, long nowMillis, long realMillis) {
        Book seen = book;
        Order given = order;
        long now = nowMillis;
        if (experiment == Experiment.OVERFILL_SLOTS
                && order instanceof Order.ToMiner miner
                && miner.command() instanceof LedgerCommand.Reserve reserve) {
            given = new Order.ToMiner(new LedgerCommand.Reserve(
                    reserve.call(),
                    reserve.sentMillis(),
                    reserve.validator(),
                    reserve.executorClass(),
                    reserve.job(),
                    reserve.requiredNanos(),
                    reserve.startBlock(),
                    reserve.ttlMillis(),
                    Optional.empty()));
        } else if (experiment == Experiment.NEVER_EXPIRE
                && order instanceof Order.ToMiner miner
                && miner.command() instanceof LedgerCommand.Expire) {
            now = 0;
        } else if (experiment == Experiment.BOOK_TWICE && book instanceof Book.OfMiner miner) {
            seen = new Book.OfMiner(withoutBookedBlocks(miner.ledger()));
        }
        return super.decide(seen, given, blocks, now, realMillis);
    }

    private static MinerLedger withoutBookedBlocks(MinerLedger ledger) {
        PMap<ExecutorClass, ClassBook> classes = ledger.classes();
        for (ClassBook book : ledger.classes().values()) {
            classes = classes.plus(
                    book.executorClass(),
                    new ClassBook(
                            book.executorClass(),
                            book.stated(),
                            book.counted(),
                            book.drops(),
                            HashTreePMap.empty(),
                            book.activeJobs()));
        }
        return new MinerLedger(
                ledger.miner(),
                ledger.number(),
                ledger.version(),
                ledger.reservationsMade(),
                classes,
                ledger.bookings(),
                ledger.deadlines(),
                ledger.answers(),
                ledger.fences());
    }

    @Override
    public Book apply(Book book, Ruling ruling) {
        if (ruling instanceof Ruling.OnMiner decision && book instanceof Book.OfMiner miner) {
            LedgerDecision given = decision.decision();
            return new Book.OfMiner(apply(miner.ledger(), given));
        }
        return super.apply(book, ruling);
    }

    private MinerLedger apply(MinerLedger ledger, LedgerDecision decision) {
        return ledger.apply(new LedgerDecision(
                decision.atMillis(),
                decision.changes().stream()
                        .filter(change -> !lost(ledger, change))
                        .toList(),
                decision.outcome(),
                decision.remember()));
    }

    private boolean lost(MinerLedger ledger, Change change) {
        return switch (experiment) {
            case FORGET_SPENDING ->
                change instanceof LedgerDecision.Spent spent && (spent.reservation() + ledger.version()) % 10 == 0;
            case LOSE_RELEASED_BLOCKS ->
                change instanceof LedgerDecision.Released released
                        && List.of(3L, 7L).contains(released.reservation() % 10);
            default -> false;
        };
    }
}
