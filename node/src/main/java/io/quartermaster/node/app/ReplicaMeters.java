package io.quartermaster.node.app;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.app.metrics.AllowanceMeters;
import io.quartermaster.node.app.metrics.BooksMeters;
import io.quartermaster.node.app.metrics.CallMeters;
import io.quartermaster.node.app.metrics.ChainMeters;
import io.quartermaster.node.app.metrics.EventMeters;
import io.quartermaster.node.app.metrics.GridMeters;
import io.quartermaster.node.app.metrics.JvmMeters;
import io.quartermaster.node.app.metrics.Meters;
import io.quartermaster.node.app.metrics.TransferMeters;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.MinerLedger;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** All that is measured of a replica: a line for each subject. */
final class ReplicaMeters implements AutoCloseable {
    private final Meters meters = new Meters();
    private final JvmMeters process = new JvmMeters(meters);

    /** Calls are measured by those who make them, from the first one on. */
    private final CallMeters calls = new CallMeters(meters);

    private final EventMeters events = new EventMeters(meters, this::miners);
    private volatile Optional<GridMeters> disk = Optional.empty();
    private volatile Optional<AllowanceMeters> blocks = Optional.empty();
    private volatile Optional<GridAllowance> books = Optional.empty();

    /** The grid, and what it keeps for a validator. */
    void observe(Grid grid, GridAllowance allowance, GridLocks locks, Chain chain, Collection<ExecutorClass> classes) {
        books = Optional.of(allowance);
        disk = Optional.of(new GridMeters(meters, grid::figures));
        blocks = Optional.of(
                new AllowanceMeters(meters, booksOf(grid), chain.info().validator()));
        BooksMeters standing = new BooksMeters(meters, () -> grid.shelf().ledgers(), grid::nowMillis);
        standing.block(() -> grid.blocks().newest(), () -> newestMillis(grid.blocks()), grid::nowMillis);
        standing.allowance(classes, allowance::allowance);
        standing.counts(() -> miners().size(), () -> locks.held().size());
    }

    /** How the replica does, and what it sends to the others. */
    void observe(Replica replica, BooleanSupplier follows, GridEvents sending) {
        new ChainMeters(meters, replica::following, replica::nodes).role(replica::ready, follows);
        events.sending(sending::waiting, sending::dropped);
    }

    /** How receipts are fetched. */
    void observe(Transferring transferring) {
        new TransferMeters(meters, transferring.figures());
    }

    private AllowanceMeters.Books booksOf(Grid grid) {
        return new AllowanceMeters.Books() {
            @Override
            public BlockTable blocks() {
                return grid.blocks();
            }

            @Override
            public Set<Hotkey> miners() {
                return ReplicaMeters.this.miners();
            }

            @Override
            public Optional<MinerLedger> ledger(Hotkey miner) {
                return grid.shelf().ledger(miner);
            }
        };
    }

    private static Optional<Long> newestMillis(BlockTable blocks) {
        return blocks.record(blocks.newest()).map(BlockRecord::timeMillis);
    }

    /** The subnet's miners at the newest block; none before the first. */
    private Set<Hotkey> miners() {
        return books.map(known -> known.newestNeurons().byHotkey().keySet()).orElse(Set.of());
    }

    /** An event was recorded here. */
    void happened(SystemEvent event) {
        events.record(event);
    }

    /** Decisions are on disk. */
    void journalWritten(int records, long nanos) {
        disk.ifPresent(known -> known.journalWritten(records, nanos));
    }

    /** A block was taken in. */
    void blockTaken(long nanos) {
        blocks.ifPresent(known -> known.blockTaken(nanos));
    }

    Meters meters() {
        return meters;
    }

    CallMeters calls() {
        return calls;
    }

    @Override
    public void close() {
        process.close();
        meters.close();
    }
}
