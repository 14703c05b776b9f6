package io.quartermaster.node.collateral.evm;

import java.math.BigInteger;
import java.util.List;
import java.util.regex.Pattern;
import org.web3j.abi.FunctionEncoder;
import org.web3j.abi.FunctionReturnDecoder;
import org.web3j.abi.TypeReference;
import org.web3j.abi.datatypes.Address;
import org.web3j.abi.datatypes.Function;
import org.web3j.abi.datatypes.Utf8String;
import org.web3j.abi.datatypes.generated.Bytes16;
import org.web3j.abi.datatypes.generated.Uint256;

/** The functions of a collateral contract that are called here, as bytes in hexadecimal. */
final class CollateralAbi {
    static final int CHECKSUM_BYTES = 16;

    /** One word of 32 bytes. */
    private static final Pattern WORD = Pattern.compile("0x[0-9a-fA-F]{64}");

    private CollateralAbi() {}

    static String collaterals(EvmAddress miner) {
        return FunctionEncoder.encode(new Function("collaterals", List.of(new Address(miner.hex())), List.of()));
    }

    static String trustee() {
        return FunctionEncoder.encode(new Function("TRUSTEE", List.of(), List.of()));
    }

    static String slashCollateral(EvmAddress miner, BigInteger wei, String url, byte[] checksum) {
        return FunctionEncoder.encode(new Function(
                "slashCollateral",
                List.of(new Address(miner.hex()), new Uint256(wei), new Utf8String(url), new Bytes16(checksum)),
                List.of()));
    }

    /** What a function gave back that gives an amount. */
    static BigInteger amount(EvmNode.Answer answer) {
        return (BigInteger) FunctionReturnDecoder.decodeIndexedValue(word(answer), new TypeReference<Uint256>() {})
                .getValue();
    }

    /** What a function gave back that gives an address. */
    static EvmAddress address(EvmNode.Answer answer) {
        return new EvmAddress(FunctionReturnDecoder.decodeIndexedValue(word(answer), new TypeReference<Address>() {})
                .toString());
    }

    private static String word(EvmNode.Answer answer) {
        String text = answer.text();
        if (!WORD.matcher(text).matches()) {
            throw new EvmUnavailable(answer.from() + " answered "
                    + EvmNode.printable(answer.json().toString())
                    + " where 32 bytes belong: is this a collateral contract?");
        }
        return text;
    }
}
