package io.quartermaster.node.ledger;

import java.util.Arrays;
import java.util.function.LongConsumer;

/** An immutable set of block numbers that lie close together: a bit for each block from a base on. */
public final class BlockSet {
    /** The set without blocks. */
    public static final BlockSet EMPTY = new BlockSet(0, new long[0]);

    private static final int BITS = 64;

    /** 25 years of blocks, and 8 MB: what is further apart was never written by a replica. */
    private static final long MOST_APART = 1L << 26;

    /** The number of the first word: block {@code b} is bit {@code b mod 64} of word {@code b / 64}. */
    private final long firstWord;

    private final long[] words;

    private BlockSet(long firstWord, long[] words) {
        this.firstWord = firstWord;
        this.words = words;
    }

    /**
     * A set of blocks.
     *
     * @param blocks block numbers, at least 0, in any order
     * @return the set
     * @throws IllegalArgumentException if one is below 0, or two are more than 2^26 apart
     */
    public static BlockSet of(long... blocks) {
        return EMPTY.with(blocks);
    }

    /**
     * Whether a block is in the set.
     *
     * @param block a block number
     * @return true if it is
     */
    public boolean contains(long block) {
        return (word(block / BITS) >>> (block % BITS) & 1) != 0;
    }

    /**
     * Whether there is no block in the set.
     *
     * @return true if there is none
     */
    public boolean isEmpty() {
        return words.length == 0;
    }

    /**
     * How many blocks the set has.
     *
     * @return at least 0
     */
    public int size() {
        int size = 0;
        for (long word : words) {
            size += Long.bitCount(word);
        }
        return size;
    }

    /**
     * The set with more blocks in it.
     *
     * @param blocks block numbers, at least 0
     * @return a new set
     * @throws IllegalArgumentException if one is below 0, or two are more than 2^26 apart
     */
    public BlockSet with(long... blocks) {
        if (blocks.length == 0) {
            return this;
        }
        long low = words.length == 0 ? Long.MAX_VALUE : firstWord;
        long high = words.length == 0 ? Long.MIN_VALUE : firstWord + words.length - 1;
        for (long block : blocks) {
            low = Math.min(low, Math.floorDiv(block, BITS));
            high = Math.max(high, Math.floorDiv(block, BITS));
        }
        if (low < 0 || high - low > MOST_APART / BITS) {
            throw new IllegalArgumentException(
                    "Blocks about " + low * BITS + " and " + high * BITS + " can't be in one set");
        }
        long[] wider = new long[(int) (high - low + 1)];
        if (words.length > 0) {
            System.arraycopy(words, 0, wider, (int) (firstWord - low), words.length);
        }
        for (long block : blocks) {
            wider[(int) (block / BITS - low)] |= 1L << (block % BITS);
        }
        return new BlockSet(low, wider);
    }

    /**
     * The set with some blocks taken out.
     *
     * @param blocks block numbers; those not in the set change nothing
     * @return a new set
     */
    public BlockSet without(long... blocks) {
        long[] fewer = words.clone();
        for (long block : blocks) {
            long index = block / BITS - firstWord;
            if (index >= 0 && index < fewer.length) {
                fewer[(int) index] &= ~(1L << (block % BITS));
            }
        }
        return trimmed(firstWord, fewer);
    }

    /**
     * The set without the blocks up to and including one.
     *
     * @param last the newest block to leave out
     * @return a new set, or this one if there is nothing to leave out
     */
    public BlockSet withoutUpTo(long last) {
        if (words.length == 0 || last < firstWord * BITS) {
            return this;
        }
        long[] fewer = words.clone();
        for (int i = 0; i < fewer.length; i++) {
            long start = (firstWord + i) * BITS;
            if (start + BITS - 1 <= last) {
                fewer[i] = 0;
            } else if (start <= last) {
                fewer[i] &= -1L << (last - start + 1);
            }
        }
        return trimmed(firstWord, fewer);
    }

    /**
     * Calls back for each block from one on, ascending.
     *
     * @param from the first block that is of interest
     * @param action called with each block number
     */
    public void forEachFrom(long from, LongConsumer action) {
        for (int i = (int) Math.max(0, from / BITS - firstWord); i < words.length; i++) {
            for (long word = words[i]; word != 0; word &= word - 1) {
                long block = (firstWord + i) * BITS + Long.numberOfTrailingZeros(word);
                if (block >= from) {
                    action.accept(block);
                }
            }
        }
    }

    /**
     * All blocks, ascending.
     *
     * @return a new array
     */
    public long[] toArray() {
        long[] blocks = new long[size()];
        int[] next = {0};
        forEachFrom(0, block -> blocks[next[0]++] = block);
        return blocks;
    }

    private long word(long number) {
        long index = number - firstWord;
        return index >= 0 && index < words.length ? words[(int) index] : 0;
    }

    private static BlockSet trimmed(long firstWord, long[] words) {
        int from = 0;
        int to = words.length;
        while (from < to && words[from] == 0) {
            from++;
        }
        while (to > from && words[to - 1] == 0) {
            to--;
        }
        return from == to ? EMPTY : new BlockSet(firstWord + from, Arrays.copyOfRange(words, from, to));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BlockSet set && Arrays.equals(toArray(), set.toArray());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(toArray());
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
