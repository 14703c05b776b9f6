package io.quartermaster.node.manifest;

import io.quartermaster.api.Hotkey;

/**
 * Something wrong with one miner's manifest.
 *
 * @param kind what kind of thing; the system event of the same name tells of it
 * @param miner the miner
 * @param detail one short sentence
 */
public record ManifestTrouble(Kind kind, Hotkey miner, String detail) {
    /** What can be wrong. */
    public enum Kind {
        /** The miner did not answer in time; it counts as 0. */
        MANIFEST_TIMEOUT,
        /** The miner could not be asked or sent garbage; it counts as 0. */
        MANIFEST_ERROR,
        /** The miner named a class that is not known; the class is ignored. */
        UNKNOWN_EXECUTOR_CLASS
    }
}
