package io.quartermaster.node.chain;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.shields.ShieldedAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Asks for what a chain does not show by itself: the miners' manifests, and the addresses that shields have for this validator. */
public interface MinerSource {
    /**
     * Asks for all miners of a block.
     *
     * @param block the current block; it names the miners
     * @param fromCommitments whether manifests are read from what miners have published on the chain; else each miner is asked
     * @return completes with what was found; with a failure if nothing could be asked at all. Miners that don't answer are in
     *     the answer
     */
    CompletableFuture<Answers> ask(BlockSeen block, boolean fromCommitments);

    /**
     * What was found.
     *
     * @param manifests the manifests
     * @param shields the address of each miner that is behind a shield, for this validator alone
     */
    record Answers(ManifestsSeen manifests, Map<Hotkey, ShieldedAddress> shields) {
        /** Copies the map. */
        public Answers {
            shields = Map.copyOf(shields);
        }
    }
}
