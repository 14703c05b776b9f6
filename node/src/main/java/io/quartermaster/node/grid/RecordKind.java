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
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.ToIntFunction;

/**
 * A kind of record that all replicas share, besides ledgers and locks. Records are kept in pages, each of which is a book that
 * the replicas agree on: few enough to be compared at every change of view, and small enough to be sent one by one. The number
 * of pages, and which record is on which, are part of the format: they are never changed.
 *
 * @param <V> what a record says, immutable
 */
final class RecordKind<V> {
    /** Neighbouring blocks are on one page. With the pages in a ring there are more places than blocks that are kept. */
    private static final long BLOCKS_ON_A_PAGE = 256;

    private static final int BLOCK_PAGES = 64;

    /** By number. What a finalised block yields is fixed. */
    static final RecordKind<BlockRecord> BLOCKS = new RecordKind<>(
            MapNames.BLOCKS,
            BlockRecord.class,
            RecordKind::pageOfBlock,
            (known, given) -> !known.finalised(),
            BlockRecord::sharing);

    /** By digest, so that nothing else can be there. */
    static final RecordKind<NeuronList> NEURONS =
            hashed(MapNames.NEURONS, NeuronList.class, 4, (known, given) -> false);

    /** By the miner's hotkey; the newest count. */
    static final RecordKind<MinerManifests> MANIFESTS =
            hashed(MapNames.MANIFESTS, MinerManifests.class, 16, (known, given) -> given.block() >= known.block());

    /** By "miner/job"; the first counts. */
    static final RecordKind<MinerIncident> INCIDENTS =
            hashed(MapNames.INCIDENTS, MinerIncident.class, 64, (known, given) -> false);

    /** By "job/kind"; the first counts. */
    static final RecordKind<SignedReceipt> RECEIPTS =
            hashed(MapNames.RECEIPTS, SignedReceipt.class, 512, (known, given) -> false);

    /** By the miner's hotkey, in wei; the last counts. */
    static final RecordKind<BigInteger> COLLATERAL =
            hashed(MapNames.COLLATERAL, BigInteger.class, 8, (known, given) -> true);

    /** By the time of the newest of them, so that the keys' order is theirs, and a call's id. */
    static final RecordKind<EventBatch> EVENTS =
            hashed(MapNames.EVENTS, EventBatch.class, 256, (known, given) -> false);

    /** One book; it is changed by whoever knows its newest version. */
    static final RecordKind<ParameterBook> PARAMETERS = hashed(
            MapNames.PARAMETERS, ParameterBook.class, 1, (known, given) -> given.version() == known.version() + 1);

    /** By the miner's hotkey; the last counts. */
    static final RecordKind<TransferCheckpoint> CHECKPOINTS =
            hashed(MapNames.CHECKPOINTS, TransferCheckpoint.class, 16, (known, given) -> true);

    /** By "validator/job"; the first counts. */
    static final RecordKind<ForeignVerdict> VERDICTS =
            hashed(MapNames.VERDICTS, ForeignVerdict.class, 256, (known, given) -> false);

    /** By "miner/reason"; the last counts. */
    static final RecordKind<BlacklistEntry> BLACKLIST =
            hashed(MapNames.BLACKLIST, BlacklistEntry.class, 8, (known, given) -> true);

    /** By the cycle's first block; set once. */
    static final RecordKind<CycleAllowances> CYCLES =
            hashed(MapNames.CYCLES, CycleAllowances.class, 1, (known, given) -> false);

    private static final List<RecordKind<?>> ALL = List.of(
            BLOCKS,
            NEURONS,
            MANIFESTS,
            INCIDENTS,
            RECEIPTS,
            COLLATERAL,
            EVENTS,
            PARAMETERS,
            CHECKPOINTS,
            VERDICTS,
            BLACKLIST,
            CYCLES);

    private final String name;
    private final Class<V> type;
    private final ToIntFunction<String> page;
    private final BiPredicate<V, V> replaces;
    private final BiFunction<V, V, V> sharing;

    private RecordKind(
            String name,
            Class<V> type,
            ToIntFunction<String> page,
            BiPredicate<V, V> replaces,
            BiFunction<V, V, V> sharing) {
        this.name = name;
        this.type = type;
        this.page = page;
        this.replaces = replaces;
        this.sharing = sharing;
    }

    private static <V> RecordKind<V> hashed(String name, Class<V> type, int pages, BiPredicate<V, V> replaces) {
        return new RecordKind<>(
                name, type, key -> Math.floorMod(key.hashCode(), pages), replaces, (record, neighbour) -> record);
    }

    private static int pageOfBlock(String key) {
        return (int) (Long.parseLong(key) / BLOCKS_ON_A_PAGE % BLOCK_PAGES);
    }

    static List<RecordKind<?>> all() {
        return ALL;
    }

    static Optional<RecordKind<?>> named(String name) {
        return ALL.stream().filter(kind -> kind.name.equals(name)).findFirst();
    }

    /** The name of the map in which operators see the records. */
    String name() {
        return name;
    }

    Class<V> type() {
        return type;
    }

    /** The page on which a record is. */
    int pageOf(String key) {
        return page.applyAsInt(key);
    }

    V cast(Object record) {
        return Objects.requireNonNull(type.cast(record));
    }

    /** Whether a record takes the place of the one that is there. */
    boolean replaces(Object known, Object given) {
        return replaces.test(cast(known), cast(given));
    }

    /** The same record, with such parts taken from another one on its page as are equal: that saves memory. */
    Object sharing(Object record, Object neighbour) {
        return sharing.apply(cast(record), cast(neighbour));
    }

    @Override
    public String toString() {
        return name;
    }
}
