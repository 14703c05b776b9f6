package io.quartermaster.node.collateral.evm;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.CollateralSource;
import io.quartermaster.node.chain.ForwardingChain;
import java.util.Optional;

/** A chain whose miners' collateral is in a contract. As safe for several threads as the chain itself. */
public final class CollateralisedChain extends ForwardingChain {
    private final CollateralSource collateral;

    /**
     * A chain with collateral.
     *
     * @param chain the chain; it must have an EVM
     * @param node reads the contract
     * @param contract where that is; empty: where the validator has published that it is
     * @throws InvalidArgument if the chain has no EVM
     */
    public CollateralisedChain(Chain chain, EvmNode node, Optional<EvmAddress> contract) {
        super(chain);
        this.collateral = new ContractCollateral(
                node,
                chain.evm().orElseThrow(() -> new InvalidArgument("evm", node, "left out: this chain has no EVM")),
                chain.info().validator(),
                contract);
    }

    @Override
    public Optional<CollateralSource> collateral() {
        return Optional.of(collateral);
    }
}
