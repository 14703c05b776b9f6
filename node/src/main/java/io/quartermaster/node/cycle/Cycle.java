package io.quartermaster.node.cycle;

/**
 * A cycle: two epochs of the chain.
 *
 * @param start its first block; negative for the first cycle of some subnets
 * @param stop the block after its last one
 */
public record Cycle(long start, long stop) {
    /** Blocks from one epoch to the next, less one. */
    public static final int TEMPO = 360;

    /** What a block counts as, in seconds. */
    public static final int BLOCK_SECONDS = 12;

    private static final int EPOCH_BLOCKS = TEMPO + 1;

    /** What a cycle is not used for: its beginning and its end. */
    private static final int MARGIN_SECONDS = 30;

    /**
     * The cycle that a block is in.
     *
     * @param block the block's number, at least 0
     * @param netuid the subnet's number
     * @return the cycle
     */
    public static Cycle of(long block, int netuid) {
        long epoch = epochStart(block, netuid);
        long epochs = (epoch - epochStart(0, netuid)) / EPOCH_BLOCKS;
        // The first of the two is an even number of epochs after that of block 0.
        long start = epochs % 2 == 0 ? epoch : epoch - EPOCH_BLOCKS;
        return new Cycle(start, start + 2 * EPOCH_BLOCKS);
    }

    /**
     * The epoch that a block is in: the chain's own clock, as ComputeHorde reads it.
     *
     * @param block the block's number, at least 0
     * @param netuid the subnet's number
     * @return its first block
     */
    static long epochStart(long block, int netuid) {
        long next = block + TEMPO - (block + netuid + 1) % EPOCH_BLOCKS;
        return next == block ? block : next - EPOCH_BLOCKS;
    }

    /**
     * How long a cycle still is.
     *
     * @param block the current block
     * @return seconds, at 12 s a block
     */
    public long secondsLeft(long block) {
        return (stop - block) * BLOCK_SECONDS;
    }

    /**
     * How much an executor can be used in a cycle by a validator that has all stake.
     *
     * @return seconds
     */
    public static int secondsPerExecutor() {
        return 2 * TEMPO * BLOCK_SECONDS - MARGIN_SECONDS;
    }
}
