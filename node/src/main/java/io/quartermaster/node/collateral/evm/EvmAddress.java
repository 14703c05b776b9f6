package io.quartermaster.node.collateral.evm;

import io.quartermaster.api.InvalidArgument;
import java.util.Locale;
import java.util.regex.Pattern;
import org.web3j.crypto.Keys;

/**
 * An address in an EVM.
 *
 * @param hex 0x and 40 lower-case hexadecimal digits
 */
public record EvmAddress(String hex) implements Comparable<EvmAddress> {
    private static final Pattern FORM = Pattern.compile("0x[0-9a-fA-F]{40}");

    /** Checks the form, and the checksum (EIP-55) of what is written in letters of both cases. */
    public EvmAddress {
        if (!FORM.matcher(hex).matches()) {
            throw new InvalidArgument("EVM address", hex, "0x and 40 hexadecimal digits");
        }
        String digits = hex.substring(2);
        boolean oneCase =
                digits.equals(digits.toLowerCase(Locale.ROOT)) || digits.equals(digits.toUpperCase(Locale.ROOT));
        if (!oneCase && !Keys.toChecksumAddress(hex).equals(hex)) {
            throw new InvalidArgument(
                    "EVM address", hex, "written right: its capital letters are a checksum, and do not fit its digits");
        }
        hex = hex.toLowerCase(Locale.ROOT);
    }

    @Override
    public int compareTo(EvmAddress other) {
        return hex.compareTo(other.hex);
    }

    /** With its checksum (EIP-55). */
    @Override
    public String toString() {
        return Keys.toChecksumAddress(hex);
    }
}
