package io.quartermaster.node.ledger;

import java.util.Arrays;

/**
 * How many executors there were at each block, as runs of blocks with one count. Blocks before the first run have none.
 * Immutable.
 */
public final class CountRuns {
    /** No executors at any block. */
    public static final CountRuns NONE = new CountRuns(new long[0], new int[0]);

    private final long[] starts;
    private final int[] counts;

    private CountRuns(long[] starts, int[] counts) {
        this.starts = starts;
        this.counts = counts;
    }

    /**
     * Makes runs from parallel arrays, as {@link #starts} and {@link #counts} give them.
     *
     * @param starts the first block of each run, ascending
     * @param counts the count of each run, at least 0
     * @return the runs
     */
    public static CountRuns of(long[] starts, int[] counts) {
        if (starts.length != counts.length) {
            throw new IllegalArgumentException(starts.length + " starts for " + counts.length + " counts");
        }
        return new CountRuns(starts.clone(), counts.clone());
    }

    /**
     * The count at a block.
     *
     * @param block a block number
     * @return how many executors count for it
     */
    public int at(long block) {
        int run = runAt(block);
        return run < 0 ? 0 : counts[run];
    }

    /**
     * The runs with another count for some blocks.
     *
     * @param from the first block
     * @param to the block after the last; {@link Long#MAX_VALUE} for all that follow
     * @param count their count
     * @return new runs
     */
    public CountRuns with(long from, long to, int count) {
        long[] newStarts = new long[starts.length + 2];
        int[] newCounts = new int[starts.length + 2];
        int size = 0;
        for (int i = 0; i < starts.length && starts[i] < from; i++) {
            newStarts[size] = starts[i];
            newCounts[size++] = counts[i];
        }
        newStarts[size] = from;
        newCounts[size++] = count;
        if (to != Long.MAX_VALUE) {
            newStarts[size] = to;
            newCounts[size++] = at(to);
            for (int i = 0; i < starts.length; i++) {
                if (starts[i] > to) {
                    newStarts[size] = starts[i];
                    newCounts[size++] = counts[i];
                }
            }
        }
        return merged(newStarts, newCounts, size);
    }

    /**
     * The runs with a run that begins at a block and lasts until the next one; it stands even if its neighbours have the same
     * count.
     *
     * @param start the first block
     * @param count the count
     * @return new runs
     */
    public CountRuns withStart(long start, int count) {
        int at = Arrays.binarySearch(starts, start);
        if (at >= 0) {
            int[] newCounts = counts.clone();
            newCounts[at] = count;
            return new CountRuns(starts, newCounts);
        }
        int index = -at - 1;
        long[] newStarts = new long[starts.length + 1];
        int[] newCounts = new int[starts.length + 1];
        System.arraycopy(starts, 0, newStarts, 0, index);
        System.arraycopy(counts, 0, newCounts, 0, index);
        newStarts[index] = start;
        newCounts[index] = count;
        System.arraycopy(starts, index, newStarts, index + 1, starts.length - index);
        System.arraycopy(counts, index, newCounts, index + 1, starts.length - index);
        return new CountRuns(newStarts, newCounts);
    }

    /**
     * The block at which the next run begins.
     *
     * @param block a block number
     * @return the first start after it; {@link Long#MAX_VALUE} if there is none
     */
    public long nextStartAfter(long block) {
        int run = runAt(block) + 1;
        return run < starts.length ? starts[run] : Long.MAX_VALUE;
    }

    /**
     * The runs without what lies before a block; the count at that block and after it stays.
     *
     * @param first the first block that is still of interest
     * @return new runs, or these if there is nothing to leave out
     */
    public CountRuns from(long first) {
        int run = runAt(first);
        if (run <= 0) {
            return this;
        }
        long[] newStarts = Arrays.copyOfRange(starts, run, starts.length);
        int[] newCounts = Arrays.copyOfRange(counts, run, counts.length);
        return new CountRuns(newStarts, newCounts);
    }

    /**
     * How many runs there are.
     *
     * @return at least 0
     */
    public int size() {
        return starts.length;
    }

    /**
     * The first block of a run.
     *
     * @param run from 0 to {@link #size} - 1
     * @return a block number
     */
    public long start(int run) {
        return starts[run];
    }

    /**
     * The block after the last one of a run.
     *
     * @param run from 0 to {@link #size} - 1
     * @return a block number; {@link Long#MAX_VALUE} for the last run
     */
    public long end(int run) {
        return run + 1 < starts.length ? starts[run + 1] : Long.MAX_VALUE;
    }

    /**
     * The count of a run.
     *
     * @param run from 0 to {@link #size} - 1
     * @return how many executors
     */
    public int count(int run) {
        return counts[run];
    }

    /**
     * The first blocks of all runs.
     *
     * @return a new array
     */
    public long[] starts() {
        return starts.clone();
    }

    /**
     * The counts of all runs.
     *
     * @return a new array
     */
    public int[] counts() {
        return counts.clone();
    }

    /** The run that a block is in, -1 before the first. */
    private int runAt(long block) {
        int found = Arrays.binarySearch(starts, block);
        return found >= 0 ? found : -found - 2;
    }

    private static CountRuns merged(long[] starts, int[] counts, int size) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (kept == 0 ? counts[i] != 0 : counts[i] != counts[kept - 1]) {
                starts[kept] = starts[i];
                counts[kept++] = counts[i];
            }
        }
        return kept == 0 ? NONE : new CountRuns(Arrays.copyOf(starts, kept), Arrays.copyOf(counts, kept));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CountRuns runs
                && Arrays.equals(starts, runs.starts)
                && Arrays.equals(counts, runs.counts);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(starts) + Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < starts.length; i++) {
            text.append(i == 0 ? "" : ", ").append(starts[i]).append(":").append(counts[i]);
        }
        return text.append("]").toString();
    }
}
