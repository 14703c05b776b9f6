package io.quartermaster.ops.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Metagraph;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.FollowerProgress;
import io.quartermaster.node.chain.NodeReport;
import io.quartermaster.node.chain.Observation;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.Validator;
import io.quartermaster.node.chain.RecordedChain;
import io.quartermaster.node.chain.RecordingWriter;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.subtensor.SubtensorChain;
import io.quartermaster.node.chain.subtensor.SubtensorSettings;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.ledger.ClassBook;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole replica on a chain that it reads from nodes of which each has faults, all at once. The long form:
 * {@code -Dquartermaster.following.blocks=500}.
 */
class FollowedReplicaTest {
    private static final int BLOCKS = Integer.getInteger("quartermaster.following.blocks", 30);
    private static final int FIRST_BLOCK = 450;
    private static final double SPEED = 48;
    private static final Duration LONG = Duration.ofMinutes(2 + BLOCKS / 30);
    private static final ReplicaSettings SETTINGS =
            ReplicaSettings.defaults().withParams(Map.of("DYNAMIC_MANIFESTS_USE_KNOWLEDGE_COMMITMENTS", "true"));

    private final List<AutoCloseable> open = new ArrayList<>();
    private final PublishingChain truth = closing(new PublishingChain(new SimulatedSubnet(young())));
    private final long began = truth.head();

    @TempDir
    private Path directory;

    /** A chain with some hundred blocks, so that all of them are of use. */
    private static SimulationSettings young() {
        SimulationSettings usual = SimulationSettings.defaults();
        return new SimulationSettings(
                usual.seed(),
                usual.netuid(),
                usual.miners(),
                usual.validators(),
                usual.executorClasses(),
                usual.start(),
                FIRST_BLOCK,
                FIRST_BLOCK,
                Long.MAX_VALUE,
                usual.blockTime(),
                usual.jitterMillis(),
                usual.finalityLag(),
                SPEED,
                usual.misbehaviour(),
                usual.minerMix());
    }

    private <T extends AutoCloseable> T closing(T one) {
        open.add(0, one);
        return one;
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private URI node(StandinFaults faults) {
        return closing(StandinNode.start(truth, 0, faults, truth::words)).uri();
    }

    /** The first is hundreds of blocks behind; the second can't be relied on; the third can't be read from half way on. */
    private List<URI> liteNodes() {
        return List.of(
                node(StandinFaults.NONE.pruned(256).behind(300).reorganising()),
                node(StandinFaults.NONE.pruned(256).reorganising().unreliable(0.01, 0.01, 0.01)),
                node(StandinFaults.NONE.pruned(100).slow(30).upgrading(began + BLOCKS / 2)));
    }

    @Test
    void itsBooksAreTheChainsWithAnArchive() {
        URI archive = node(StandinFaults.NONE.slow(20).unreliable(0.002, 0.002, 0.002));

        assertThat(follows(List.of(archive)).oldest()).isZero();
    }

    @Test
    void itsBooksAreTheChainsWithoutAnArchive() {
        assertThat(follows(List.of()).events()).containsKey(EventType.ARCHIVE_NOT_CONFIGURED);
    }

    private record Followed(long oldest, Map<EventType, Long> events) {}

    /** Follows for some blocks, until none that is of use and can be had is missing. */
    private Followed follows(List<URI> archives) {
        Path recording = directory.resolve("seen.jsonl.gz");
        Map<EventType, Long> events = new TreeMap<>();
        Books followed;
        long oldest;
        long newest;
        long beganNanos = System.nanoTime();
        SubtensorSettings settings = SubtensorSettings.of(
                        truth.info().netuid(), truth.info().validator(), liteNodes(), archives)
                .withTimes(Duration.ofSeconds(2), Duration.ofMillis(100));
        try (Replica replica = Replica.start(SubtensorChain.follow(settings), SETTINGS.withRecording(recording))) {
            await().atMost(LONG)
                    .until(() -> replica.following().newest() >= began + BLOCKS
                            && replica.following().backfillDone()
                            && replica.following().missing().isEmpty());
            newest = replica.following().newest();
            oldest = Math.min(began, replica.following().backfillTarget());
            for (SystemEvent event : replica.events(EventQuery.newest(1_000))) {
                events.merge(event.type(), 1L, Long::sum);
            }
            // As long as others answer, the node that was upgraded may not have been asked for a block.
            assertThat(events.keySet()).containsAnyOf(EventType.UNKNOWN_LAYOUT, EventType.RUNTIME_UPGRADED);
            print(replica, archives.isEmpty() ? "no archive" : "archive", beganNanos, events);
            for (long block = oldest; block < newest; block++) {
                same(replica, block);
            }
            stop(replica);
            followed = Books.of(replica, oldest, newest);
        }
        try (Replica replayed = Replica.replay(RecordedChain.open(recording, Double.POSITIVE_INFINITY), SETTINGS)) {
            assertThat(Books.of(replayed, oldest, newest)).as("its recording").isEqualTo(followed);
        }
        try (Replica replayed =
                Replica.replay(RecordedChain.open(recorded(recording), Double.POSITIVE_INFINITY), SETTINGS)) {
            assertThat(Books.of(replayed, oldest, newest)).as("the chain's").isEqualTo(followed);
        }
        return new Followed(oldest, events);
    }

    /** Until nothing new comes any more. */
    private void stop(Replica replica) {
        open.stream()
                .filter(StandinNode.class::isInstance)
                .map(StandinNode.class::cast)
                .forEach(StandinNode::close);
        AtomicLong before = new AtomicLong();
        await().during(Duration.ofMillis(500)).atMost(LONG).until(() -> {
            long now = replica.following().observations();
            return before.getAndSet(now) == now;
        });
    }

    private void same(Replica replica, long number) {
        BlockSeen expected = truth(number);
        assertThat(replica.allowance().neurons(number).neurons())
                .as("the neurons of block %d", number)
                .isEqualTo(expected.neurons());
        Metagraph seen = replica.allowance().metagraph(number);
        assertThat(seen.hash()).as("the hash of block %d", number).isEqualTo(expected.hash());
        Map<Hotkey, Double> stakes = new HashMap<>();
        for (int i = 0; i < seen.hotkeys().size(); i++) {
            if (seen.totalStakes().get(i) > 0) {
                stakes.put(seen.hotkeys().get(i), seen.totalStakes().get(i));
            }
        }
        assertThat(stakes)
                .as("the stakes of block %d", number)
                .isEqualTo(expected.validators().stream()
                        .collect(HashMap::new, (all, one) -> all.put(one.hotkey(), one.stake()), HashMap::putAll));
    }

    /** A block of the chain itself, in the order in which nodes tell it, and without shields, of which they know nothing. */
    private BlockSeen truth(long number) {
        BlockSeen block = truth.block(number).orElseThrow();
        List<Neuron> neurons = block.neurons().stream()
                .map(neuron -> new Neuron(neuron.uid(), neuron.coldkey(), withoutShield(neuron.miner())))
                .sorted(Comparator.comparingInt(Neuron::uid))
                .toList();
        List<Validator> validators = block.validators().stream()
                .sorted(Comparator.comparingDouble(Validator::stake).reversed().thenComparingInt(Validator::uid))
                .toList();
        return new BlockSeen(number, block.timeMillis(), block.hash(), neurons, validators);
    }

    private static Miner withoutShield(Miner miner) {
        return new Miner(miner.hotkey(), miner.address(), miner.port(), miner.ipVersion(), Optional.empty());
    }

    /** The same chain as a recording, in the order in which the replica saw it: the blocks are the chain's own. */
    private Path recorded(Path seen) {
        Path file = directory.resolve("chain.jsonl.gz");
        try (Chain chain = RecordedChain.open(seen, Double.POSITIVE_INFINITY);
                RecordingWriter writer =
                        RecordingWriter.create(file, chain.info().finalised())) {
            while (!chain.ended()) {
                Optional<Observation> next = chain.next(Duration.ofMillis(10));
                next.map(one -> one instanceof BlockSeen block ? truth(block.block()) : one)
                        .ifPresent(writer::write);
            }
        } catch (InterruptedException e) {
            throw new AssertionError("Interrupted", e);
        }
        return file;
    }

    /**
     * What a replica has on its books; the ids of calls differ.
     *
     * @param ledgers what was counted and dropped
     * @param blocks what each block yields
     */
    private record Books(Map<Hotkey, Map<ExecutorClass, ClassBook>> ledgers, List<String> blocks) {
        static Books of(Replica replica, long oldest, long newest) {
            Map<Hotkey, Map<ExecutorClass, ClassBook>> ledgers = new TreeMap<>();
            replica.ledgers().forEach(ledger -> ledgers.put(ledger.miner(), ledger.classes()));
            assertThat(ledgers).isNotEmpty();
            List<String> blocks = new ArrayList<>();
            for (long block = oldest; block < newest; block++) {
                blocks.add(replica.blockTable().record(block).orElseThrow().toString());
            }
            return new Books(ledgers, blocks);
        }
    }

    /** In the long form this is the figure. */
    private static void print(Replica replica, String how, long beganNanos, Map<EventType, Long> events) {
        FollowerProgress progress = replica.following();
        StringBuilder words = new StringBuilder(400);
        words.append(String.format(
                Locale.ROOT,
                "%s: %s, after %.0f s, events %s%n",
                how,
                progress.inWords(),
                (System.nanoTime() - beganNanos) / 1e9,
                events));
        for (NodeReport node : replica.nodes()) {
            long calls = node.methods().values().stream()
                    .mapToLong(NodeReport.MethodStatistics::calls)
                    .sum();
            long failures = node.methods().values().stream()
                    .mapToLong(NodeReport.MethodStatistics::failures)
                    .sum();
            words.append(String.format(
                    Locale.ROOT,
                    "  %s: behind %d, %d calls, %d of them failed%n",
                    node.role(),
                    node.behind(),
                    calls,
                    failures));
        }
        System.out.print(words);
    }
}
