package io.quartermaster.node.grid;

import io.quartermaster.api.BlacklistEntry;
import io.quartermaster.api.MinerIncident;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.cycle.CycleAllowances;
import io.quartermaster.node.events.EventBatch;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.ForeignVerdict;
import io.quartermaster.node.params.ParameterBook;
import io.quartermaster.node.receipts.TransferCheckpoint;
import java.math.BigInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The records that all replicas share, kind by kind. Safe for use by several threads. */
public final class SharedRecords {
    private final Shared<BlockRecord> blocks;
    private final Shared<NeuronList> neurons;
    private final Shared<MinerManifests> manifests;
    private final Shared<MinerIncident> incidents;
    private final Shared<SignedReceipt> receipts;
    private final Shared<BigInteger> collateral;
    private final Shared<EventBatch> events;
    private final Shared<ParameterBook> parameters;
    private final Shared<TransferCheckpoint> checkpoints;
    private final Shared<ForeignVerdict> verdicts;
    private final Shared<BlacklistEntry> blacklist;
    private final Shared<CycleAllowances> cycles;

    SharedRecords(Grid grid, ReplicaBooks books, GridListeners listeners) {
        this.blocks = shared(grid, books, RecordKind.BLOCKS, (number, block) -> books.seen(block), block -> {});
        this.neurons = shared(grid, books, RecordKind.NEURONS, (digest, list) -> books.seenNeurons(), list -> {});
        this.manifests = shared(grid, books, RecordKind.MANIFESTS, (miner, list) -> {}, list -> {});
        this.incidents = shared(
                grid,
                books,
                RecordKind.INCIDENTS,
                (key, incident) -> listeners.incident(incident),
                listeners::incidentForgotten);
        this.receipts = shared(
                grid,
                books,
                RecordKind.RECEIPTS,
                (key, receipt) -> listeners.receipt(receipt),
                listeners::receiptForgotten);
        this.collateral = shared(grid, books, RecordKind.COLLATERAL, listeners::collateral, wei -> {});
        this.events = shared(grid, books, RecordKind.EVENTS, (key, batch) -> {}, batch -> {});
        this.parameters = shared(grid, books, RecordKind.PARAMETERS, (key, book) -> {}, book -> {});
        this.checkpoints = shared(grid, books, RecordKind.CHECKPOINTS, (miner, checkpoint) -> {}, checkpoint -> {});
        this.verdicts = shared(grid, books, RecordKind.VERDICTS, (key, verdict) -> {}, verdict -> {});
        this.blacklist = shared(
                grid,
                books,
                RecordKind.BLACKLIST,
                (key, entry) -> listeners.blacklisted(entry),
                listeners::blacklistingGone);
        this.cycles = shared(grid, books, RecordKind.CYCLES, (key, cycle) -> {}, cycle -> {});
    }

    private static <V> Shared<V> shared(
            Grid grid, ReplicaBooks books, RecordKind<V> kind, BiConsumer<String, V> onPut, Consumer<V> onGone) {
        Shared<V> shared = new Shared<>(kind, grid, onPut, onGone);
        books.register(kind, shared);
        return shared;
    }

    /** The blocks; what they amount to is {@link Grid#blocks}. */
    Shared<BlockRecord> blocks() {
        return blocks;
    }

    /**
     * The lists of neurons, by their digest.
     *
     * @return shared by all replicas
     */
    public Shared<NeuronList> neurons() {
        return neurons;
    }

    /**
     * The newest manifests, by the miner's hotkey.
     *
     * @return shared by all replicas
     */
    public Shared<MinerManifests> manifests() {
        return manifests;
    }

    /**
     * The incidents, by "miner/job".
     *
     * @return shared by all replicas
     */
    public Shared<MinerIncident> incidents() {
        return incidents;
    }

    /**
     * The receipts, by "job/kind".
     *
     * @return shared by all replicas
     */
    public Shared<SignedReceipt> receipts() {
        return receipts;
    }

    /**
     * The collateral in wei, by the miner's hotkey.
     *
     * @return shared by all replicas
     */
    public Shared<BigInteger> collateral() {
        return collateral;
    }

    /**
     * What happened on all replicas, in batches: by the time of their newest event and by whose they are, so that the keys'
     * order is nearly that of the events.
     *
     * @return shared by all replicas
     */
    public Shared<EventBatch> events() {
        return events;
    }

    /**
     * The dynamic parameters: one book, under any key that all agree on.
     *
     * @return shared by all replicas
     */
    public Shared<ParameterBook> parameters() {
        return parameters;
    }

    /**
     * How far miners' pages of receipts were read, by the miner's hotkey.
     *
     * @return shared by all replicas
     */
    public Shared<TransferCheckpoint> checkpoints() {
        return checkpoints;
    }

    /**
     * What was said of foreign receipts, by {@link ForeignVerdict#key}.
     *
     * @return shared by all replicas
     */
    public Shared<ForeignVerdict> verdicts() {
        return verdicts;
    }

    /**
     * The miners that get no jobs, by "miner/reason".
     *
     * @return shared by all replicas
     */
    public Shared<BlacklistEntry> blacklist() {
        return blacklist;
    }

    /**
     * What validators may use in each cycle, by the cycle's first block.
     *
     * @return shared by all replicas
     */
    public Shared<CycleAllowances> cycles() {
        return cycles;
    }
}
