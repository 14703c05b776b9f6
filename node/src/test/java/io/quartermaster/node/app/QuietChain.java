package io.quartermaster.node.app;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.ChainInfo;
import io.quartermaster.node.chain.Observation;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.CollateralSeen;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.Observation.Validator;
import io.quartermaster.node.chain.PacedClock;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/** A chain that has minted some blocks of 12 s, of which this validator has a third, and mints no more. */
final class QuietChain implements Chain {
    static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");
    static final Hotkey OWN = new Hotkey("5Own");
    static final long FIRST_BLOCK = 1000;

    private final PacedClock clock = new SimulatedSubnet(SimulationSettings.defaults()).clock();
    private final Queue<Observation> ahead = new ArrayDeque<>();
    private final long newest;

    /** The miners' executors of one class, by name. */
    QuietChain(Map<String, Integer> miners, int blocks) {
        newest = FIRST_BLOCK + blocks - 1;
        List<Neuron> neurons = new ArrayList<>();
        Map<Hotkey, Map<ExecutorClass, Integer>> manifests = new HashMap<>();
        Map<Hotkey, BigInteger> collateral = new HashMap<>();
        miners.forEach((name, executors) -> {
            Hotkey miner = new Hotkey(name);
            neurons.add(new Neuron(
                    neurons.size(),
                    new Hotkey("5Cold" + name),
                    new Miner(miner, "10.0.0.1", 8000 + neurons.size(), 4, Optional.empty())));
            manifests.put(miner, Map.of(GPU, executors));
            collateral.put(miner, BigInteger.TEN.pow(18));
        });
        ahead.add(new ManifestsSeen(FIRST_BLOCK, manifests, Map.of()));
        ahead.add(new CollateralSeen(FIRST_BLOCK, collateral));
        long startMillis = clock.millis() - blocks * 12_000L;
        for (long number = FIRST_BLOCK; number <= newest; number++) {
            ahead.add(new BlockSeen(
                    number,
                    startMillis + (number - FIRST_BLOCK) * 12_000,
                    Optional.empty(),
                    neurons,
                    List.of(new Validator(OWN, 90, 1000), new Validator(new Hotkey("5Other"), 91, 2000))));
        }
    }

    @Override
    public ChainInfo info() {
        return new ChainInfo(12, OWN, 0, Map.of());
    }

    @Override
    public PacedClock clock() {
        return clock;
    }

    @Override
    public Optional<Observation> next(Duration patience) {
        return Optional.ofNullable(ahead.poll());
    }

    @Override
    public boolean ended() {
        return ahead.isEmpty();
    }

    @Override
    public long head() {
        return newest;
    }

    @Override
    public Optional<BlockSeen> block(long number) {
        return Optional.empty();
    }

    @Override
    public long oldestReachable() {
        return FIRST_BLOCK;
    }

    @Override
    public void close() {}
}
