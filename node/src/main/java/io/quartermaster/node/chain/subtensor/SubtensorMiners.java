package io.quartermaster.node.chain.subtensor;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.MinerSource;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.miners.CommitmentManifest;
import io.quartermaster.node.chain.miners.MinerManifests;
import io.quartermaster.node.chain.pylon.AtBlock;
import io.quartermaster.node.chain.pylon.PylonClient;
import io.quartermaster.node.chain.shields.ShieldedAddress;
import io.quartermaster.node.chain.shields.ShieldedAddresses;
import java.net.InetAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Asks the miners of a real subnet: what they have published on the chain, and themselves. First their shields are looked for,
 * since a miner behind one is asked there. Safe for use by several threads.
 */
final class SubtensorMiners implements MinerSource, AutoCloseable {
    private final Nodes nodes;
    private final Optional<PylonClient> pylon;
    private final CommitmentFetcher commitments;
    private final Optional<MinerManifests> manifests;
    private final Optional<ShieldedAddresses> shields;

    SubtensorMiners(SubtensorSettings settings, Nodes nodes, Optional<PylonClient> pylon) {
        this.nodes = nodes;
        this.pylon = pylon;
        this.commitments = new CommitmentFetcher(settings.netuid());
        this.manifests = settings.wallet().map(wallet -> new MinerManifests(wallet, InstantSource.system()));
        // A chain on this machine has its miners here, too.
        boolean trial = settings.lite().stream().allMatch(SubtensorMiners::loopback);
        this.shields = settings.certificate()
                .map(certificate -> new ShieldedAddresses(
                        settings.validator(),
                        certificate,
                        ShieldedAddresses.PATIENCE,
                        trial ? address -> true : ShieldedAddresses::onTheInternet));
    }

    private static boolean loopback(URI uri) {
        return InetAddress.getLoopbackAddress().getHostAddress().equals(uri.getHost())
                || "localhost".equals(uri.getHost());
    }

    @Override
    public CompletableFuture<Answers> ask(BlockSeen block, boolean fromCommitments) {
        if (!fromCommitments && manifests.isEmpty()) {
            return CompletableFuture.failedFuture(new NodeUnavailable("miners answer only who signs, and no wallet is"
                    + " configured; without one, manifests can be read from the chain: set"
                    + " DYNAMIC_MANIFESTS_USE_KNOWLEDGE_COMMITMENTS"));
        }
        boolean needed = fromCommitments || shields.isPresent();
        CompletableFuture<Map<Hotkey, String>> published =
                needed ? published(block) : CompletableFuture.completedFuture(Map.of());
        return published.thenCompose(words -> shields(block.neurons(), words).thenCompose(found -> {
            List<Miner> reachable = ShieldedAddresses.shielded(block.neurons(), found).stream()
                    .map(Neuron::miner)
                    .filter(Miner::serving)
                    .toList();
            return (fromCommitments
                            ? CompletableFuture.completedFuture(published(block.block(), reachable, words))
                            : manifests.orElseThrow().ask(block.block(), reachable))
                    .thenApply(seen -> new Answers(seen, found));
        }));
    }

    private CompletableFuture<Map<Hotkey, String>> published(BlockSeen block) {
        if (pylon.isPresent()) {
            return pylon.get().latestCommitments().thenApply(AtBlock::value);
        }
        String hash = block.hash().orElseThrow();
        return nodes.ask(block.block(), node -> commitments.fetch(node, hash)).thenApply(read -> {
            Map<Hotkey, String> words = new TreeMap<>();
            read.byHotkey().forEach((hotkey, commitment) -> words.put(hotkey, commitment.words()));
            return words;
        });
    }

    private CompletableFuture<Map<Hotkey, ShieldedAddress>> shields(List<Neuron> neurons, Map<Hotkey, String> words) {
        return shields.map(known -> known.find(neurons, words))
                .orElseGet(() -> CompletableFuture.completedFuture(Map.of()));
    }

    private static ManifestsSeen published(long block, List<Miner> miners, Map<Hotkey, String> words) {
        Map<Hotkey, Map<ExecutorClass, Integer>> counts = new TreeMap<>();
        for (Miner miner : miners) {
            CommitmentManifest.of(words.getOrDefault(miner.hotkey(), ""))
                    .ifPresent(manifest -> counts.put(miner.hotkey(), manifest));
        }
        return new ManifestsSeen(block, counts, Map.of());
    }

    @Override
    public void close() {
        manifests.ifPresent(MinerManifests::close);
    }
}
