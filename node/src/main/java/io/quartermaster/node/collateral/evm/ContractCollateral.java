package io.quartermaster.node.collateral.evm;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.CollateralSource;
import io.quartermaster.node.chain.EvmDirectory;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.CollateralSeen;
import java.math.BigInteger;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/**
 * The collateral of a subnet's miners in a contract: the one that is configured, or the one that this validator has published.
 * A miner without an address in the EVM has none. Safe for use by several threads.
 */
public final class ContractCollateral implements CollateralSource {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final EvmNode node;
    private final EvmDirectory directory;
    private final Hotkey validator;
    private final Optional<EvmAddress> configured;
    private volatile Optional<EvmAddress> lastPublished = Optional.empty();

    /**
     * A source that asks when it is asked.
     *
     * @param node reads the contract
     * @param directory knows which addresses are whose
     * @param validator who has published where the contract is
     * @param configured where it is; empty: where the validator says
     */
    public ContractCollateral(EvmNode node, EvmDirectory directory, Hotkey validator, Optional<EvmAddress> configured) {
        this.node = node;
        this.directory = directory;
        this.validator = validator;
        this.configured = configured;
    }

    @Override
    public CompletableFuture<Readings> read(BlockSeen block) {
        return contract(block)
                .thenCompose(contract ->
                        directory.addresses(block).thenCompose(addresses -> read(block, contract, addresses)));
    }

    private CompletableFuture<Readings> read(BlockSeen block, EvmAddress contract, Map<Hotkey, String> written) {
        Map<Hotkey, EvmAddress> addresses = new TreeMap<>();
        written.forEach((miner, address) -> addresses.put(miner, new EvmAddress(address)));
        return new CollateralContract(node, contract)
                .read(addresses.values(), OptionalLong.of(block.block()))
                .thenApply(amounts -> {
                    Map<Hotkey, BigInteger> wei = new TreeMap<>();
                    Map<Hotkey, String> failed = new TreeMap<>();
                    for (Neuron neuron : block.neurons()) {
                        Optional<EvmAddress> address = Optional.ofNullable(addresses.get(neuron.hotkey()));
                        Optional<String> failure = address.map(amounts.failed()::get);
                        if (failure.isPresent()) {
                            failed.put(neuron.hotkey(), failure.get());
                        } else {
                            wei.put(
                                    neuron.hotkey(),
                                    address.map(amounts.wei()::get).orElse(BigInteger.ZERO));
                        }
                    }
                    return new Readings(new CollateralSeen(block.block(), Collections.unmodifiableMap(wei)), failed);
                });
    }

    /**
     * Where the contract is.
     *
     * @param block as of which block
     * @return completes with its address; with {@link EvmUnavailable} if none is configured or published
     */
    public CompletableFuture<EvmAddress> contract(BlockSeen block) {
        if (configured.isPresent()) {
            return CompletableFuture.completedFuture(configured.get());
        }
        return directory.published(block, validator).thenApply(words -> {
            Optional<EvmAddress> published = words.flatMap(ContractCollateral::published);
            if (published.isPresent()) {
                lastPublished = published;
            }
            // Whoever publishes something else for a moment has not taken the contract back.
            return lastPublished.orElseThrow(
                    () -> new EvmUnavailable("no collateral contract is configured, and validator "
                            + validator + " has published none: set --collateral-contract, or publish"
                            + " {\"contract\":{\"address\":\"0x...\"}}"));
        });
    }

    /** The address in a commitment; empty if it is about something else. */
    static Optional<EvmAddress> published(String words) {
        try {
            return JSON.readTree(words)
                    .path("contract")
                    .path("address")
                    .asStringOpt()
                    .map(EvmAddress::new);
        } catch (JacksonException | InvalidArgument e) {
            return Optional.empty();
        }
    }
}
