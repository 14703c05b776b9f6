package io.quartermaster.node.chain;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Neuron;
import io.quartermaster.api.SignedReceipt;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Something that a replica saw of the chain or of the miners. Facts only; what follows from them is decided elsewhere. */
public sealed interface Observation {

    /**
     * A block was minted.
     *
     * @param block the block's number, at least 0
     * @param timeMillis when it was minted, in Unix milliseconds
     * @param hash its hash, where known
     * @param neurons all neurons of the subnet at it, by uid; lists that are equal should be the same object, block after block
     * @param validators those that the chain counts as validators at it; as with neurons, share equal lists
     */
    record BlockSeen(
            long block, long timeMillis, Optional<String> hash, List<Neuron> neurons, List<Validator> validators)
            implements Observation {
        public BlockSeen {
            nonNegative("block", block);
            nonNegative("time_ms", timeMillis);
        }
    }

    /**
     * The miners were asked for their manifests.
     *
     * @param block the block at which they were asked
     * @param counts what those that answered said, uncapped
     * @param failed why others did not answer: "timeout", or in words
     */
    record ManifestsSeen(long block, Map<Hotkey, Map<ExecutorClass, Integer>> counts, Map<Hotkey, String> failed)
            implements Observation {
        public ManifestsSeen {
            nonNegative("block", block);
        }
    }

    /**
     * Collateral was read. Miners that are not named keep their amount.
     *
     * @param block the block at which it was read
     * @param wei the amounts, at least 0
     */
    record CollateralSeen(long block, Map<Hotkey, BigInteger> wei) implements Observation {
        public CollateralSeen {
            nonNegative("block", block);
        }
    }

    /**
     * A miner served a receipt.
     *
     * @param receipt the receipt, with its signatures unchecked
     */
    record ReceiptSeen(SignedReceipt receipt) implements Observation {}

    /**
     * A validator at a block.
     *
     * @param hotkey its address
     * @param uid its number in the subnet
     * @param stake its effective stake in TAO, finite and at least 0
     */
    record Validator(Hotkey hotkey, int uid, double stake) {
        public Validator {
            nonNegative("uid", uid);
            if (!(stake >= 0) || Double.isInfinite(stake)) {
                throw new InvalidArgument("stake", stake, "finite and at least 0");
            }
        }
    }

    private static void nonNegative(String field, long value) {
        if (value < 0) {
            throw new InvalidArgument(field, value, "at least 0");
        }
    }
}
