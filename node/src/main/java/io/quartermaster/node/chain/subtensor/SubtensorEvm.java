package io.quartermaster.node.chain.subtensor;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.EvmDirectory;
import io.quartermaster.node.chain.Observation.BlockSeen;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import tools.jackson.databind.JsonNode;

/** What subtensor stores about its EVM, from nodes. Immutable; safe for use by several threads. */
final class SubtensorEvm implements EvmDirectory {
    private final int netuid;
    private final Nodes nodes;

    SubtensorEvm(int netuid, Nodes nodes) {
        this.netuid = netuid;
        this.nodes = nodes;
    }

    @Override
    public CompletableFuture<Map<Hotkey, String>> addresses(BlockSeen block) {
        String hash = block.hash().orElseThrow();
        // By uid, and uid 0 is one like the others.
        Map<String, Hotkey> keys = new LinkedHashMap<>();
        for (Neuron neuron : block.neurons()) {
            keys.put(StorageKeys.evmAddress(netuid, neuron.uid()), neuron.hotkey());
        }
        if (keys.isEmpty()) {
            return CompletableFuture.completedFuture(Map.of());
        }
        return nodes.ask(
                block.block(),
                node -> node.call("state_queryStorageAt", List.copyOf(keys.keySet()), hash)
                        .thenApply(answer -> read(node, "EVM addresses", () -> addresses(answer, keys))));
    }

    /** A key under which nothing is stored is in the answer, too, without a value. */
    static Map<Hotkey, String> addresses(JsonNode answer, Map<String, Hotkey> keys) throws UnknownLayout {
        Map<String, Hotkey> unanswered = new HashMap<>(keys);
        Map<Hotkey, String> addresses = new TreeMap<>();
        for (JsonNode change : answer.path(0).path("changes")) {
            Hotkey hotkey = unanswered.remove(change.path(0).asString(""));
            if (hotkey != null && change.path(1).isString()) {
                addresses.put(
                        hotkey,
                        ScaleReader.ofHex(change.path(1).asString())
                                .whole(Layouts::evmAssociation)
                                .address());
            }
        }
        if (!unanswered.isEmpty()) {
            throw new UnknownLayout(unanswered.size() + " of " + keys.size() + " are not in the answer");
        }
        return addresses;
    }

    @Override
    public CompletableFuture<Optional<String>> published(BlockSeen block, Hotkey neuron) {
        String hash = block.hash().orElseThrow();
        return nodes.ask(
                block.block(),
                node -> node.call("state_getStorage", StorageKeys.commitment(netuid, neuron), hash)
                        .thenApply(answer -> read(
                                node,
                                "commitment of " + neuron,
                                () -> answer.isString()
                                        ? Optional.of(ScaleReader.ofHex(answer.asString())
                                                .whole(Layouts::commitment)
                                                .words())
                                        : Optional.empty())));
    }

    /** Something that is read from an answer. */
    @FunctionalInterface
    private interface Reading<T> {
        T read() throws UnknownLayout;
    }

    private static <T> T read(NodeClient node, String what, Reading<T> reading) {
        try {
            return reading.read();
        } catch (UnknownLayout e) {
            throw new CompletionException(
                    new UnknownLayout("The " + what + " from " + node.uri() + ": " + e.getMessage()));
        }
    }
}
