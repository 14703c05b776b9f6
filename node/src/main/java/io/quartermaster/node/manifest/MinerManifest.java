package io.quartermaster.node.manifest;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a sync says of one miner, for its ledger. A class that is not among the claims is left as it was.
 *
 * @param miner the miner
 * @param block the block of the sync
 * @param claims by class, in order of class; at least one
 */
public record MinerManifest(Hotkey miner, long block, Map<ExecutorClass, Claim> claims) {
    /** Copies the claims. */
    public MinerManifest {
        claims = Collections.unmodifiableMap(new TreeMap<>(claims));
    }

    /**
     * A count of executors.
     *
     * @param said what the miner says, from 0 to {@link ManifestSync#MOST_EXECUTORS}; compared with the count stored before
     *     to find drops
     * @param stored what counts from now on: the same, but not above the class's cap
     */
    public record Claim(int said, int stored) {}
}
