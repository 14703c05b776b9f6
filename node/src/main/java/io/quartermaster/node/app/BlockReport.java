package io.quartermaster.node.app;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.ledger.BlockRecord;
import java.time.Instant;
import java.util.Optional;

/**
 * A block, for people.
 *
 * @param number its number
 * @param time when it was minted
 * @param hash its hash, where known
 * @param finalised whether its successor is known, and so what it yields
 * @param lengthSeconds how long it counts as having lasted; 0 until it is finalised
 * @param multiplier the multiplier that was in force when it was finalised
 * @param validators how many validators there were at it
 * @param share this validator's part of all stake
 */
public record BlockReport(
        long number,
        Instant time,
        Optional<String> hash,
        boolean finalised,
        double lengthSeconds,
        double multiplier,
        int validators,
        double share) {

    static BlockReport of(BlockRecord block, Hotkey validator) {
        return new BlockReport(
                block.number(),
                Instant.ofEpochMilli(block.timeMillis()),
                block.hash(),
                block.finalised(),
                block.lengthMillis() / 1000.0,
                block.multiplier(),
                block.validators().validators().size(),
                block.validators().share(validator));
    }
}
