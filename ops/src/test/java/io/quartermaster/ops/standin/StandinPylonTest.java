package io.quartermaster.ops.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.Validator;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.pylon.AtBlock;
import io.quartermaster.node.chain.pylon.PylonAccessRefused;
import io.quartermaster.node.chain.pylon.PylonClient;
import io.quartermaster.node.chain.pylon.PylonSettings;
import io.quartermaster.node.chain.pylon.PylonUnavailable;
import io.quartermaster.node.chain.pylon.Registered;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Pylon says of a chain is what the chain is, whatever goes wrong between them, or it says nothing. */
class StandinPylonTest {
    private static final String TOKEN = "validator_token";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final List<AutoCloseable> open = new ArrayList<>();
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

    private StandinPylon pylon(StandinPylonFaults faults) {
        StandinPylon pylon = closing(StandinPylon.start(truth, 0, TOKEN, faults));
        await().until(() -> truth.head() > 0);
        return pylon;
    }

    private PylonClient client(
            StandinPylon pylon, Optional<String> identity, Optional<String> token, Duration patience) {
        return closing(new PylonClient(
                new PylonSettings(pylon.uri(), identity, token, truth.info().netuid(), patience)));
    }

    private PylonClient client(StandinPylon pylon) {
        return client(pylon, Optional.of(StandinPylon.IDENTITY), Optional.of(TOKEN), PATIENCE);
    }

    private static <T> T got(CompletableFuture<T> answer) throws Exception {
        return answer.get(20, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<?> answer) {
        return Objects.requireNonNull(catchThrowable(() -> got(answer)).getCause());
    }

    /** Pylon knows no shields, and IP addresses have one form only. */
    private static Neuron asPylonKnows(Neuron neuron) {
        Miner miner = neuron.miner();
        try {
            String address = InetAddress.getByName(miner.address()).getHostAddress();
            return new Neuron(
                    neuron.uid(),
                    neuron.coldkey(),
                    new Miner(miner.hotkey(), address, miner.port(), miner.ipVersion(), Optional.empty()));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private void expectTrue(AtBlock<Registered> answer) {
        BlockSeen expected = truth.block(answer.block()).orElseThrow();
        assertThat(answer.hash()).isEqualTo(expected.hash().orElseThrow());
        assertThat(answer.value().neurons())
                .isEqualTo(expected.neurons().stream()
                        .map(StandinPylonTest::asPylonKnows)
                        .toList());
        assertThat(answer.value().validators()).isEqualTo(sorted(expected.validators()));
    }

    private static List<Validator> sorted(List<Validator> validators) {
        return validators.stream()
                .sorted(Comparator.comparingDouble(Validator::stake).reversed().thenComparingInt(Validator::uid))
                .toList();
    }

    @Test
    void neuronsAndValidatorsAreThoseOfTheChainNowAndLongAgo() throws Exception {
        PylonClient client = client(pylon(StandinPylonFaults.NONE));

        expectTrue(got(client.latestNeurons()));
        for (long block = truth.oldestReachable(); block <= truth.head(); block += 200) {
            expectTrue(got(client.neurons(block)).orElseThrow());
            assertThat(got(client.validators(block)).orElseThrow().value())
                    .isEqualTo(sorted(truth.block(block).orElseThrow().validators()));
        }
        assertThat(got(client.neurons(truth.head() + 1_000))).isEmpty();
        assertThat(got(client.validators(truth.oldestReachable() - 1))).isEmpty();
    }

    @Test
    void whatNeuronsPublishCanBeRead() throws Exception {
        StandinPylon pylon = pylon(StandinPylonFaults.NONE);
        Hotkey miner =
                got(client(pylon).latestNeurons()).value().neurons().get(0).hotkey();
        pylon.commit(miner, "<M:A3;S2>");

        assertThat(got(client(pylon).latestCommitments()).value()).isEqualTo(Map.of(miner, "<M:A3;S2>"));
    }

    @Test
    void anOlderServiceChecksTheTokenAtItsLoginOnly() throws Exception {
        StandinPylon old = pylon(StandinPylonFaults.NONE.withLogin());

        expectTrue(got(client(old).latestNeurons()));
        expectTrue(got(client(old, Optional.empty(), Optional.empty(), PATIENCE).latestNeurons()));
        assertThat(failure(client(old, Optional.of(StandinPylon.IDENTITY), Optional.of("wrong"), PATIENCE)
                        .latestNeurons()))
                .isInstanceOf(PylonAccessRefused.class)
                .hasMessageContaining("configure the name and the token");
        assertThat(failure(client(old, Optional.of("miner"), Optional.of(TOKEN), PATIENCE)
                        .latestNeurons()))
                .isInstanceOf(PylonAccessRefused.class)
                .hasMessageContaining("Identity 'miner' not found");
    }

    @Test
    void aNewerServiceChecksTheTokenOfEveryRequest() throws Exception {
        StandinPylon pylon = pylon(StandinPylonFaults.NONE);

        expectTrue(got(
                client(pylon, Optional.empty(), Optional.of(TOKEN), PATIENCE).latestNeurons()));
        assertThat(failure(client(pylon, Optional.empty(), Optional.empty(), PATIENCE)
                        .latestNeurons()))
                .isInstanceOf(PylonAccessRefused.class)
                .hasMessageContaining("401: Authorization header is required")
                .hasMessageContaining("(now none)");
        assertThat(failure(client(pylon, Optional.of(StandinPylon.IDENTITY), Optional.of("wrong"), PATIENCE)
                        .latestNeurons()))
                .isInstanceOf(PylonAccessRefused.class)
                .hasMessageContaining("403: Invalid authorization token");
        assertThat(failure(client(pylon, Optional.of("miner"), Optional.of(TOKEN), PATIENCE)
                        .latestNeurons()))
                .isInstanceOf(PylonAccessRefused.class)
                .hasMessageContaining("there is no identity miner");
    }

    @Test
    void aServiceThatErrsTalksNonsenseAndCutsOffTellsTheTruthOrNothing() {
        StandinPylon bad = pylon(StandinPylonFaults.NONE.unreliable(0.2, 0.2, 0.2));
        // What was cut off is waited for until the patience is over.
        PylonClient client = client(bad, Optional.empty(), Optional.of(TOKEN), Duration.ofSeconds(1));

        List<CompletableFuture<Optional<AtBlock<Registered>>>> answers = new ArrayList<>();
        for (long block = truth.head() - 60; block < truth.head(); block++) {
            answers.add(client.neurons(block));
        }
        int told = 0;
        for (CompletableFuture<Optional<AtBlock<Registered>>> answer : answers) {
            Throwable failure = catchThrowable(() -> expectTrue(got(answer).orElseThrow()));
            if (failure == null) {
                told++;
            } else {
                assertThat(failure).hasCauseInstanceOf(PylonUnavailable.class);
            }
        }
        assertThat(told).isGreaterThan(20);
    }

    @Test
    void aServiceThatIsSlowerThanThePatienceIsUnavailable() throws Exception {
        StandinPylon slow = pylon(StandinPylonFaults.NONE.slow(300));

        expectTrue(got(client(slow).latestNeurons()));
        assertThat(failure(client(slow, Optional.empty(), Optional.of(TOKEN), Duration.ofMillis(100))
                        .latestNeurons()))
                .isInstanceOf(PylonUnavailable.class)
                .hasMessageEndingWith("did not answer within 100 ms");
    }
}
