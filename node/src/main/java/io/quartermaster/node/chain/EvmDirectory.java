package io.quartermaster.node.chain;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.Observation.BlockSeen;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What a chain says about its EVM, the machine that runs contracts. Safe for use by several threads. */
public interface EvmDirectory {
    /**
     * The addresses under which neurons act in the EVM, as they have proved to the chain.
     *
     * @param block as of which block; it names the neurons, those with uid 0 too
     * @return completes with an address for each neuron that has one: 0x and 40 lower-case hexadecimal digits; with a failure if
     *     it can't be told
     */
    CompletableFuture<Map<Hotkey, String>> addresses(BlockSeen block);

    /**
     * What a neuron has published in words.
     *
     * @param block as of which block
     * @param neuron whose words
     * @return completes with empty if it has published nothing; with a failure if it can't be told
     */
    CompletableFuture<Optional<String>> published(BlockSeen block, Hotkey neuron);
}
