package io.quartermaster.ops;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.EvmDirectory;
import io.quartermaster.node.chain.Observation;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.subtensor.SubtensorChain;
import io.quartermaster.node.chain.subtensor.SubtensorSettings;
import io.quartermaster.node.collateral.evm.ContractCollateral;
import io.quartermaster.node.collateral.evm.EvmAddress;
import io.quartermaster.node.collateral.evm.EvmNode;
import io.quartermaster.node.keys.Ss58;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which contract to ask, through which node, and how to tell whose address is whose. */
final class EvmOptions {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Option(
            names = "--evm",
            required = true,
            paramLabel = "URI",
            description = "The node of the chain's EVM, such as http://127.0.0.1:9944.")
    private URI evm = URI.create("http://127.0.0.1:9944");

    @Option(
            names = "--collateral-contract",
            paramLabel = "ADDRESS",
            description = "The contract (default: the one that the validator has published; that takes --lite).")
    private @Nullable String contract;

    @Option(
            names = "--lite",
            split = ",",
            paramLabel = "URI",
            description = {
                "Nodes that know which address is whose, such as ws://127.0.0.1:9944; needed for miners that are named by",
                "their hotkeys."
            })
    private List<URI> lite = List.of();

    @Option(
            names = "--netuid",
            defaultValue = "12",
            paramLabel = "NUMBER",
            description = "Which subnet (default: ${DEFAULT-VALUE}).")
    private int netuid;

    @Option(
            names = "--hotkey",
            paramLabel = "ADDRESS",
            description = "The validator that has published where the contract is.")
    private @Nullable String hotkey;

    EvmNode node() {
        return EvmNode.at(evm);
    }

    /**
     * What was found out.
     *
     * @param contract which contract
     * @param miners the addresses, by the names that were given: hotkeys, or the addresses themselves
     */
    record Found(EvmAddress contract, Map<String, EvmAddress> miners) {}

    /**
     * Finds the contract and the miners' addresses.
     *
     * @param names hotkeys or addresses; none: all miners of the subnet that have an address
     */
    Found find(List<String> names) {
        Optional<EvmAddress> configured = Optional.ofNullable(contract).map(EvmAddress::new);
        Map<String, EvmAddress> miners = new TreeMap<>();
        names.stream().filter(EvmOptions::isAddress).forEach(name -> miners.put(name, new EvmAddress(name)));
        List<Hotkey> hotkeys = names.stream()
                .filter(name -> !isAddress(name))
                .peek(Ss58::publicKey)
                .map(Hotkey::new)
                .toList();
        if (configured.isPresent() && hotkeys.isEmpty() && !names.isEmpty()) {
            return new Found(configured.get(), miners);
        }
        if (lite.isEmpty()) {
            throw new InvalidArgument(
                    "--lite",
                    "none",
                    configured.isEmpty()
                            ? "a node, or the contract's address with --collateral-contract"
                            : "a node that knows the miners, or addresses of the form 0x...");
        }
        if (configured.isEmpty() && hotkey == null) {
            throw new InvalidArgument("--hotkey", "none", "the validator's --hotkey, or --collateral-contract");
        }
        return find(configured, hotkeys, miners, names.isEmpty());
    }

    private static boolean isAddress(String name) {
        return name.startsWith("0x");
    }

    private Found find(
            Optional<EvmAddress> configured, List<Hotkey> hotkeys, Map<String, EvmAddress> miners, boolean all) {
        // Whoever has no validator asks for nothing that is a validator's.
        Hotkey validator = new Hotkey(hotkey == null ? "nobody" : hotkey);
        try (Chain chain = SubtensorChain.follow(SubtensorSettings.of(netuid, validator, lite, List.of()))) {
            BlockSeen block = newest(chain);
            EvmDirectory directory = chain.evm().orElseThrow();
            EvmAddress where =
                    Asking.answer(new ContractCollateral(node(), directory, validator, configured).contract(block));
            Map<Hotkey, String> known = Asking.answer(directory.addresses(block));
            if (all) {
                known.forEach((miner, address) -> miners.put(miner.value(), new EvmAddress(address)));
            }
            for (Hotkey miner : hotkeys) {
                if (block.neurons().stream().map(Neuron::hotkey).noneMatch(miner::equals)) {
                    throw new InvalidArgument("miner", miner, "a neuron of subnet " + netuid);
                }
                if (!known.containsKey(miner)) {
                    throw new InvalidArgument(
                            "miner", miner, "one that has an address in the EVM: it has no collateral");
                }
                miners.put(miner.value(), new EvmAddress(known.get(miner)));
            }
            return new Found(where, miners);
        }
    }

    private static BlockSeen newest(Chain chain) {
        try {
            Optional<Observation> seen = chain.next(PATIENCE);
            if (seen.isPresent() && seen.get() instanceof BlockSeen block) {
                return block;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new ReplicaClient.Answered(
                ExitCodes.UNREACHABLE,
                "None of the nodes in --lite shows a block within " + PATIENCE.toSeconds() + " s");
    }
}
