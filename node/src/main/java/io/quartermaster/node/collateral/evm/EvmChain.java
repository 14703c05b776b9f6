package io.quartermaster.node.collateral.evm;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The chains whose EVM holds collateral, by the numbers that docs.learnbittensor.org and subtensor's source give them. */
public enum EvmChain {
    /** Where collateral is worth something. */
    MAINNET(964),
    /** The public test network. */
    TESTNET(945),
    /** A chain on a developer's machine. */
    LOCALNET(42);

    private final long id;

    EvmChain(long id) {
        this.id = id;
    }

    /**
     * Its number.
     *
     * @return as {@code eth_chainId} tells it, and as transactions name it
     */
    public long id() {
        return id;
    }

    static Optional<EvmChain> of(long id) {
        return Arrays.stream(values()).filter(chain -> chain.id == id).findFirst();
    }

    static String expected() {
        return Arrays.stream(values()).map(Object::toString).collect(Collectors.joining(", "));
    }

    /** Such as "964 (mainnet)". */
    @Override
    public String toString() {
        return id + " (" + name().toLowerCase(java.util.Locale.ROOT) + ")";
    }
}
