package io.quartermaster.node.collateral.evm;

import java.io.Serial;
import java.util.Optional;

/** A node of an EVM, or a contract in it, says no. */
final class EvmRefused extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Optional<String> data;

    /**
     * A refusal.
     *
     * @param message the node's words
     * @param data what a contract gave as its reason, in hexadecimal
     */
    EvmRefused(String message, Optional<String> data) {
        super(message);
        this.data = data;
    }

    /** The contract's own error, by its name; else the node's words. */
    String inWords() {
        return data.flatMap(ContractErrors::named)
                .map(name -> "the contract says " + name)
                .orElseGet(() -> String.valueOf(getMessage()));
    }

    Optional<String> data() {
        return data;
    }
}
