package io.quartermaster.api;

import java.util.List;

/**
 * All neurons of the subnet at one block.
 *
 * @param block the block's number
 * @param neurons ordered by uid
 */
public record NeuronSnapshot(long block, List<Neuron> neurons) {
    /** Copies the list. */
    public NeuronSnapshot {
        neurons = List.copyOf(neurons);
    }
}
