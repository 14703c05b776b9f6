package io.quartermaster.node.ledger;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import java.util.Optional;

/**
 * What the books know of a block: seen first, and finalised once its successor is known. What a finalised block yields never
 * changes.
 *
 * @param number the block's number
 * @param timeMillis when it was minted, in Unix milliseconds
 * @param hash its hash, where known
 * @param validators the validators and their stakes at it
 * @param neurons names the list of the subnet's neurons at it
 * @param lengthMillis how long it counts as having lasted; 0 until it is finalised
 * @param multiplier the multiplier that was in force when it was finalised; 0 until then
 */
public record BlockRecord(
        long number,
        long timeMillis,
        Optional<String> hash,
        ValidatorStakes validators,
        String neurons,
        long lengthMillis,
        double multiplier) {

    /** Block numbers have 32 bits on the chain. */
    private static final long LARGEST_NUMBER = (1L << 32) - 1;

    public BlockRecord {
        if (number < 0 || number > LARGEST_NUMBER) {
            throw new InvalidArgument("block", number, "from 0 to " + LARGEST_NUMBER);
        }
    }

    /**
     * A block as it is first seen.
     *
     * @param number the block's number
     * @param timeMillis when it was minted, in Unix milliseconds
     * @param hash its hash, where known
     * @param validators the validators and their stakes at it
     * @param neurons names the list of the subnet's neurons at it
     * @return the record, not finalised
     */
    public static BlockRecord seen(
            long number, long timeMillis, Optional<String> hash, ValidatorStakes validators, String neurons) {
        return new BlockRecord(number, timeMillis, hash, validators, neurons, 0, 0);
    }

    /**
     * Whether the block's successor is known, and so what it yields.
     *
     * @return true once it is
     */
    public boolean finalised() {
        return lengthMillis > 0;
    }

    /**
     * The record with what is known once the successor is.
     *
     * @param successorMillis when the successor was minted, in Unix milliseconds
     * @param multiplierInForce the multiplier to fix for this block
     * @return the finalised record, or this one if it was finalised before
     */
    public BlockRecord finalisedBy(long successorMillis, double multiplierInForce) {
        if (finalised()) {
            return this;
        }
        long measured = successorMillis - timeMillis;
        long counted = measured > Limits.LONGEST_BLOCK_MILLIS ? Limits.STALLED_BLOCK_COUNTS_AS_MILLIS : measured;
        return new BlockRecord(number, timeMillis, hash, validators, neurons, counted, multiplierInForce);
    }

    /**
     * The same record, which shares its validators with another one if they are the same: blocks are many.
     *
     * @param like the other record
     * @return a record that is equal to this one
     */
    public BlockRecord sharing(BlockRecord like) {
        ValidatorStakes shared = ValidatorStakes.of(like.validators, validators.validators(), validators.stakes());
        return new BlockRecord(number, timeMillis, hash, shared, neurons, lengthMillis, multiplier);
    }

    /**
     * What one executor of a registered miner yields to a validator at this block.
     *
     * @param validator the validator's hotkey
     * @return nanoseconds of executor time; 0 until the block is finalised
     */
    public long unitNanos(Hotkey validator) {
        return finalised() ? Math.round(validators.share(validator) * lengthMillis * multiplier * 1e6) : 0;
    }
}
