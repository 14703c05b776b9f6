package io.quartermaster.api;

import java.util.List;
import java.util.Optional;

/**
 * The subnet's neurons at one block, as parallel lists ordered by uid.
 *
 * @param block the block's number
 * @param hash the block's hash, if it is known
 * @param uids the neurons' numbers in the subnet
 * @param hotkeys the neurons' hotkeys
 * @param totalStakes each neuron's effective stake in TAO; 0 for those that the chain does not count as validators, whatever
 *     they have: the books keep the stakes that allowance rests on, and no others
 * @param servingHotkeys the hotkeys of the neurons that say where to reach them
 */
public record Metagraph(
        long block,
        Optional<String> hash,
        List<Integer> uids,
        List<Hotkey> hotkeys,
        List<Double> totalStakes,
        List<Hotkey> servingHotkeys) {
    /** Copies the lists, and checks that they are parallel. */
    public Metagraph {
        uids = List.copyOf(uids);
        hotkeys = List.copyOf(hotkeys);
        totalStakes = List.copyOf(totalStakes);
        servingHotkeys = List.copyOf(servingHotkeys);
        if (hotkeys.size() != uids.size() || totalStakes.size() != uids.size()) {
            throw new InvalidArgument("hotkeys", hotkeys.size(), "as many as uids and stakes");
        }
    }
}
