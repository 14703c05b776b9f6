package io.quartermaster.ops.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.shields.ShieldedAddress;
import io.quartermaster.node.chain.shields.ShieldedAddresses;
import io.quartermaster.node.keys.ShieldCertificate;
import io.quartermaster.ops.standin.StandinShields.Fault;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shielded addresses from those who serve manifests, and from those who do anything else. */
class ShieldsTest {
    private static final Hotkey VALIDATOR = new Hotkey("validator");
    private static final Duration PATIENCE = Duration.ofSeconds(4);
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    private ShieldCertificate certificate;
    private StandinShields shields;
    private final List<Neuron> neurons = new ArrayList<>();
    private final Map<Hotkey, String> commitments = new HashMap<>();
    private final Map<Hotkey, ShieldedAddress> expected = new HashMap<>();

    @BeforeEach
    void start() {
        certificate = ShieldCertificate.readOrCreate(directory.resolve("shield/validator_cert.pem"));
        shields = StandinShields.start(VALIDATOR, certificate.publicKey());
    }

    @AfterEach
    void stop() {
        shields.close();
    }

    private ShieldedAddress miner(boolean axon, Fault fault) {
        int uid = neurons.size();
        Hotkey hotkey = new Hotkey("miner" + uid);
        ShieldedAddress shield = new ShieldedAddress("m" + uid + ".shield.example.com", 9_000 + uid);
        InetSocketAddress address = new InetSocketAddress("0.0.0.0", 0);
        if (axon) {
            address = shields.axon(hotkey, shield, fault);
        } else {
            commitments.put(hotkey, shields.commitment(hotkey, shield, fault));
        }
        neurons.add(new Neuron(
                uid,
                hotkey,
                new Miner(hotkey, address.getAddress().getHostAddress(), address.getPort(), 4, Optional.empty())));
        if (fault == Fault.NONE) {
            expected.put(hotkey, shield);
        }
        return shield;
    }

    private Map<Hotkey, ShieldedAddress> found(Duration patience) throws Exception {
        return new ShieldedAddresses(VALIDATOR, certificate, patience, address -> true)
                .find(neurons, commitments)
                .get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void hundredsAreFoundAtOnceHoweverManyOthersMisbehave() throws Exception {
        Set<Fault> faults = EnumSet.complementOf(EnumSet.of(Fault.SILENT, Fault.DRIPPING));
        for (int round = 0; round < 12; round++) {
            for (Fault fault : faults) {
                miner(round == 0, fault);
                miner(false, Fault.NONE);
            }
        }

        assertThat(found(LONG)).isEqualTo(expected);
        assertThat(neurons).hasSize(24 * faults.size());
    }

    @Test
    void thoseWhoLetOneWaitCostOnePatienceInAllAndNobodyElsesAddress() throws Exception {
        for (int round = 0; round < 10; round++) {
            miner(false, Fault.SILENT);
            miner(false, Fault.DRIPPING);
            miner(false, Fault.NONE);
        }
        long began = System.nanoTime();

        assertThat(found(PATIENCE)).isEqualTo(expected);

        // The rest is a busy machine's.
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PATIENCE.multipliedBy(4));
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"SILENT", "DRIPPING", "ENDLESS", "LOOPING"})
    void whoComesToNoEndIsLeftOutAndItsConnectionEnds(Fault fault) throws Exception {
        miner(true, fault);
        miner(false, fault);

        assertThat(found(Duration.ofMillis(500))).isEmpty();

        if (fault != Fault.SILENT) {
            await().atMost(LONG).until(() -> shields.underWay() == 0);
        }
        assertThat(shields.requests()).isLessThanOrEqualTo(10);
    }

    @Test
    void bothWaysLeadToTheSameShield() throws Exception {
        ShieldedAddress first = miner(false, Fault.NONE);
        ShieldedAddress second = miner(true, Fault.NONE);

        List<Neuron> shielded = ShieldedAddresses.shielded(neurons, found(LONG));

        assertThat(shielded)
                .extracting(neuron -> neuron.miner().shieldAddress().orElseThrow() + ":"
                        + neuron.miner().port())
                .containsExactly(first.host() + ":" + first.port(), second.host() + ":" + second.port());
    }
}
