package io.quartermaster.api;

/**
 * A registered participant of the subnet.
 *
 * @param uid its number in the subnet, from 0
 * @param coldkey the SS58 address of its owner
 * @param miner its hotkey, and where it says that it can be reached
 */
public record Neuron(int uid, Hotkey coldkey, Miner miner) {
    /** Checks the uid. */
    public Neuron {
        Checks.atLeast("uid", uid, 0);
    }

    /**
     * Its address on the chain.
     *
     * @return the hotkey
     */
    public Hotkey hotkey() {
        return miner.hotkey();
    }
}
