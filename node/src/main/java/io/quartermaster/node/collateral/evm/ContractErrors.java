package io.quartermaster.node.collateral.evm;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.web3j.abi.FunctionReturnDecoder;
import org.web3j.abi.TypeReference;
import org.web3j.abi.datatypes.Type;
import org.web3j.abi.datatypes.Utf8String;
import org.web3j.crypto.Hash;

/** The errors that a collateral contract gives as reasons. */
final class ContractErrors {
    private static final int SELECTOR_CHARS = 10;

    /** Error(string): what Solidity's {@code require} gives. */
    private static final String WITH_WORDS = "0x08c379a0";

    private static final Map<String, String> NAMES = Stream.of(
                    "AmountZero",
                    "BeforeDenyTimeout",
                    "InsufficientAmount",
                    "InvalidDepositMethod",
                    "NotTrustee",
                    "PastDenyTimeout",
                    "ReclaimAmountTooLarge",
                    "ReclaimAmountTooSmall",
                    "ReclaimNotFound",
                    "TransferFailed")
            .collect(Collectors.toUnmodifiableMap(
                    name -> Hash.sha3String(name + "()").substring(0, SELECTOR_CHARS), Function.identity()));

    private ContractErrors() {}

    /** The name of an error, or its words; empty if it is none that is known. */
    static Optional<String> named(String data) {
        if (data.startsWith(WITH_WORDS)) {
            return words(data.substring(SELECTOR_CHARS));
        }
        return Optional.ofNullable(
                NAMES.get(data.length() < SELECTOR_CHARS ? data : data.substring(0, SELECTOR_CHARS)));
    }

    private static Optional<String> words(String encoded) {
        try {
            @SuppressWarnings({"rawtypes", "unchecked"}) // web3j's own types
            List<Type> decoded =
                    FunctionReturnDecoder.decode(encoded, (List) List.of(new TypeReference<Utf8String>() {}));
            return decoded.stream()
                    .map(value -> "\"" + EvmNode.printable(value.getValue().toString()) + "\"")
                    .findFirst();
        } catch (RuntimeException e) {
            // A contract may say anything.
            return Optional.empty();
        }
    }
}
