package io.quartermaster.ops.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quartermaster.node.chain.NodeReport;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.pylon.PylonSettings;
import io.quartermaster.node.chain.subtensor.SubtensorChain;
import io.quartermaster.node.chain.subtensor.SubtensorSettings;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A chain that is read from a node shows what the node's chain is, whatever goes wrong between them, or nothing. */
class FollowingTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Queue<SystemEvent> events = new ConcurrentLinkedQueue<>();
    private final SimulatedSubnet truth =
            closing(new SimulatedSubnet(SimulationSettings.defaults().withSpeed(24)));

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

    private StandinNode node(StandinFaults faults) {
        return closing(StandinNode.start(truth, 0, faults));
    }

    private SubtensorChain chain(List<URI> lite, List<URI> archive) {
        SubtensorChain chain = closing(SubtensorChain.follow(settings(lite, archive)));
        chain.tellTo(events::add);
        return chain;
    }

    private SubtensorSettings settings(List<URI> lite, List<URI> archive) {
        return SubtensorSettings.of(truth.info().netuid(), truth.info().validator(), lite, archive)
                .withTimes(Duration.ofSeconds(2), Duration.ofMillis(300));
    }

    private static void same(BlockSeen seen, BlockSeen expected) {
        assertThat(seen.timeMillis()).isEqualTo(expected.timeMillis());
        assertThat(seen.hash()).isEqualTo(expected.hash());
        assertThat(seen.neurons())
                .extracting(neuron -> neuron.uid() + " " + neuron.hotkey() + " " + neuron.coldkey() + " "
                        + neuron.miner().port())
                .containsExactlyInAnyOrderElementsOf(expected.neurons().stream()
                        .map(neuron -> neuron.uid() + " " + neuron.hotkey() + " " + neuron.coldkey() + " "
                                + neuron.miner().port())
                        .toList());
        assertThat(seen.validators()).containsExactlyInAnyOrderElementsOf(expected.validators());
    }

    /** Takes what the chain shows until it has shown so many blocks; a later version of one takes the place of the earlier. */
    private static Map<Long, BlockSeen> shown(SubtensorChain chain, int blocks) {
        Map<Long, BlockSeen> shown = new TreeMap<>();
        await().atMost(LONG).until(() -> {
            chain.next(Duration.ofMillis(200))
                    .map(BlockSeen.class::cast)
                    .ifPresent(seen -> shown.put(seen.block(), seen));
            return shown.size() >= blocks;
        });
        return shown;
    }

    @Test
    void newBlocksAreShownAsTheyAre() {
        SubtensorChain chain = chain(List.of(node(StandinFaults.NONE).uri()), List.of());

        Map<Long, BlockSeen> shown = shown(chain, 10);

        shown.forEach((number, seen) -> same(seen, truth.block(number).orElseThrow()));
        assertThat(shown.keySet()).allMatch(number -> number <= chain.head());
        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.type()).isEqualTo(EventType.ARCHIVE_NOT_CONFIGURED);
            assertThat(event.message()).startsWith("no archive is configured: blocks before ");
        });
    }

    @Test
    void aBlockThatIsReplacedIsShownAgainAsItIsInTheEnd() {
        SubtensorChain chain =
                chain(List.of(node(StandinFaults.NONE.reorganising()).uri()), List.of());

        Map<Long, BlockSeen> shown = shown(chain, 24);

        // What was replaced is shown again before what makes it current.
        long settled = Collections.max(shown.keySet()) - SubtensorChain.FINALITY_LAG;
        shown.entrySet().stream()
                .filter(block -> block.getKey() <= settled)
                .forEach(block ->
                        same(block.getValue(), truth.block(block.getKey()).orElseThrow()));
        assertThat(shown.keySet()).anyMatch(number -> number % 7 == 0 && number <= settled);
    }

    @Test
    void whatALiteNodeNoLongerHasComesFromAnArchive() {
        StandinNode archive = node(StandinFaults.NONE);
        SubtensorChain chain = chain(List.of(node(StandinFaults.NONE.pruned(20)).uri()), List.of(archive.uri()));
        await().atMost(LONG).until(() -> chain.head() > 0);

        for (long number = chain.head() - 30; number > chain.head() - 300; number -= 60) {
            long wanted = number;
            BlockSeen seen = fetched(chain, wanted);
            same(seen, truth.block(wanted).orElseThrow());
        }
        assertThat(archive.requests()).isPositive();
        assertThat(chain.oldestReachable()).isZero();
        assertThat(events).isEmpty();
    }

    private static BlockSeen fetched(SubtensorChain chain, long number) {
        List<BlockSeen> found = new ArrayList<>();
        await().atMost(LONG).until(() -> {
            chain.block(number).ifPresent(found::add);
            return !found.isEmpty();
        });
        return found.get(0);
    }

    @Test
    void withoutAnArchiveTheHorizonIsSaidOnceAndNotAskedFor() {
        StandinNode lite = node(StandinFaults.NONE.pruned(20));
        SubtensorChain chain = chain(List.of(lite.uri()), List.of());
        await().atMost(LONG).until(() -> chain.head() > 0);
        long head = chain.head();

        assertThat(chain.block(head - 40)).isEmpty();
        assertThat(chain.block(head - 50)).isEmpty();

        assertThat(chain.oldestReachable()).isGreaterThan(head - 41);
        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.type()).isEqualTo(EventType.ARCHIVE_NOT_CONFIGURED);
            assertThat(event.message()).startsWith("no lite node has block " + (head - 40) + " any more");
        });
        assertThat(fetched(chain, head - 10).block()).isEqualTo(head - 10);
    }

    @Test
    void aNodeThatLiesHangsAndDropsIsAskedAgainUntilItTellsTheTruth() {
        StandinNode bad = node(StandinFaults.NONE.unreliable(0.05, 0.05, 0.02));
        SubtensorChain chain = chain(List.of(bad.uri()), List.of());

        shown(chain, 15)
                .forEach((number, seen) -> same(seen, truth.block(number).orElseThrow()));
    }

    @Test
    void aDeadNodeIsLeftForTheNextOne() {
        StandinNode first = node(StandinFaults.NONE);
        SubtensorChain chain =
                chain(List.of(first.uri(), node(StandinFaults.NONE).uri()), List.of());
        shown(chain, 3);
        first.close();

        assertThat(shown(chain, 8)).hasSizeGreaterThanOrEqualTo(8);
    }

    @Test
    void pylonSaysTheSameAsTheNode() {
        StandinPylon pylon = closing(StandinPylon.start(truth, 0, "a-token", StandinPylonFaults.NONE));
        SubtensorChain chain = closing(SubtensorChain.follow(settings(
                        List.of(node(StandinFaults.NONE).uri()), List.of())
                .withPylon(PylonSettings.ofIdentity(
                        pylon.uri(), "validator", "a-token", truth.info().netuid()))));

        shown(chain, 5).forEach((number, seen) -> same(seen, truth.block(number).orElseThrow()));
        assertThat(pylon.requests()).isPositive();
        assertThat(chain.nodes()).allSatisfy(node -> assertThat(node.methods()).doesNotContainKey("state_call"));
    }

    @Test
    void aNodeThatIsHundredsOfBlocksBehindIsLeftForOneThatIsNot() {
        StandinNode behind = node(StandinFaults.NONE.behind(300));
        SubtensorChain chain =
                chain(List.of(behind.uri(), node(StandinFaults.NONE).uri()), List.of());

        await().atMost(LONG).until(() -> chain.head() > truth.head() - 10);
        Map<Long, BlockSeen> shown = shown(chain, 5);

        assertThat(shown.keySet()).anyMatch(number -> number > truth.head() - 20);
        assertThat(chain.nodes()).extracting(NodeReport::behind).anyMatch(blocks -> blocks > 200);
    }

    @Test
    void anUpgradedRuntimeIsToldAndAnUnknownLayoutNotTakenIn() {
        long upgrade = truth.head() + 30;
        SubtensorChain chain =
                chain(List.of(node(StandinFaults.NONE.upgrading(upgrade)).uri()), List.of());
        Map<Long, BlockSeen> shown = shown(chain, 5);
        await().atMost(LONG).until(() -> events.stream().anyMatch(event -> event.type() == EventType.UNKNOWN_LAYOUT));

        Optional<SystemEvent> unknown = events.stream()
                .filter(event -> event.type() == EventType.UNKNOWN_LAYOUT)
                .findFirst();
        assertThat(unknown.orElseThrow().message()).contains("left over", "Nothing of this block is taken in");
        assertThat(shown.keySet()).allMatch(number -> number < upgrade);
        assertThat(chain.block(upgrade)).isEmpty();
    }

    /** Four epochs, each block two round trips away: one after the other they would take two and a half minutes. */
    @Test
    void olderBlocksAreFetchedWhileOthersAreOnTheirWay() {
        StandinNode slow = node(StandinFaults.NONE.slow(50));
        SubtensorChain chain = chain(List.of(slow.uri()), List.of(slow.uri()));
        await().atMost(LONG).until(() -> chain.head() > 0);
        long head = chain.head();

        for (long number = head - 101; number > head - 200; number--) {
            assertThat(fetched(chain, number).block()).isEqualTo(number);
        }
        assertThat(slow.mostUnderWay()).isBetween(20L, 128L);
    }
}
