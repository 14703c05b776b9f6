package io.quartermaster.node.collateral.evm;

import java.io.Serial;

/** A node of an EVM can't be asked, or what it answers can't be used: it does not speak JSON-RPC, or is of another chain. */
public final class EvmUnavailable extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    EvmUnavailable(String message) {
        super(message);
    }
}
