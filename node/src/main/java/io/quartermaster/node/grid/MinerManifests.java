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

    /** The newest block at which one of them was stated; -1 if there is none. */
    long block() {
        return manifests.stream().mapToLong(Manifest::block).max().orElse(-1);
    }
}
