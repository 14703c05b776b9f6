package io.quartermaster.node.chain;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.MinerSource.Answers;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.shields.ShieldedAddress;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AskingChainTest {
    private static final int LAG = 5;

    private final List<BlockSeen> askedAt = new ArrayList<>();
    private final List<Boolean> fromCommitments = new ArrayList<>();
    private final List<CompletableFuture<Answers>> rounds = new ArrayList<>();
    private final List<SystemEvent> events = new ArrayList<>();
    private boolean commitments;
    private long shownNext = 1_000;
    private final Chain chain = new AskingChain(new Blocks(), this::ask, () -> commitments, events::add);

    /** A block each time. */
    private final class Blocks extends ForwardingChain {
        private Blocks() {
            super(new SimulatedSubnet(SimulationSettings.defaults()));
        }

        @Override
        public ChainInfo info() {
            return new ChainInfo(12, super.info().validator(), LAG, Map.of());
        }

        @Override
        public Optional<Observation> next(Duration patience) {
            return Optional.of(seen(shownNext++));
        }
    }

    private static BlockSeen seen(long block) {
        List<Neuron> neurons =
                IntStream.range(0, 2).mapToObj(AskingChainTest::neuron).toList();
        return new BlockSeen(block, 12_000 * block, Optional.empty(), neurons, List.of());
    }

    private static Neuron neuron(int uid) {
        Hotkey hotkey = new Hotkey("5Miner" + uid);
        return new Neuron(uid, new Hotkey("5Owner"), new Miner(hotkey, "10.0.0.1", 8000 + uid, 4, Optional.empty()));
    }

    private CompletableFuture<Answers> ask(BlockSeen block, boolean published) {
        CompletableFuture<Answers> round = new CompletableFuture<>();
        askedAt.add(block);
        fromCommitments.add(published);
        rounds.add(round);
        return round;
    }

    private List<Observation> shown(int observations) throws InterruptedException {
        List<Observation> shown = new ArrayList<>();
        while (shown.size() < observations) {
            shown.add(chain.next(Duration.ZERO).orElseThrow());
        }
        return shown;
    }

    private static Answers answers(long block, Map<Hotkey, ShieldedAddress> shields) {
        return new Answers(new ManifestsSeen(block, Map.of(), Map.of()), shields);
    }

    @Test
    void minersAreAskedAtOnceAndThenEveryTwentyFiveBlocks() throws Exception {
        shown(1);
        assertThat(askedAt).extracting(BlockSeen::block).containsExactly(995L);
        rounds.get(0).complete(answers(995, Map.of()));

        shown(8);
        assertThat(askedAt).extracting(BlockSeen::block).containsExactly(995L, 1_000L);
        rounds.get(1).complete(answers(1_000, Map.of()));
        shown(60);

        assertThat(askedAt).extracting(BlockSeen::block).containsExactly(995L, 1_000L, 1_025L);
    }

    @Test
    void theNextRoundWaitsForTheOneThatIsUnderWay() throws Exception {
        shown(100);
        assertThat(askedAt).hasSize(1);

        rounds.get(0).complete(answers(995, Map.of()));
        shown(2);

        assertThat(askedAt).extracting(BlockSeen::block).containsExactly(995L, 1_095L);
    }

    @Test
    void whatTheySaidIsShownAmongTheBlocksOnceAllHaveAnswered() throws Exception {
        assertThat(shown(5)).allMatch(BlockSeen.class::isInstance);

        rounds.get(0).complete(answers(995, Map.of()));

        assertThat(shown(2))
                .first()
                .isInstanceOfSatisfying(
                        ManifestsSeen.class,
                        manifests -> assertThat(manifests.block()).isEqualTo(995));
    }

    @Test
    void theParameterIsLookedAtBeforeEachRound() throws Exception {
        shown(1);
        rounds.get(0).complete(answers(995, Map.of()));
        commitments = true;
        shown(10);

        assertThat(fromCommitments).containsExactly(false, true);
    }

    @Test
    void aRoundThatFailsAsAWholeIsToldOnceAndTriedAgainWithTheNextBlock() throws Exception {
        shown(1);
        rounds.get(0).completeExceptionally(new IllegalStateException("there is no wallet"));
        shown(1);
        rounds.get(1).completeExceptionally(new IllegalStateException("there is no wallet"));
        shown(1);

        assertThat(rounds).hasSize(3);
        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.type()).isEqualTo(EventType.MANIFEST_ERROR);
            assertThat(event.message()).contains("there is no wallet");
        });
    }

    @Test
    void aMinerBehindAShieldIsShownWithItsShieldedAddress() throws Exception {
        BlockSeen first = (BlockSeen) shown(1).get(0);
        Neuron shielded = first.neurons().get(0);
        rounds.get(0).complete(answers(995, Map.of(shielded.hotkey(), new ShieldedAddress("shield.example", 444))));
        shown(1);

        BlockSeen next = (BlockSeen) shown(1).get(0);
        Predicate<Neuron> hasShield = neuron -> neuron.miner().shieldAddress().isPresent();
        assertThat(next.neurons()).filteredOn(hasShield).singleElement().satisfies(neuron -> {
            assertThat(neuron.hotkey()).isEqualTo(shielded.hotkey());
            assertThat(neuron.miner().shieldAddress()).hasValue("shield.example");
            assertThat(neuron.miner().port()).isEqualTo(444);
            assertThat(neuron.miner().address()).isEqualTo(shielded.miner().address());
        });
        assertThat(((BlockSeen) shown(1).get(0)).neurons())
                .as("lists that are equal are the same object")
                .isSameAs(next.neurons());
    }
}
