package io.quartermaster.node.grid;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The neurons of a subnet, as they were for a stretch of blocks.
 *
 * @param neurons ordered by uid
 * @param hotkeys theirs, in the same order; one list object for as long as the neurons stay the same
 * @param byHotkey where to reach each
 */
public record NeuronList(List<Neuron> neurons, List<Hotkey> hotkeys, Map<Hotkey, Miner> byHotkey) {
    /** Before any block is known. */
    public static final NeuronList NONE = NeuronList.of(List.of());

    /**
     * Makes the list.
     *
     * @param neurons the neurons, ordered by uid
     * @return the list
     */
    public static NeuronList of(List<Neuron> neurons) {
        List<Neuron> copy = List.copyOf(neurons);
        return new NeuronList(
                copy,
                copy.stream().map(Neuron::hotkey).toList(),
                copy.stream().collect(Collectors.toUnmodifiableMap(Neuron::hotkey, Neuron::miner, (a, b) -> a)));
    }
}
