package io.quartermaster.node.chain;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.CollateralSource.Readings;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.CollateralSeen;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CollateralChainTest {
    private static final Hotkey MINER = new Hotkey("5Miner1");

    private final List<Long> readAt = new ArrayList<>();
    private final List<CompletableFuture<Readings>> rounds = new ArrayList<>();
    private final List<SystemEvent> events = new ArrayList<>();
    private long shownNext = 1_000;
    private final Chain chain = new CollateralChain(new Blocks(), this::read, events::add);

    /** A block each time. */
    private final class Blocks extends ForwardingChain {
        private Blocks() {
            super(new SimulatedSubnet(SimulationSettings.defaults()));
        }

        @Override
        public ChainInfo info() {
            return new ChainInfo(12, super.info().validator(), 5, Map.of());
        }

        @Override
        public Optional<Observation> next(Duration patience) {
            return Optional.of(
                    new BlockSeen(shownNext, 12_000 * shownNext++, Optional.of("0x01"), List.of(), List.of()));
        }
    }

    private CompletableFuture<Readings> read(BlockSeen block) {
        readAt.add(block.block());
        rounds.add(new CompletableFuture<>());
        return rounds.get(rounds.size() - 1);
    }

    private void show(int observations) throws InterruptedException {
        for (int i = 0; i < observations; i++) {
            assertThat(chain.next(Duration.ZERO)).isPresent();
        }
    }

    private static Readings readings(long block, Map<Hotkey, String> failed) {
        return new Readings(new CollateralSeen(block, Map.of(new Hotkey("5Miner2"), BigInteger.TEN)), failed);
    }

    @Test
    void collateralIsReadAsOfTheCurrentBlockAndShownAmongTheBlocks() throws Exception {
        show(3);
        assertThat(readAt).containsExactly(995L);
        rounds.get(0).complete(readings(995, Map.of()));
        assertThat(chain.next(Duration.ZERO)).contains(readings(995, Map.of()).seen());
        show(40);
        assertThat(readAt).containsExactly(995L, 1_000L);
    }

    @Test
    void aMinerThatCanNotBeReadIsToldOnceUntilItCanBe() throws Exception {
        show(1);
        for (Map<Hotkey, String> failed : List.of(
                Map.of(MINER, "no answer"),
                Map.of(MINER, "no answer"),
                Map.<Hotkey, String>of(),
                Map.of(MINER, "again"))) {
            rounds.get(rounds.size() - 1).complete(readings(1_000, failed));
            show(60);
        }
        assertThat(events).hasSize(2).allSatisfy(event -> {
            assertThat(event.type()).isEqualTo(EventType.COLLATERAL_UNAVAILABLE);
            assertThat(event.concerns(MINER)).isTrue();
        });
        assertThat(events.get(0).message()).contains("keeps what was read last: no answer");
    }

    @Test
    void aRoundThatFailsIsToldOnceAndTriedAgainWithTheNextBlock() throws Exception {
        for (int i = 0; i < 3; i++) {
            show(1);
            rounds.get(i).completeExceptionally(new IllegalStateException("the node is gone"));
        }
        show(1);
        assertThat(rounds).hasSize(4);
        assertThat(events)
                .singleElement()
                .satisfies(event -> assertThat(event.message())
                        .isEqualTo("no collateral can be read, and miners keep what was read last: the node is gone"));
    }
}
