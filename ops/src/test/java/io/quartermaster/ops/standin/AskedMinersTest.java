package io.quartermaster.ops.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.Miner;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.SimulationSettings.MinerMix;
import io.quartermaster.node.chain.SimulationSettings.Misbehaviour;
import io.quartermaster.node.chain.shields.ShieldedAddress;
import io.quartermaster.node.chain.subtensor.SubtensorChain;
import io.quartermaster.node.chain.subtensor.SubtensorSettings;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.keys.ShieldCertificate;
import io.quartermaster.ops.standin.StandinMiner.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole replica with a wallet, and miners that it asks: some at a shield, some that lie or refuse. */
class AskedMinersTest {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final KeyPair WALLET = KeyPair.ofSeed(new byte[32]);

    /** None that makes a replica wait for the end of its patience: that has a test of its own. */
    private static final List<Fault> QUICK = List.of(Fault.REFUSING, Fault.CLOSING, Fault.GARBAGE, Fault.NEGATIVE);

    @Test
    void theyAreOnItsBooksWithWhatTheySayWhereverTheyCanBeReached(@TempDir Path directory) {
        ShieldCertificate certificate = ShieldCertificate.readOrCreate(directory.resolve("shield/validator_cert.pem"));
        SimulationSettings subnet =
                SimulationSettings.defaults().withSpeed(24).withTrouble(Misbehaviour.none(), MinerMix.reliable());
        ReplicaSettings uncapped = ReplicaSettings.defaults()
                .withParams(Map.of("DYNAMIC_MINER_MAX_EXECUTORS_PER_CLASS", "always_on.test=1000"));
        try (AnsweringChain truth = AnsweringChain.start(
                        new PublishingChain(new SimulatedSubnet(subnet)),
                        WALLET.hotkey(),
                        Optional.of(certificate),
                        0.25,
                        QUICK);
                StandinNode node = StandinNode.start(truth, 0, StandinFaults.NONE, truth::words);
                Replica replica = Replica.start(
                        SubtensorChain.follow(SubtensorSettings.of(
                                        truth.info().netuid(), WALLET.hotkey(), List.of(node.uri()), List.of())
                                .withTimes(Duration.ofSeconds(5), Duration.ofMillis(300))
                                .withWallet(WALLET)
                                .withCertificate(certificate)),
                        uncapped)) {
            Map<Hotkey, Map<ExecutorClass, Integer>> expected = new HashMap<>();
            assertThat(truth.misbehaving()).hasSizeBetween(4, 8);
            assertThat(truth.shielded()).hasSizeBetween(6, 10);

            await().atMost(LONG).untilAsserted(() -> {
                expected.clear();
                expected.putAll(truth.manifests());
                expected.keySet().removeAll(truth.misbehaving());
                expected.values().removeIf(Map::isEmpty);
                assertThat(known(replica)).isNotEmpty().isEqualTo(expected);
            });
            assertThat(complainedOf(replica)).isEqualTo(new TreeSet<>(truth.misbehaving()));
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(shielded(replica)).isEqualTo(truth.shielded()));
            assertThat(truth.questions()).isPositive();
        }
    }

    private static Map<Hotkey, Map<ExecutorClass, Integer>> known(Replica replica) {
        Map<Hotkey, Map<ExecutorClass, Integer>> known = new HashMap<>();
        for (Manifest manifest : replica.allowance().manifests()) {
            known.computeIfAbsent(manifest.miner(), miner -> new HashMap<>())
                    .put(manifest.executorClass(), manifest.executors());
        }
        return known;
    }

    private static Set<Hotkey> complainedOf(Replica replica) {
        Set<Hotkey> miners = new TreeSet<>();
        for (SystemEvent event : replica.events(EventQuery.newest(1_000))) {
            if (event.type() == EventType.MANIFEST_ERROR) {
                miners.add(new Hotkey(event.fields().getOrDefault(SystemEvent.MINER, "none")));
            }
        }
        return miners;
    }

    private static Map<Hotkey, ShieldedAddress> shielded(Replica replica) {
        Map<Hotkey, ShieldedAddress> shielded = new HashMap<>();
        for (Miner miner : replica.allowance().miners()) {
            miner.shieldAddress()
                    .ifPresent(host -> shielded.put(miner.hotkey(), new ShieldedAddress(host, miner.port())));
        }
        return shielded;
    }
}
