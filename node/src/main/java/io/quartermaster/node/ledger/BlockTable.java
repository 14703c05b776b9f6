package io.quartermaster.node.ledger;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that are kept, newest at the end: a window of {@link Limits#BLOCK_EVICTION_THRESHOLD} numbers, with holes where
 * a block has not been seen. Immutable; safe for use by several threads.
 */
public final class BlockTable {
    /** No chain mints blocks faster than this for long; a number that would need it is wrong. */
    private static final long SHORTEST_MEAN_BLOCK_MILLIS = 100;

    private final Function<String, Set<Hotkey>> neurons;
    private final Attendance.Moves moves;
    private final long first;
    private final @Nullable BlockRecord[] records;

    // Computed when first asked for; always the same for this table, so that a lost race costs nothing but time.
    private final Map<Hotkey, UnitSeries> series = new ConcurrentHashMap<>();
    private final Map<Hotkey, Map<Hotkey, UnitSeries>> seriesOfMiners = new ConcurrentHashMap<>();

    private volatile @Nullable Attendance attendance;

    private BlockTable(
            Function<String, Set<Hotkey>> neurons,
            Attendance.Moves moves,
            long first,
            @Nullable BlockRecord[] records) {
        this.neurons = neurons;
        this.moves = moves;
        this.first = first;
        this.records = records;
    }

    /**
     * The table before the first block.
     *
     * @param neurons the hotkeys in each list of neurons that a block names; always the same for one name
     * @return an empty table
     */
    public static BlockTable over(Function<String, Set<Hotkey>> neurons) {
        return new BlockTable(neurons, new Attendance.Moves(), 0, new BlockRecord[0]);
    }

    /**
     * What seeing a block changes: the block itself, finalised if its successor is known, and its predecessor, if that one
     * waited for it.
     *
     * @param seen the block, as seen
     * @param multiplier the multiplier in force
     * @return the records to put into the table; empty if the block is too old to be kept, or is known and nothing waits for it
     *     any more: a replica may have died between putting a block and finalising its predecessor
     * @throws InvalidArgument if the block contradicts a known one: another time for the same number, a time that does not
     *     lie between its neighbours', or a number that is further ahead than time allows
     */
    public List<BlockRecord> changesFor(BlockRecord seen, double multiplier) {
        long number = seen.number();
        if (!isEmpty() && number <= newest() - Limits.BLOCK_EVICTION_THRESHOLD) {
            return List.of();
        }
        Optional<BlockRecord> known = record(number);
        if (known.isPresent()) {
            requireSame(known.get(), seen);
        } else {
            requireFits(seen);
        }
        List<BlockRecord> changes = new ArrayList<>(2);
        BlockRecord block = known.orElse(seen);
        BlockRecord now = record(number + 1)
                .map(successor -> block.finalisedBy(successor.timeMillis(), multiplier))
                .orElse(block);
        if (known.isEmpty() || now.finalised() != block.finalised()) {
            changes.add(now);
        }
        record(number - 1)
                .filter(predecessor -> !predecessor.finalised())
                .map(predecessor -> predecessor.finalisedBy(seen.timeMillis(), multiplier))
                .ifPresent(changes::add);
        return changes;
    }

    /**
     * The table with a record in it. A record that is newer than all evicts those that it leaves too far behind; one that is
     * too old is not taken; a finalised record is never replaced.
     *
     * @param record the record
     * @return a new table
     */
    public BlockTable with(BlockRecord record) {
        return with(List.of(record));
    }

    /**
     * The table with several records in it, as if put in one after the other.
     *
     * @param added the records
     * @return a new table, or this one if nothing changes
     */
    public BlockTable with(List<BlockRecord> added) {
        if (added.isEmpty()) {
            return this;
        }
        long newest = newest();
        long oldest = isEmpty() ? Long.MAX_VALUE : first;
        for (BlockRecord record : added) {
            newest = Math.max(newest, record.number());
            oldest = Math.min(oldest, record.number());
        }
        long from = Math.max(oldest, newest - Limits.BLOCK_EVICTION_THRESHOLD + 1);
        @Nullable BlockRecord[] next = new BlockRecord[Math.toIntExact(newest - from + 1)];
        for (int i = 0; i < records.length; i++) {
            if (first + i >= from) {
                next[(int) (first + i - from)] = records[i];
            }
        }
        boolean changed = false;
        for (BlockRecord record : added) {
            int index = (int) Math.max(-1, record.number() - from);
            if (index >= 0 && !isFinalised(next[index]) && !record.equals(next[index])) {
                next[index] = record;
                changed = true;
            }
        }
        if (!changed) {
            return this;
        }
        return new BlockTable(neurons, moves, from, next);
    }

    /**
     * The same table, which has worked out nothing yet: for when a list of neurons has become known that a block names.
     *
     * @return a new table
     */
    public BlockTable afresh() {
        return new BlockTable(neurons, moves, first, records);
    }

    /**
     * A block's record.
     *
     * @param block the block's number
     * @return empty if the block has not been seen or is no longer kept
     */
    public Optional<BlockRecord> record(long block) {
        long index = block - first;
        return index >= 0 && index < records.length ? Optional.ofNullable(records[(int) index]) : Optional.empty();
    }

    /**
     * Whether a block has been seen and is still kept.
     *
     * @param block the block's number
     * @return true if it is
     */
    public boolean has(long block) {
        return record(block).isPresent();
    }

    /**
     * Whether there is no block.
     *
     * @return true before the first
     */
    public boolean isEmpty() {
        return records.length == 0;
    }

    /**
     * The newest block.
     *
     * @return its number; -1 if there is none
     */
    public long newest() {
        return first + records.length - 1;
    }

    /**
     * The oldest block that may be kept.
     *
     * @return its number
     */
    public long oldest() {
        return first;
    }

    /**
     * The first block that is known from one on.
     *
     * @param block a block number
     * @return its number; -1 if there is none
     */
    public long firstFrom(long block) {
        BlockRecord found = neighbour(Math.max(block, first), 1);
        return found == null ? -1 : found.number();
    }

    /**
     * The last block that is known before one.
     *
     * @param block a block number
     * @return its number; -1 if there is none
     */
    public long lastBefore(long block) {
        BlockRecord found = neighbour(Math.min(block - 1, newest()), -1);
        return found == null ? -1 : found.number();
    }

    /**
     * The newest known block of a range that had been minted by a time.
     *
     * @param millis the time, in Unix milliseconds; not before the first block of the range
     * @param from the first block of the range, a known one
     * @param to the last block of the range
     * @return its number
     */
    long newestAt(long millis, long from, long to) {
        long low = from;
        long high = to;
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            BlockRecord there = neighbour(middle, -1);
            if (there == null || there.timeMillis() > millis) {
                high = middle - 1;
            } else {
                low = middle;
            }
        }
        return lastBefore(low + 1);
    }

    /**
     * Those blocks from one on whose yield is fixed.
     *
     * @param from the first block of interest
     * @return their numbers, ascending
     */
    public long[] finalisedFrom(long from) {
        List<Long> found = new ArrayList<>();
        for (long block = Math.max(from, first); block <= newest(); block++) {
            if (isFinalised(records[(int) (block - first)])) {
                found.add(block);
            }
        }
        return found.stream().mapToLong(Long::longValue).toArray();
    }

    /**
     * What one executor of a miner yields to a validator, block by block: nothing at blocks at which the miner was not among
     * the subnet's neurons.
     *
     * @param validator the validator's hotkey
     * @param miner the miner's hotkey
     * @return the series over this table
     */
    public UnitSeries units(Hotkey validator, Hotkey miner) {
        return seriesOfMiners
                .computeIfAbsent(validator, key -> new ConcurrentHashMap<>())
                .computeIfAbsent(miner, key -> attendance().masked(units(validator), miner));
    }

    /** Most miners are there at every block, and share one series. */
    private Attendance attendance() {
        Attendance known = attendance;
        if (known == null) {
            known = Attendance.of(records, neurons, moves);
            attendance = known;
        }
        return known;
    }

    private UnitSeries units(Hotkey validator) {
        return series.computeIfAbsent(validator, key -> {
            long[] units = new long[records.length];
            for (int i = 0; i < units.length; i++) {
                BlockRecord record = records[i];
                units[i] = record == null ? 0 : record.unitNanos(key);
            }
            return new UnitSeries(first, units);
        });
    }

    private static boolean isFinalised(@Nullable BlockRecord record) {
        return record != null && record.finalised();
    }

    private static void requireSame(BlockRecord known, BlockRecord seen) {
        if (known.timeMillis() != seen.timeMillis()) {
            throw new InvalidArgument(
                    "time_ms of block " + seen.number(),
                    seen.timeMillis(),
                    "what it was before: " + known.timeMillis());
        }
        if (known.hash().isPresent() && seen.hash().isPresent() && !known.hash().equals(seen.hash())) {
            throw new InvalidArgument(
                    "hash of block " + seen.number(),
                    seen.hash().get(),
                    "what it was before: " + known.hash().get());
        }
    }

    private void requireFits(BlockRecord seen) {
        if (isEmpty()) {
            return;
        }
        BlockRecord below = neighbour(Math.min(seen.number() - 1, newest()), -1);
        BlockRecord above = neighbour(Math.max(seen.number() + 1, first), 1);
        if (below != null) {
            long blocks = seen.number() - below.number();
            long least = blocks == 1 ? 1 : blocks * SHORTEST_MEAN_BLOCK_MILLIS;
            if (seen.timeMillis() - below.timeMillis() < least) {
                throw new InvalidArgument(
                        "time_ms of block " + seen.number(),
                        seen.timeMillis(),
                        "at least " + least + " ms after block " + below.number() + " at " + below.timeMillis());
            }
        }
        if (above != null && above.timeMillis() <= seen.timeMillis()) {
            throw new InvalidArgument(
                    "time_ms of block " + seen.number(),
                    seen.timeMillis(),
                    "before block " + above.number() + " at " + above.timeMillis());
        }
    }

    private @Nullable BlockRecord neighbour(long from, int step) {
        for (long block = from; block >= first && block <= newest(); block += step) {
            BlockRecord record = records[(int) (block - first)];
            if (record != null) {
                return record;
            }
        }
        return null;
    }
}
