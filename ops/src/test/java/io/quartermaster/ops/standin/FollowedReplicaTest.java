package io.quartermaster.ops.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.app.BlockReport;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.chain.NodeReport;
import io.quartermaster.node.chain.RecordedChain;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.subtensor.SubtensorChain;
import io.quartermaster.node.chain.subtensor.SubtensorSettings;
import io.quartermaster.node.ledger.ClassBook;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica on a chain that it reads from nodes, with what goes wrong with nodes. */
class FollowedReplicaTest {
    private static final int BLOCKS = Integer.getInteger("quartermaster.following.blocks", 40);
    private static final Duration LONG = Duration.ofMinutes(2 + BLOCKS / 60);

    @Test
    void itsBooksAreThoseThatItsRecordingGives(@TempDir Path directory) {
        Path recording = directory.resolve("seen.jsonl.gz");
        ReplicaSettings settings =
                ReplicaSettings.defaults().withParams(Map.of("DYNAMIC_MANIFESTS_USE_KNOWLEDGE_COMMITMENTS", "true"));
        Map<Hotkey, Map<ExecutorClass, ClassBook>> followed;
        List<BlockReport> blocks;
        try (PublishingChain truth = new PublishingChain(
                        new SimulatedSubnet(SimulationSettings.defaults().withSpeed(24)));
                StandinNode lite = StandinNode.start(
                        truth,
                        0,
                        StandinFaults.NONE.pruned(100).reorganising().unreliable(0.01, 0.01, 0.01),
                        truth::words);
                StandinNode archive = StandinNode.start(truth, 0, StandinFaults.NONE.slow(20), truth::words);
                Replica replica = Replica.start(
                        SubtensorChain.follow(SubtensorSettings.of(
                                        truth.info().netuid(),
                                        truth.info().validator(),
                                        List.of(lite.uri()),
                                        List.of(archive.uri()))
                                .withTimes(Duration.ofSeconds(2), Duration.ofMillis(300))),
                        settings.withRecording(recording))) {
            long began = truth.head();
            await().atMost(LONG)
                    .until(() -> replica.following().newest() >= began + BLOCKS
                            && replica.following().backfillDone()
                            && replica.following().missingInLookback() == 0);
            assertThat(replica.nodes()).extracting(NodeReport::role).containsExactly("lite", "archive");
            assertThat(replica.allowance().manifests()).isNotEmpty();
            for (long block = began; block <= began + BLOCKS; block++) {
                assertThat(replica.allowance().neurons(block).neurons())
                        .as("block %d", block)
                        .hasSameSizeAs(truth.block(block).orElseThrow().neurons());
            }
            // Nothing new comes any more.
            List.of(lite, archive).forEach(StandinNode::close);
            AtomicLong before = new AtomicLong();
            await().during(Duration.ofSeconds(1)).atMost(LONG).until(() -> {
                long now = replica.following().observations();
                return before.getAndSet(now) == now;
            });
            followed = byMiner(replica);
            blocks = replica.blocks(BLOCKS);
        }
        try (Replica replayed = Replica.replay(RecordedChain.open(recording, Double.POSITIVE_INFINITY), settings)) {
            assertThat(byMiner(replayed)).isNotEmpty().isEqualTo(followed);
            assertThat(replayed.blocks(BLOCKS)).hasSize(BLOCKS).isEqualTo(blocks);
        }
    }

    /** What was counted and dropped; the ids of calls differ. */
    private static Map<Hotkey, Map<ExecutorClass, ClassBook>> byMiner(Replica replica) {
        Map<Hotkey, Map<ExecutorClass, ClassBook>> ledgers = new TreeMap<>();
        replica.ledgers().forEach(ledger -> ledgers.put(ledger.miner(), ledger.classes()));
        return ledgers;
    }
}
