package io.quartermaster.node.grid;

import io.quartermaster.api.Manifest;
import java.util.List;

/**
 * A miner's newest manifests, one for each class.
 *
 * @param manifests in order of class
 */
public record MinerManifests(List<Manifest> manifests) {
    public MinerManifests {
        manifests = List.copyOf(manifests);
    }
}
