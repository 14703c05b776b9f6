package io.quartermaster.ops.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.miners.MinerManifests;
import io.quartermaster.node.chain.shields.ShieldedAddress;
import io.quartermaster.node.chain.shields.ShieldedAddresses;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.keys.Ss58;
import io.quartermaster.ops.standin.StandinMiner.Fault;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Good miners are heard whatever the others do, and of each of the others it is known that it was not. */
class MinerManifestsTest {
    private static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");
    private static final Map<ExecutorClass, Integer> COUNTS = Map.of(GPU, 3, new ExecutorClass("always_on.test"), 0);
    private static final KeyPair VALIDATOR = KeyPair.ofSeed(new byte[32]);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final StandinMiner GOOD = StandinMiner.of(COUNTS);

    private final List<AutoCloseable> open = new ArrayList<>();
    private final MinerManifests manifests = closing(new MinerManifests(VALIDATOR, Clock.systemUTC()));

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

    private static Hotkey hotkey(int number) {
        return new Hotkey(Ss58.address(
                ByteBuffer.allocate(Ss58.KEY_BYTES).putInt(number + 1).array()));
    }

    private StandinMiners miners(Map<Hotkey, StandinMiner> miners) {
        return closing(StandinMiners.start(0, VALIDATOR.hotkey(), miners));
    }

    private static ManifestsSeen result(CompletableFuture<ManifestsSeen> round) throws Exception {
        return round.get(LONG.toSeconds() + 30, TimeUnit.SECONDS);
    }

    private String failure(Fault fault, Duration patience) throws Exception {
        StandinMiners miners = miners(Map.of(hotkey(1), GOOD.with(fault)));

        ManifestsSeen seen = result(manifests.ask(7, miners.miners(), patience));

        assertThat(seen.counts()).isEmpty();
        assertThat(seen.block()).isEqualTo(7);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(miners.connections()).isZero());
        return String.valueOf(seen.failed().get(hotkey(1)));
    }

    @Test
    void aMinerThatLiesOrRefusesIsKnownToAtOnce() throws Exception {
        assertThat(failure(Fault.REFUSING, LONG)).startsWith("refused: Inactive validator");
        assertThat(failure(Fault.CLOSING, LONG)).isNotEqualTo("timeout");
        assertThat(failure(Fault.GARBAGE, LONG)).isEqualTo("malformed: it sent what is not JSON");
        assertThat(failure(Fault.NEGATIVE, LONG)).contains("always_on.test is -3");
        assertThat(failure(Fault.HUGE, LONG)).isEqualTo("malformed: it sent a message of more than 65536 bytes");
        assertThat(failure(Fault.FLOODING, LONG)).isEqualTo("malformed: it sent 65536 bytes and no manifest");
        assertThat(failure(Fault.ENDLESS, LONG))
                .isEqualTo("malformed: it answered HTTP/1.1 200 OK when asked for a WebSocket");
    }

    @Test
    void aMinerThatSaysNothingOfItIsNotWaitedForLongerThanPatienceLasts() throws Exception {
        Duration patience = Duration.ofMillis(300);

        assertThat(failure(Fault.DEAD, patience)).isEqualTo("timeout");
        assertThat(failure(Fault.SILENT, patience)).isEqualTo("timeout");
        assertThat(failure(Fault.ELSEWHERE, patience)).isEqualTo("timeout");
    }

    @Test
    void aMinerThatCannotBeReachedIsNot() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        Miner gone = new Miner(hotkey(1), "127.0.0.1", closed, 4, Optional.empty());
        Miner nonsense = new Miner(hotkey(2), "127.0.0.1", 80, 4, Optional.of("no\r\nhost"));

        ManifestsSeen seen = result(manifests.ask(7, List.of(gone, nonsense), LONG));

        assertThat(seen.failed())
                .containsEntry(hotkey(1), "could not be reached: Connection refused")
                .containsEntry(hotkey(2), "could not be reached: there is no host no??host");
    }

    @Test
    void aMinerThatServesNobodyIsNotAsked() throws Exception {
        Miner away = new Miner(hotkey(1), "0.0.0.0", 0, 4, Optional.empty());

        ManifestsSeen seen = result(manifests.ask(7, List.of(away), LONG));

        assertThat(seen).isEqualTo(new ManifestsSeen(7, Map.of(), Map.of()));
    }

    @Test
    void aShieldedMinerIsAskedAtItsShield() throws Exception {
        StandinMiners miners = miners(Map.of(hotkey(1), GOOD));
        Miner known = miners.miners().get(0);
        Miner shielded = new Miner(known.hotkey(), "127.0.0.1", known.port(), 4, Optional.of(known.address()));

        assertThat(result(manifests.ask(7, List.of(shielded), LONG)).counts())
                .containsOnly(Map.entry(hotkey(1), COUNTS));
    }

    /** Such a miner has no axon: it has told its shield alone where it is. */
    @Test
    void aMinerThatCanBeReachedAtItsShieldOnlyIsAskedThere() throws Exception {
        Miner known = miners(Map.of(hotkey(1), GOOD)).miners().get(0);
        Neuron hidden = new Neuron(1, hotkey(2), new Miner(known.hotkey(), "0.0.0.0", 0, 4, Optional.empty()));
        List<Neuron> shielded = ShieldedAddresses.shielded(
                List.of(hidden), Map.of(known.hotkey(), new ShieldedAddress(known.address(), known.port())));

        List<Miner> asked = shielded.stream().map(Neuron::miner).toList();
        assertThat(result(manifests.ask(7, asked, LONG)).counts()).containsOnly(Map.entry(hotkey(1), COUNTS));
    }

    @Test
    void aShieldMayHaveAName() throws Exception {
        Miner known = miners(Map.of(hotkey(1), GOOD)).miners().get(0);
        Miner named = new Miner(known.hotkey(), "0.0.0.1", known.port(), 4, Optional.of("localhost"));

        // There it is known that no miner is at the address of that name.
        assertThat(result(manifests.ask(7, List.of(named), LONG)).failed())
                .containsEntry(hotkey(1), "closed the connection without a manifest");
    }

    @Test
    void aMinerAnswersNobodyButItsValidator() throws Exception {
        Map<Hotkey, StandinMiner> two = new LinkedHashMap<>();
        two.put(hotkey(1), GOOD);
        two.put(hotkey(2), GOOD);
        StandinMiners miners = miners(two);
        Miner other = miners.miners().get(1);
        Miner mistaken = new Miner(hotkey(1), other.address(), other.port(), 4, Optional.empty());
        MinerManifests stranger = closing(new MinerManifests(VALIDATOR.derive("other"), Clock.systemUTC()));
        MinerManifests late =
                closing(new MinerManifests(VALIDATOR, Clock.offset(Clock.systemUTC(), Duration.ofSeconds(-30))));

        assertThat(result(stranger.ask(7, miners.miners(), LONG)).failed().values())
                .hasSize(2)
                .allMatch(reason -> reason.startsWith("refused: Unknown validator"));
        assertThat(result(late.ask(7, miners.miners(), LONG)).failed().values())
                .hasSize(2)
                .allMatch(reason -> reason.startsWith("refused: Validator"));
        assertThat(result(manifests.ask(7, List.of(mistaken), LONG)).failed()).containsOnlyKeys(hotkey(1));
    }

    @Test
    void roundsThatAreUnderWayEndWhenAllIsClosed() throws Exception {
        StandinMiners miners = miners(Map.of(hotkey(1), GOOD.with(Fault.SILENT)));
        CompletableFuture<ManifestsSeen> round = manifests.ask(7, miners.miners(), LONG);
        await().atMost(LONG).until(() -> miners.questions() > 0);

        manifests.close();

        assertThat(result(round).failed()).containsKey(hotkey(1));
        assertThat(result(manifests.ask(8, miners.miners(), LONG)).failed()).containsKey(hotkey(1));
    }

    /** Set the property {@code quartermaster.manifests.patienceMillis} for more than 3 s. */
    @Test
    void aThirdOfBadMinersNeitherDelaysNorHarmsTheOthers() throws Exception {
        Duration patience = Duration.ofMillis(Long.getLong("quartermaster.manifests.patienceMillis", 3_000));
        List<StandinMiner> bad = new ArrayList<>(List.of(GOOD.after(20 * patience.toMillis())));
        for (Fault fault : Fault.values()) {
            if (fault != Fault.NONE) {
                bad.add(GOOD.with(fault));
            }
        }
        Map<Hotkey, StandinMiner> behaviours = new LinkedHashMap<>();
        for (int number = 0; number < 256; number++) {
            StandinMiner good = number % 5 == 0 ? GOOD.after(patience.toMillis() / 10) : GOOD;
            behaviours.put(hotkey(number), number % 3 == 0 ? bad.get(number / 3 % bad.size()) : good);
        }
        StandinMiners miners = miners(behaviours);
        // What runs for the first time takes longer.
        List<Miner> honest = miners.miners().stream()
                .filter(miner -> !bad.contains(behaviours.get(miner.hotkey())))
                .toList();
        assertThat(result(manifests.ask(6, honest, LONG)).counts()).hasSize(170);

        long began = System.nanoTime();
        ManifestsSeen seen = result(manifests.ask(7, miners.miners(), patience));
        Duration took = Duration.ofNanos(System.nanoTime() - began);

        assertThat(seen.counts()).hasSize(170);
        assertThat(seen.counts().values()).allMatch(COUNTS::equals);
        assertThat(seen.failed()).hasSize(86);
        seen.failed().keySet().forEach(miner -> assertThat(bad).contains(behaviours.get(miner)));
        assertThat(took).isBetween(patience, patience.multipliedBy(2));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(miners.connections()).isZero());
    }
}
