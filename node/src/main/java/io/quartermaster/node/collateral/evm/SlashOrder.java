package io.quartermaster.node.collateral.evm;

import io.quartermaster.api.InvalidArgument;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What to slash, and how.
 *
 * @param contract which contract holds it
 * @param miner whose collateral
 * @param wei how much, at least 1
 * @param url where the reason can be read; may be empty; at most 1,024 bytes
 * @param checksum the MD5 of what is there, 16 bytes in hexadecimal; zeros if there is no URL
 * @param gasLimit how much gas it may use
 * @param gasPriceWei what to pay for gas; empty: what the node asks
 * @param nonce the transaction's number; empty: the key's next one. An earlier one replaces a transaction that waits
 */
public record SlashOrder(
        EvmAddress contract,
        EvmAddress miner,
        BigInteger wei,
        String url,
        String checksum,
        long gasLimit,
        Optional<BigInteger> gasPriceWei,
        Optional<BigInteger> nonce) {
    /** As much as ComputeHorde allows. */
    public static final long GAS_LIMIT = 200_000;

    /** What stands for no checksum. */
    public static final String NO_CHECKSUM = "00".repeat(CollateralAbi.CHECKSUM_BYTES);

    private static final int LONGEST_URL_BYTES = 1_024;
    private static final int MOST_AMOUNT_BITS = 256;

    /** Checks the amounts. */
    public SlashOrder {
        if (wei.signum() <= 0 || wei.bitLength() > MOST_AMOUNT_BITS) {
            throw new InvalidArgument("amount", wei, "at least 1 wei, and less than 2^256");
        }
        if (url.getBytes(StandardCharsets.UTF_8).length > LONGEST_URL_BYTES) {
            throw new InvalidArgument("url", url.length() + " characters", "at most " + LONGEST_URL_BYTES + " bytes");
        }
        if (!checksum.matches("[0-9a-f]{32}")) {
            throw new InvalidArgument("checksum", checksum, "an MD5: 32 lower-case hexadecimal digits");
        }
        if (gasLimit < 1) {
            throw new InvalidArgument("gas limit", gasLimit, "at least 1");
        }
        gasPriceWei.ifPresent(price -> requireCount("gas price", price));
        nonce.ifPresent(number -> requireCount("nonce", number));
    }

    private static void requireCount(String field, BigInteger value) {
        if (value.signum() < 0 || value.bitLength() > MOST_AMOUNT_BITS) {
            throw new InvalidArgument(field, value, "at least 0");
        }
    }
}
