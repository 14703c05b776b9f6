package io.quartermaster.ops.evm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.Neuron;
import io.quartermaster.api.NotEnoughCollateral;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.node.app.CollateralReport;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.SimulationSettings.MinerMix;
import io.quartermaster.node.chain.SimulationSettings.Misbehaviour;
import io.quartermaster.node.chain.subtensor.SubtensorChain;
import io.quartermaster.node.chain.subtensor.SubtensorSettings;
import io.quartermaster.node.collateral.evm.CollateralisedChain;
import io.quartermaster.node.collateral.evm.EvmChain;
import io.quartermaster.node.collateral.evm.EvmNode;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.ops.standin.PublishingChain;
import io.quartermaster.ops.standin.StandinFaults;
import io.quartermaster.ops.standin.StandinNode;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A grid that reads collateral from a contract on a real EVM node: the one that its validator has published. */
class RoutingByCollateralTest {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final BigInteger MINIMUM = new BigInteger("10000000000000000");
    private static final ExecutorClass EXECUTORS = new ExecutorClass("always_on.gpu-24gb");
    private static final int SPEED = 200;

    private int jobs;

    @Test
    void minersBelowTheMinimumAreNotRoutedToUntilTheyHaveDepositedAndItWasRead() {
        SimulationSettings calm = SimulationSettings.defaults()
                .withParticipants(4, 2)
                .withTrouble(Misbehaviour.none(), MinerMix.reliable())
                .withSpeed(SPEED);
        try (PublishingChain truth = new PublishingChain(new SimulatedSubnet(calm));
                Anvil anvil = Anvil.start(EvmChain.LOCALNET.id(), "--number", Long.toString(truth.head()));
                AtThePaceOf pace = new AtThePaceOf(truth, anvil)) {
            String contract = anvil.deploy(truth.info().netuid());
            Hotkey validator = truth.info().validator();
            Map<Hotkey, String> accounts = accounts(truth, anvil);
            try (StandinNode node = StandinNode.start(
                            truth,
                            0,
                            StandinFaults.NONE,
                            () -> published(truth, validator, contract),
                            () -> byUid(truth, accounts));
                    Replica replica = Replica.start(
                            new CollateralisedChain(
                                    SubtensorChain.follow(SubtensorSettings.of(
                                                    truth.info().netuid(), validator, List.of(node.uri()), List.of())
                                            .withTimes(Duration.ofSeconds(5), Duration.ofMillis(50))),
                                    EvmNode.at(anvil.uri()),
                                    Optional.empty()),
                            ReplicaSettings.defaults()
                                    .withParams(Map.of("DYNAMIC_MANIFESTS_USE_KNOWLEDGE_COMMITMENTS", "true")))) {
                depositsCount(truth, replica, anvil, contract, accounts);
                assertThat(pace.failure).isEmpty();
                pace.stop();
                anvil.kill();
                aNodeThatIsGoneLeavesWhatWasReadLast(replica);
            }
        }
    }

    private void depositsCount(
            PublishingChain truth, Replica replica, Anvil anvil, String contract, Map<Hotkey, String> accounts) {
        await().atMost(LONG)
                .until(() -> amounts(replica).size() == neurons(truth).size()
                        && offering(replica, accounts).size() >= 2
                        && replica.status().blocksMissing() == 0);
        assertThat(amounts(replica).values()).containsOnly(BigInteger.ZERO);
        assertThatThrownBy(() -> route(replica)).isInstanceOf(NotEnoughCollateral.class);

        List<Hotkey> miners = offering(replica, accounts);
        Map<Hotkey, BigInteger> deposits = new TreeMap<>();
        // The neuron with uid 0 is one like the others.
        deposits.put(neurons(truth).get(0).hotkey(), BigInteger.TWO);
        deposits.put(miners.get(0), MINIMUM);
        deposits.put(miners.get(1), MINIMUM.subtract(BigInteger.ONE));
        deposits.forEach((miner, wei) -> anvil.deposit(contract, accounts.get(miner), wei));
        await().atMost(LONG).until(() -> amounts(replica).entrySet().containsAll(deposits.entrySet()));
        for (int i = 0; i < 5; i++) {
            JobRoute route = route(replica);
            assertThat(route.miner().hotkey()).isEqualTo(miners.get(0));
            replica.allowance().undoAllowanceReservation(route.reservation().orElseThrow());
        }

        anvil.deposit(contract, accounts.get(miners.get(1)), BigInteger.ONE);
        await().atMost(LONG).until(() -> MINIMUM.equals(amounts(replica).get(miners.get(1))));
        Set<Hotkey> picked = new HashSet<>();
        // Whoever has more left is picked first, so jobs that are not undone come to both.
        await().atMost(LONG).until(() -> picked.add(route(replica).miner().hotkey()) && picked.size() == 2);
        assertThat(picked).containsExactlyInAnyOrderElementsOf(miners.subList(0, 2));
    }

    private static void aNodeThatIsGoneLeavesWhatWasReadLast(Replica replica) {
        Map<Hotkey, BigInteger> before = amounts(replica);
        int told = unavailable(replica).size();
        await().atMost(LONG).until(() -> unavailable(replica).size() > told);
        assertThat(unavailable(replica).get(0).message())
                .contains("miners keep what was read last: ")
                .contains("can't be asked");
        assertThat(amounts(replica)).isEqualTo(before);
    }

    private static List<SystemEvent> unavailable(Replica replica) {
        return replica.events(EventQuery.newest(1_000)).stream()
                .filter(event -> event.type() == EventType.COLLATERAL_UNAVAILABLE)
                .toList();
    }

    private JobRoute route(Replica replica) {
        return replica.routing().pickMinerForJobRequest(OrganicJobRequest.of(new JobId("job-" + jobs++), EXECUTORS, 1));
    }

    private static List<Neuron> neurons(Chain truth) {
        return truth.block(truth.head()).orElseThrow().neurons();
    }

    /** One for each neuron but the last. */
    private static Map<Hotkey, String> accounts(Chain truth, Anvil anvil) {
        JsonNode accounts = anvil.ask("eth_accounts");
        Map<Hotkey, String> byHotkey = new TreeMap<>();
        List<Neuron> neurons = neurons(truth);
        for (int i = 0; i < neurons.size() - 1; i++) {
            byHotkey.put(neurons.get(i).hotkey(), accounts.get(i + 1).asString());
        }
        return byHotkey;
    }

    private static Map<Integer, String> byUid(Chain truth, Map<Hotkey, String> accounts) {
        return neurons(truth).stream()
                .filter(neuron -> accounts.containsKey(neuron.hotkey()))
                .collect(Collectors.toMap(Neuron::uid, neuron -> accounts.get(neuron.hotkey())));
    }

    private static Map<Hotkey, String> published(PublishingChain truth, Hotkey validator, String contract) {
        Map<Hotkey, String> words = new TreeMap<>(truth.words());
        words.put(validator, "{\"contract\":{\"address\":\"" + contract + "\"}}");
        return words;
    }

    private static Map<Hotkey, BigInteger> amounts(Replica replica) {
        return replica.collateral().miners().stream()
                .filter(CollateralReport.OfMiner::known)
                .collect(Collectors.toMap(CollateralReport.OfMiner::miner, one -> new BigInteger(one.wei())));
    }

    private static List<Hotkey> offering(Replica replica, Map<Hotkey, String> accounts) {
        return replica.allowance().manifests().stream()
                .filter(manifest -> manifest.executorClass().equals(EXECUTORS) && manifest.executors() > 0)
                .map(Manifest::miner)
                .filter(accounts::containsKey)
                .sorted()
                .toList();
    }

    /** As on subtensor, where each block of the chain is one of its EVM. */
    private static final class AtThePaceOf implements AutoCloseable {
        private final ScheduledExecutorService mining = Executors.newSingleThreadScheduledExecutor();
        private volatile Optional<RuntimeException> failure = Optional.empty();

        private AtThePaceOf(Chain truth, Anvil anvil) {
            var unused = mining.scheduleWithFixedDelay(
                    () -> {
                        try {
                            anvil.mineUpTo(truth.head());
                        } catch (RuntimeException e) {
                            failure = Optional.of(e);
                        }
                    },
                    0,
                    20,
                    TimeUnit.MILLISECONDS);
        }

        private void stop() {
            mining.shutdownNow();
        }

        @Override
        public void close() {
            stop();
        }
    }
}
