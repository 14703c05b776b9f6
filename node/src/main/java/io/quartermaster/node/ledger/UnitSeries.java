package io.quartermaster.node.ledger;

/** What one executor yields to one validator at each block of a table, with running sums. Immutable. */
public final class UnitSeries {
    private final long first;
    private final long[] units;

    /** {@code sums[i]}: the units of all blocks before {@code first + i}. */
    private final long[] sums;

    UnitSeries(long first, long[] units) {
        this.first = first;
        this.units = units;
        this.sums = new long[units.length + 1];
        for (int i = 0; i < units.length; i++) {
            sums[i + 1] = sums[i] + units[i];
        }
    }

    /**
     * The first block of the table.
     *
     * @return a block number
     */
    public long first() {
        return first;
    }

    /**
     * The block after the last one of the table.
     *
     * @return a block number
     */
    public long end() {
        return first + units.length;
    }

    /**
     * What one executor yields at a block.
     *
     * @param block a block number
     * @return nanoseconds; 0 for a block that is not finalised or not in the table
     */
    public long at(long block) {
        long index = block - first;
        return index >= 0 && index < units.length ? units[(int) index] : 0;
    }

    /**
     * What one executor yields at all blocks of a range.
     *
     * @param from the first block
     * @param to the block after the last
     * @return nanoseconds
     */
    public long sum(long from, long to) {
        long low = Math.min(Math.max(from, first), end());
        long high = Math.min(Math.max(to, low), end());
        return sums[(int) (high - first)] - sums[(int) (low - first)];
    }
}
