package io.quartermaster.node.chain;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.CollateralSeen;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Reads what miners have put down, where that is kept. */
@FunctionalInterface
public interface CollateralSource {
    /**
     * Reads the collateral of all miners, as of one block.
     *
     * @param block the current block; it names the miners
     * @return completes with what was read; with a failure if nothing could be
     */
    CompletableFuture<Readings> read(BlockSeen block);

    /**
     * What was read.
     *
     * @param seen the amounts
     * @param failed whose could not be read, and why
     */
    record Readings(CollateralSeen seen, Map<Hotkey, String> failed) {
        /** Copies the map. */
        public Readings {
            failed = Map.copyOf(failed);
        }
    }
}
