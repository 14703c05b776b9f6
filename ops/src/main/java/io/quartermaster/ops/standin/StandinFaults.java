package io.quartermaster.ops.standin;

/**
 * What is wrong with a node.
 *
 * @param stateBlocks for how many blocks it keeps state; those before are pruned
 * @param latencyMillis how long it takes for each answer
 * @param behindBlocks how many blocks it is behind the chain
 * @param lies the probability, from 0 to 1, that an answer is cut short
 * @param drops the probability that the connection ends in the middle of an answer
 * @param hangs the probability that there is no answer
 * @param reorganises whether every seventh block is replaced by another one while it is among the newest two
 * @param upgradeAt from this block on the runtime is newer and lays its answers out in another way; -1 for never
 */
public record StandinFaults(
        int stateBlocks,
        long latencyMillis,
        int behindBlocks,
        double lies,
        double drops,
        double hangs,
        boolean reorganises,
        long upgradeAt) {
    /** A node with which nothing is wrong, and that keeps all state. */
    public static final StandinFaults NONE = new StandinFaults(Integer.MAX_VALUE, 0, 0, 0, 0, 0, false, -1);

    /**
     * The same for a node that keeps the state of some blocks only.
     *
     * @param blocks of how many
     * @return new faults
     */
    public StandinFaults pruned(int blocks) {
        return new StandinFaults(blocks, latencyMillis, behindBlocks, lies, drops, hangs, reorganises, upgradeAt);
    }

    /**
     * The same for a node that takes a while to answer.
     *
     * @param millis how long
     * @return new faults
     */
    public StandinFaults slow(long millis) {
        return new StandinFaults(stateBlocks, millis, behindBlocks, lies, drops, hangs, reorganises, upgradeAt);
    }

    /**
     * The same for a node that is behind.
     *
     * @param blocks how many blocks
     * @return new faults
     */
    public StandinFaults behind(int blocks) {
        return new StandinFaults(stateBlocks, latencyMillis, blocks, lies, drops, hangs, reorganises, upgradeAt);
    }

    /**
     * The same for a node whose answers can't be relied on.
     *
     * @param lie the probability that an answer is cut short
     * @param drop the probability that the connection ends in the middle of one
     * @param hang the probability that there is none
     * @return new faults
     */
    public StandinFaults unreliable(double lie, double drop, double hang) {
        return new StandinFaults(stateBlocks, latencyMillis, behindBlocks, lie, drop, hang, reorganises, upgradeAt);
    }

    /**
     * The same for a chain that changes its mind about its newest blocks.
     *
     * @return new faults
     */
    public StandinFaults reorganising() {
        return new StandinFaults(stateBlocks, latencyMillis, behindBlocks, lies, drops, hangs, true, upgradeAt);
    }

    /**
     * The same for a chain that upgrades its runtime.
     *
     * @param block from which block on
     * @return new faults
     */
    public StandinFaults upgrading(long block) {
        return new StandinFaults(stateBlocks, latencyMillis, behindBlocks, lies, drops, hangs, reorganises, block);
    }
}
