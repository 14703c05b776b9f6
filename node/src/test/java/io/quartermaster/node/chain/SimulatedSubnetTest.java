package io.quartermaster.node.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.CollateralSeen;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.SimulationSettings.MinerMix;
import io.quartermaster.node.chain.SimulationSettings.Misbehaviour;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatedSubnetTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final SimulationSettings FAST = SimulationSettings.defaults()
            .withStart(START)
            .withSpeed(Double.POSITIVE_INFINITY)
            .withBlocks(800, 1000);
    private static final long FIRST = FAST.firstBlock();

    private static List<Observation> shown(SimulationSettings settings) throws InterruptedException {
        try (SimulatedSubnet subnet = new SimulatedSubnet(settings)) {
            return shown(subnet);
        }
    }

    private static List<Observation> shown(SimulatedSubnet subnet) throws InterruptedException {
        List<Observation> all = new ArrayList<>();
        while (!subnet.ended()) {
            Optional<Observation> next = subnet.next(Duration.ZERO);
            if (next.isEmpty()) {
                break;
            }
            all.add(next.get());
        }
        return all;
    }

    private static <T> List<T> only(Class<T> kind, List<Observation> all) {
        return all.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Test
    void equalSettingsShowTheSameAndAnotherSeedShowsAnother() throws InterruptedException {
        assertThat(shown(FAST)).isEqualTo(shown(FAST));
        assertThat(shown(FAST.withSeed(2))).isNotEqualTo(shown(FAST));
    }

    @Test
    void anyBlockCanBeFetchedAndIsTheOneThatIsShown() throws InterruptedException {
        try (SimulatedSubnet subnet = new SimulatedSubnet(FAST);
                SimulatedSubnet backwards = new SimulatedSubnet(FAST)) {
            List<BlockSeen> blocks = only(BlockSeen.class, shown(subnet));
            shown(backwards);
            for (BlockSeen block : blocks) {
                assertThat(subnet.block(block.block())).contains(block);
            }
            for (long number = FIRST + 999; number >= FIRST - 800; number--) {
                assertThat(backwards.block(number)).isPresent().isEqualTo(subnet.block(number));
            }
            assertThat(subnet.block(FIRST - 801)).isEmpty();
            assertThat(subnet.block(FIRST + 1000)).isEmpty();
            assertThat(subnet.oldestReachable()).isEqualTo(FIRST - 800);
        }
    }

    @Test
    void aMissedHeadIsNotShownButCanBeFetched() throws InterruptedException {
        try (SimulatedSubnet subnet = new SimulatedSubnet(FAST)) {
            List<Long> numbers = only(BlockSeen.class, shown(subnet)).stream()
                    .map(BlockSeen::block)
                    .toList();
            assertThat(numbers).isSorted().doesNotHaveDuplicates().hasSizeBetween(950, 999);
            assertThat(subnet.head()).isEqualTo(FIRST + 999);
        }
    }

    @Test
    void theHistoryOfManifestsComesFirstAndThenOneEveryTwentyFiveBlocks() throws InterruptedException {
        List<Observation> all = shown(FAST);
        int firstBlock = all.indexOf(only(BlockSeen.class, all).get(0));

        List<Long> history = only(ManifestsSeen.class, all.subList(0, firstBlock)).stream()
                .map(ManifestsSeen::block)
                .toList();
        assertThat(history)
                .startsWith(FIRST - 800, FIRST - 775)
                .endsWith(FIRST - 25)
                .hasSize(32);
        List<Long> live = only(ManifestsSeen.class, all.subList(firstBlock, all.size())).stream()
                .map(ManifestsSeen::block)
                .toList();
        assertThat(live).startsWith(FIRST, FIRST + 25).hasSize(40);
    }

    @Test
    void manifestsAreReadAtTheCurrentBlockWhichIsFiveBehindTheHead() throws InterruptedException {
        SimulationSettings settings = FAST.withTrouble(Misbehaviour.none(), MinerMix.some());
        List<Observation> all = shown(settings);
        for (int i = 1; i < all.size(); i++) {
            if (all.get(i) instanceof ManifestsSeen manifests && all.get(i - 1) instanceof BlockSeen block) {
                assertThat(manifests.block()).isEqualTo(block.block() - 5);
            }
        }
    }

    @Test
    void hotkeysLookLikeRealOnesAndAreTheSameForASeed() {
        try (SimulatedSubnet one = new SimulatedSubnet(FAST);
                SimulatedSubnet slow = new SimulatedSubnet(FAST.withSpeed(1))) {
            List<Neuron> neurons = one.block(FIRST - 1).orElseThrow().neurons();
            assertThat(neurons)
                    .extracting(neuron -> neuron.hotkey().value())
                    .doesNotHaveDuplicates()
                    .allMatch(hotkey -> hotkey.matches("5[C-H][1-9A-HJ-NP-Za-km-z]{46}"));
            assertThat(slow.info().validator()).isEqualTo(one.info().validator());
            assertThat(neurons).extracting(Neuron::uid).isSorted();
        }
    }

    @Test
    void withoutMisbehaviourNothingGoesWrong() throws InterruptedException {
        List<Observation> all = shown(FAST.withTrouble(Misbehaviour.none(), MinerMix.reliable()));

        assertThat(only(ManifestsSeen.class, all))
                .allSatisfy(manifests -> assertThat(manifests.failed()).isEmpty())
                .extracting(ManifestsSeen::counts)
                .containsOnly(only(ManifestsSeen.class, all).get(0).counts());
        List<BlockSeen> blocks = only(BlockSeen.class, all);
        assertThat(blocks)
                .hasSize(1000)
                .allSatisfy(block -> assertThat(block.neurons()).hasSize(30));
        for (int i = 1; i < blocks.size(); i++) {
            assertThat(blocks.get(i).timeMillis() - blocks.get(i - 1).timeMillis())
                    .isCloseTo(12_000, within(40L));
        }
    }

    @Test
    void misbehaviourIsOfEveryKind() throws InterruptedException {
        SimulationSettings settings = FAST.withTrouble(new Misbehaviour(0.05, 0.05, 0.1, 0.02, 0.1), MinerMix.some());
        List<Observation> all = shown(settings);
        List<ManifestsSeen> manifests = only(ManifestsSeen.class, all);

        assertThat(manifests).flatExtracting(seen -> seen.failed().values()).contains("timeout", "malformed");
        assertThat(drops(manifests)).isGreaterThan(10);
        List<BlockSeen> blocks = only(BlockSeen.class, all);
        assertThat(blocks)
                .extracting(block -> block.neurons().size())
                .doesNotContain(6)
                .contains(30 - 2, 30 - 3);
        assertThat(blocks).extracting(block -> block.block()).doesNotContain(missedHead(blocks));
        try (SimulatedSubnet subnet = new SimulatedSubnet(settings)) {
            shown(subnet);
            List<Long> lengths = new ArrayList<>();
            for (long number = FIRST; number < FIRST + 999; number++) {
                lengths.add(subnet.block(number + 1).orElseThrow().timeMillis()
                        - subnet.block(number).orElseThrow().timeMillis());
            }
            assertThat(lengths).filteredOn(length -> length >= 23_960).hasSizeBetween(5, 50);
            assertThat(lengths).allMatch(length -> length > 11_900 && length <= 120_040);
        }
    }

    private static long missedHead(List<BlockSeen> blocks) {
        long expected = FIRST;
        for (BlockSeen block : blocks) {
            if (block.block() != expected) {
                return expected;
            }
            expected++;
        }
        throw new AssertionError("no head was missed");
    }

    private static int drops(List<ManifestsSeen> manifests) {
        int drops = 0;
        for (int i = 1; i < manifests.size(); i++) {
            Map<Hotkey, Map<ExecutorClass, Integer>> before =
                    manifests.get(i - 1).counts();
            for (var miner : manifests.get(i).counts().entrySet()) {
                for (var count : miner.getValue().entrySet()) {
                    if (before.getOrDefault(miner.getKey(), Map.of()).getOrDefault(count.getKey(), 0)
                            > count.getValue()) {
                        drops++;
                    }
                }
            }
        }
        return drops;
    }

    @Test
    void aMinerThatWentAwayComesBack() throws InterruptedException {
        List<BlockSeen> blocks = only(BlockSeen.class, shown(FAST));
        Neuron away = blocks.get(0).neurons().stream()
                .filter(neuron ->
                        blocks.stream().anyMatch(block -> !block.neurons().contains(neuron)))
                .findFirst()
                .orElseThrow();

        assertThat(blocks.stream().map(block -> block.neurons().contains(away)).dropWhile(there -> there))
                .contains(true, false);
    }

    @Test
    void stakesWanderSlowly() throws InterruptedException {
        List<BlockSeen> blocks = only(BlockSeen.class, shown(FAST));

        for (int i = 1; i < blocks.size(); i++) {
            double before = blocks.get(i - 1).validators().get(0).stake();
            assertThat(blocks.get(i).validators().get(0).stake()).isCloseTo(before, within(before * 0.02));
        }
        assertThat(blocks.get(0).validators()).isNotEqualTo(blocks.get(500).validators());
        assertThat(blocks.get(0).validators()).hasSize(6).allMatch(validator -> validator.stake() > 1000);
    }

    @Test
    void equalListsOfNeuronsAndValidatorsAreOneObject() throws InterruptedException {
        List<BlockSeen> blocks = only(BlockSeen.class, shown(FAST));
        for (int i = 1; i < blocks.size(); i++) {
            if (blocks.get(i).neurons().equals(blocks.get(i - 1).neurons())) {
                assertThat(blocks.get(i).neurons()).isSameAs(blocks.get(i - 1).neurons());
            }
            if (blocks.get(i).validators().equals(blocks.get(i - 1).validators())) {
                assertThat(blocks.get(i).validators())
                        .isSameAs(blocks.get(i - 1).validators());
            }
        }
    }

    @Test
    void someMinersHaveTooLittleCollateral() throws InterruptedException {
        List<CollateralSeen> readings = only(CollateralSeen.class, shown(FAST));

        assertThat(readings).hasSizeBetween(9, 12);
        BigInteger minimum = new BigInteger("10000000000000000");
        assertThat(readings.get(0).wei().values())
                .anyMatch(wei -> wei.compareTo(minimum) < 0)
                .anyMatch(wei -> wei.compareTo(minimum) >= 0)
                .allMatch(wei -> wei.signum() >= 0);
    }

    @Test
    void blocksAreMintedByTheClockAtItsSpeed() throws InterruptedException {
        AtomicLong nanos = new AtomicLong();
        SimulationSettings settings =
                FAST.withSpeed(60).withBlocks(0, 1000).withTrouble(Misbehaviour.none(), MinerMix.reliable());
        try (SimulatedSubnet subnet = new SimulatedSubnet(settings, 0, nanos::get)) {
            nanos.addAndGet(Duration.ofMillis(50).toNanos());
            assertThat(only(BlockSeen.class, shown(subnet))).hasSize(1);
            nanos.addAndGet(Duration.ofSeconds(2).toNanos());
            assertThat(only(BlockSeen.class, shown(subnet))).hasSize(10);
            assertThat(subnet.clock().instant()).isEqualTo(START.plusSeconds(123));
            assertThat(subnet.head()).isEqualTo(FIRST + 10);
        }
    }

    @Test
    void aReplicaThatComesLaterSeesTheSameSubnetFromItsHeadOn() throws InterruptedException {
        SimulationSettings settings = FAST.withSpeed(1);
        try (SimulatedSubnet late =
                new SimulatedSubnet(settings, Duration.ofHours(1).toMillis(), () -> 0)) {
            List<Observation> seen = shown(late);
            BlockSeen head = only(BlockSeen.class, seen).get(0);
            assertThat(Instant.ofEpochMilli(head.timeMillis()))
                    .isBetween(START.plusSeconds(3600 - 120), START.plusSeconds(3600));
            assertThat(late.clock().instant()).isEqualTo(START.plusSeconds(3600));
            try (SimulatedSubnet fast = new SimulatedSubnet(FAST)) {
                shown(fast);
                assertThat(fast.block(head.block())).contains(head);
            }
        }
    }

    @Test
    void aRecordingOfASimulationPlaysTheSame(@TempDir Path folder) throws InterruptedException {
        List<Observation> all = shown(FAST);
        Path file = folder.resolve("sim.jsonl.gz");
        try (SimulatedSubnet subnet = new SimulatedSubnet(FAST);
                RecordingWriter writer = RecordingWriter.create(file, subnet.info())) {
            all.forEach(writer::write);
        }

        try (RecordingReader reader = RecordingReader.open(file)) {
            assertThat(reader.stream().toList()).isEqualTo(all);
        }
    }

    @Test
    void settingsOutOfRangeAreRefusedByName() {
        SimulationSettings defaults = SimulationSettings.defaults();
        assertThatThrownBy(() -> defaults.withParticipants(0, 1))
                .isInstanceOf(InvalidArgument.class)
                .hasMessage("miners is 0: must be from 1 to 10000");
        assertThatThrownBy(() -> defaults.withParticipants(1, 257)).hasMessageStartingWith("validators is 257");
        assertThatThrownBy(() -> defaults.withBlocks(-1, 1)).hasMessageStartingWith("historyBlocks is -1");
        assertThatThrownBy(() -> defaults.withBlocks(0, 0)).hasMessage("blocks is 0: must be at least 1");
        assertThatThrownBy(() -> defaults.withSpeed(-1)).hasMessageStartingWith("speed is -1.0");
        assertThatThrownBy(() -> new Misbehaviour(0, 0, 0, 1.5, 0)).hasMessage("stall is 1.5: must be from 0 to 1");
        assertThatThrownBy(() -> new Misbehaviour(Double.NaN, 0, 0, 0, 0)).hasMessageStartingWith("manifestDrop");
        assertThatThrownBy(() -> new MinerMix(0.5, 0.5, 0.5, 0)).hasMessageStartingWith("minerMix is 1.5");
    }
}
