package io.quartermaster.node.chain.subtensor;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.Validator;
import io.quartermaster.node.chain.Shared;
import io.quartermaster.node.chain.pylon.PylonClient;
import io.quartermaster.node.chain.pylon.Registered;
import io.quartermaster.node.chain.subtensor.Layouts.NeuronLite;
import io.quartermaster.node.chain.subtensor.Layouts.SubnetState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Reads a block of a subnet, whole, from one node; or its time and hash from the node, and who is registered from Pylon. Safe for
 * use by several threads.
 */
final class BlockFetcher {
    private static final double RAO_PER_TAO = 1e9;
    private static final Pattern BLOCK_NUMBER = Pattern.compile("0x[0-9a-f]{1,15}");
    private static final Pattern HASH = Pattern.compile("0x[0-9a-f]{64}");

    private final int netuid;
    private final String subnetArgument;
    private final Optional<PylonClient> pylon;

    private final Shared<List<Neuron>> sharedNeurons = new Shared<>();
    private final Shared<List<Validator>> sharedValidators = new Shared<>();

    BlockFetcher(int netuid, Optional<PylonClient> pylon) {
        this.netuid = netuid;
        this.pylon = pylon;
        this.subnetArgument = "0x" + HexFormat.of().formatHex(StorageKeys.u16(netuid));
    }

    /** The newest block that a node has. */
    static CompletableFuture<Long> head(NodeClient node) {
        return node.call("chain_getHeader")
                .thenApply(header -> number(node, header.path("number").asString("")));
    }

    private static long number(NodeClient node, String hex) {
        // Some nodes write leading zeros, others don't.
        if (!BLOCK_NUMBER.matcher(hex).matches()) {
            String shown = hex.length() <= 40 ? hex : hex.substring(0, 40) + "...";
            throw new CompletionException(
                    new NodeUnavailable(node.uri() + " says that its newest block is \"" + shown + "\""));
        }
        return Long.parseLong(hex.substring(2), 16);
    }

    /**
     * The hash of a block. What is asked for with it must be a whole hash: a node takes none to mean its newest block, and one
     * that is cut short for that of a block that it has no longer.
     *
     * @return completes with {@link RpcException}, saying that it is gone, if the node knows no such block
     */
    static CompletableFuture<String> hash(NodeClient node, long number) {
        return node.call("chain_getBlockHash", number).thenApply(hash -> {
            if (hash.isNull()) {
                throw new CompletionException(RpcException.noBlock(number));
            }
            if (!HASH.matcher(hash.asString("")).matches()) {
                throw new CompletionException(new NodeUnavailable(
                        node.uri() + " says of block " + number + " what is not the hash of a block"));
            }
            return hash.asString();
        });
    }

    /** The version of the runtime that made a block. */
    static CompletableFuture<Integer> runtimeVersion(NodeClient node, String hash) {
        return node.call("state_getRuntimeVersion", hash)
                .thenApply(version -> version.path("specVersion").asInt(0));
    }

    /**
     * A block.
     *
     * @return completes with {@link RpcException}, saying that it is gone, if the node has it or its state no longer
     */
    CompletableFuture<BlockSeen> fetch(NodeClient node, long number) {
        return hash(node, number)
                .thenCompose(hash -> pylon.map(client -> fetch(client, node, number, hash))
                        .orElseGet(() -> fetch(node, number, hash)));
    }

    private static CompletableFuture<BlockSeen> fetch(PylonClient pylon, NodeClient node, long number, String hash) {
        CompletableFuture<JsonNode> time = node.call("state_getStorage", StorageKeys.TIMESTAMP, hash);
        return pylon.neurons(number).thenCombine(time, (found, timestamp) -> {
            if (found.isEmpty()) {
                throw new CompletionException(new NodeUnavailable("Pylon has no block " + number));
            }
            if (!found.get().hash().equals(hash)) {
                throw new CompletionException(new NodeUnavailable("Pylon says that block " + number + " is "
                        + found.get().hash() + ", " + node.uri() + " that it is " + hash));
            }
            try {
                long millis = read("the time", timestamp, ScaleReader::u64);
                Registered registered = found.get().value();
                return new BlockSeen(number, millis, Optional.of(hash), registered.neurons(), registered.validators());
            } catch (UnknownLayout e) {
                throw refused(node, number, e);
            }
        });
    }

    private static CompletionException refused(NodeClient node, long number, UnknownLayout e) {
        return new CompletionException(
                new UnknownLayout("Block " + number + " from " + node.uri() + ": " + e.getMessage()));
    }

    private CompletableFuture<BlockSeen> fetch(NodeClient node, long number, String hash) {
        CompletableFuture<JsonNode> time = node.call("state_getStorage", StorageKeys.TIMESTAMP, hash);
        CompletableFuture<JsonNode> neurons =
                node.call("state_call", "NeuronInfoRuntimeApi_get_neurons_lite", subnetArgument, hash);
        CompletableFuture<JsonNode> state =
                node.call("state_call", "SubnetInfoRuntimeApi_get_subnet_state", subnetArgument, hash);
        return time.thenCombine(neurons, List::of).thenCombine(state, (both, third) -> {
            try {
                long millis = read("the time", both.get(0), ScaleReader::u64);
                List<NeuronLite> lite = read("the neurons", both.get(1), Layouts::neuronsLite);
                SubnetState present = read("the subnet", third, Layouts::subnetState)
                        .orElseThrow(() -> new UnknownLayout("there is no subnet " + netuid));
                return block(number, millis, hash, lite, present);
            } catch (UnknownLayout e) {
                throw refused(node, number, e);
            }
        });
    }

    private static <T> T read(String what, JsonNode result, ScaleReader.Part<T> part) throws UnknownLayout {
        if (!result.isString()) {
            throw new UnknownLayout(what + " is not there");
        }
        try {
            return ScaleReader.ofHex(result.asString()).whole(part);
        } catch (UnknownLayout e) {
            throw new UnknownLayout(what + " can't be read: " + e.getMessage());
        }
    }

    private BlockSeen block(long number, long millis, String hash, List<NeuronLite> lite, SubnetState state)
            throws UnknownLayout {
        if (state.netuid() != netuid) {
            throw new UnknownLayout("the subnet is " + state.netuid() + ", not " + netuid);
        }
        Map<Hotkey, Integer> uids =
                lite.stream().collect(Collectors.toMap(NeuronLite::hotkey, NeuronLite::uid, (a, b) -> a));
        List<Neuron> neurons = lite.stream()
                .map(neuron -> new Neuron(
                        neuron.uid(),
                        neuron.coldkey(),
                        new Miner(
                                neuron.hotkey(),
                                neuron.axon().address(),
                                neuron.axon().port(),
                                neuron.axon().ipVersion(),
                                Optional.empty())))
                .sorted(Comparator.comparingInt(Neuron::uid))
                .toList();
        List<Validator> validators = new ArrayList<>();
        for (int i = 0; i < state.hotkeys().size(); i++) {
            Integer uid = uids.get(state.hotkeys().get(i));
            if (uid == null) {
                throw new UnknownLayout("the subnet has " + state.hotkeys().get(i) + ", the list of neurons has not");
            }
            if (state.validatorPermit().get(i)) {
                validators.add(new Validator(
                        state.hotkeys().get(i), uid, state.totalStake().get(i) / RAO_PER_TAO));
            }
        }
        validators.sort(Comparator.comparingDouble(Validator::stake).reversed().thenComparingInt(Validator::uid));
        return new BlockSeen(
                number,
                millis,
                Optional.of(hash),
                sharedNeurons.of(neurons),
                sharedValidators.of(List.copyOf(validators)));
    }
}
