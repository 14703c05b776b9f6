package io.quartermaster.node.app;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.ledger.Statement;
import io.quartermaster.node.ledger.UnitSeries;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What each kept block is to each miner that has stated executors of a class: a row for a miner, a column for a block, as runs of
 * equal blocks. A snapshot; immutable. Working out the next one costs little where nothing has changed.
 *
 * <p>{@link #bytes} and {@link #changesFrom} are what the page reads. All numbers in them are unsigned LEB128. A run or a patch has
 * its length and what its blocks are in one number: {@code length * 8 + part}, the part being a code of {@link Statement.Part}.
 */
public final class HeatMap {
    /** The first number of what {@link #bytes} and {@link #changesFrom} give. */
    public static final int FORMAT = 1;

    private static final int PART_BITS = 3;

    private final ExecutorClass executorClass;
    private final BlockTable blocks;
    private final long first;
    private final int length;
    private final List<Row> rows;

    /** A miner's row: the ledger that it was worked out from, what became of the amounts, and the runs, encoded. */
    static final class Row {
        private final MinerLedger ledger;
        private final Statement statement;
        private final byte[] runs;

        private Row(MinerLedger ledger, Statement statement, byte[] runs) {
            this.ledger = ledger;
            this.statement = statement;
            this.runs = runs;
        }

        Hotkey miner() {
            return ledger.miner();
        }

        MinerLedger ledger() {
            return ledger;
        }

        Statement statement() {
            return statement;
        }
    }

    private HeatMap(ExecutorClass executorClass, BlockTable blocks, long first, int length, List<Row> rows) {
        this.executorClass = executorClass;
        this.blocks = blocks;
        this.first = first;
        this.length = length;
        this.rows = rows;
    }

    /**
     * Works a map out.
     *
     * @param executorClass the class
     * @param validator whose allowance
     * @param ledgers the ledgers of all miners
     * @param blocks the blocks
     * @param before an earlier map, whose rows are taken where nothing has changed
     * @return the map, rows in the order of the miners' numbers
     */
    // A ledger or a table that is the same object says the same; most are.
    @SuppressWarnings("ReferenceEquality")
    static HeatMap of(
            ExecutorClass executorClass,
            Hotkey validator,
            Collection<MinerLedger> ledgers,
            BlockTable blocks,
            Optional<HeatMap> before) {
        Map<Hotkey, Row> known = new HashMap<>();
        before.filter(map -> map.blocks == blocks && map.executorClass.equals(executorClass))
                .ifPresent(map -> map.rows.forEach(row -> known.put(row.miner(), row)));
        List<Row> rows = new ArrayList<>();
        ledgers.stream()
                .filter(ledger -> ledger.book(executorClass) != null)
                .sorted(Comparator.comparingInt(MinerLedger::number).thenComparing(MinerLedger::miner))
                .forEach(ledger -> {
                    Row row = known.get(ledger.miner());
                    @Nullable ClassBook book = ledger.book(executorClass);
                    if (row != null && row.ledger == ledger) {
                        rows.add(row);
                    } else if (book != null) {
                        rows.add(row(ledger, book, validator, blocks));
                    }
                });
        int length = blocks.isEmpty() ? 0 : Math.toIntExact(blocks.newest() - blocks.oldest() + 1);
        return new HeatMap(executorClass, blocks, blocks.oldest(), length, List.copyOf(rows));
    }

    private static Row row(MinerLedger ledger, ClassBook book, Hotkey validator, BlockTable blocks) {
        UnitSeries units = blocks.units(validator, ledger.miner());
        byte[] parts = Statement.parts(book, validator, units, blocks.newest());
        return new Row(ledger, Statement.of(book, units, parts), encoded(parts));
    }

    /**
     * The class.
     *
     * @return whose executors it shows
     */
    public ExecutorClass executorClass() {
        return executorClass;
    }

    List<Row> rows() {
        return rows;
    }

    /**
     * The whole map: the format, the generation, the first block, how many blocks, how many rows; then for each row the length of the
     * miner's hotkey, the hotkey, the length of its runs in bytes, and the runs.
     *
     * @param generation a number that the reader is told again with changes
     * @return the map as bytes
     */
    public byte[] bytes(long generation) {
        Bytes out = new Bytes();
        out.number(FORMAT);
        out.number(generation);
        out.number(first);
        out.number(length);
        out.number(rows.size());
        for (Row row : rows) {
            byte[] hotkey = row.miner().value().getBytes(StandardCharsets.UTF_8);
            out.number(hotkey.length);
            out.writeBytes(hotkey);
            out.number(row.runs.length);
            out.writeBytes(row.runs);
        }
        return out.toByteArray();
    }

    /**
     * What makes this map of an earlier one: the format, both generations, the first block, how many blocks, how many groups; then for
     * each group the number of its patches, for each patch how many blocks it begins after the end of the one before (at first: after
     * the first block) and its length and part; then the number of its spans of rows, and for each span how many rows it begins after
     * the end of the one before, and how many rows it has. Blocks that are new are nothing until a patch says otherwise.
     *
     * @param before the earlier map
     * @param from the earlier map's generation
     * @param to this map's generation
     * @return the changes as bytes; empty if the rows are not the same miners any more, so that the whole map has to be read
     */
    // A row that was taken from the earlier map has not changed.
    @SuppressWarnings("ReferenceEquality")
    public Optional<byte[]> changesFrom(HeatMap before, long from, long to) {
        if (rows.size() != before.rows.size()) {
            return Optional.empty();
        }
        boolean sameBlocks = first == before.first && length == before.length;
        // The patches, a byte for a character: arrays are no keys.
        Map<String, List<Integer>> rowsByPatch = new LinkedHashMap<>();
        byte[] old = new byte[length];
        byte[] now = new byte[length];
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            Row rowBefore = before.rows.get(i);
            if (!row.miner().equals(rowBefore.miner())) {
                return Optional.empty();
            }
            if (row == rowBefore || (sameBlocks && Arrays.equals(row.runs, rowBefore.runs))) {
                continue;
            }
            Arrays.fill(old, (byte) 0);
            decode(rowBefore.runs, Math.toIntExact(before.first - first), old);
            decode(row.runs, 0, now);
            byte[] patches = patches(old, now);
            if (patches.length > 1) {
                rowsByPatch
                        .computeIfAbsent(new String(patches, StandardCharsets.ISO_8859_1), key -> new ArrayList<>())
                        .add(i);
            }
        }
        Bytes out = new Bytes();
        out.number(FORMAT);
        out.number(from);
        out.number(to);
        out.number(first);
        out.number(length);
        out.number(rowsByPatch.size());
        rowsByPatch.forEach((patches, changed) -> {
            out.writeBytes(patches.getBytes(StandardCharsets.ISO_8859_1));
            spans(changed, out);
        });
        return Optional.of(out.toByteArray());
    }

    private static byte[] patches(byte[] old, byte[] now) {
        Bytes patches = new Bytes();
        int count = 0;
        int end = 0;
        for (int i = 0; i < now.length; i++) {
            if (old[i] == now[i]) {
                continue;
            }
            int start = i;
            while (i + 1 < now.length && now[i + 1] == now[start] && old[i + 1] != now[i + 1]) {
                i++;
            }
            patches.number(start - end);
            end = i + 1;
            patches.number(((long) (end - start) << PART_BITS) | now[start]);
            count++;
        }
        Bytes counted = new Bytes();
        counted.number(count);
        counted.writeBytes(patches.toByteArray());
        return counted.toByteArray();
    }

    private static void spans(List<Integer> ascending, Bytes out) {
        Bytes spans = new Bytes();
        int count = 0;
        int end = 0;
        for (int i = 0; i < ascending.size(); i++) {
            int start = ascending.get(i);
            int rows = 1;
            while (i + 1 < ascending.size() && ascending.get(i + 1) == start + rows) {
                rows++;
                i++;
            }
            spans.number(start - end);
            spans.number(rows);
            end = start + rows;
            count++;
        }
        out.number(count);
        out.writeBytes(spans.toByteArray());
    }

    private static byte[] encoded(byte[] parts) {
        Bytes runs = new Bytes();
        for (int i = 0; i < parts.length; ) {
            int start = i;
            while (i < parts.length && parts[i] == parts[start]) {
                i++;
            }
            runs.number(((long) (i - start) << PART_BITS) | parts[start]);
        }
        return runs.toByteArray();
    }

    /** Writes the parts of runs into an array, shifted; what falls outside of it is left out. */
    private static void decode(byte[] runs, int shift, byte[] parts) {
        int at = shift;
        for (int i = 0; i < runs.length; ) {
            long run = 0;
            int bits = 0;
            byte read;
            do {
                read = runs[i++];
                run |= (long) (read & 0x7f) << bits;
                bits += 7;
            } while (read < 0);
            int end = at + (int) (run >>> PART_BITS);
            int from = Math.min(Math.max(at, 0), parts.length);
            int to = Math.min(Math.max(end, 0), parts.length);
            Arrays.fill(parts, from, to, (byte) (run & ((1 << PART_BITS) - 1)));
            at = end;
        }
    }

    /** Bytes to which numbers are added as unsigned LEB128. */
    private static final class Bytes extends ByteArrayOutputStream {
        void number(long value) {
            long rest = value;
            while (rest > 0x7f) {
                write((int) (rest & 0x7f) | 0x80);
                rest >>>= 7;
            }
            write((int) rest);
        }
    }
}
