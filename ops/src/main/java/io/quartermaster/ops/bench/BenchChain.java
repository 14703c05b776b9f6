package io.quartermaster.ops.bench;

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
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.IntStream;

/** A subnet of a given size on which nothing happens but blocks: every miner has as many executors of every class. */
final class BenchChain implements Chain {
    private static final long FIRST_BLOCK = 1_000_000;
    private static final long BLOCK_MILLIS = 12_000;

    private final List<Neuron> neurons;
    private final int validators;
    private final long startMillis;
    private final Queue<Observation> ahead = new ArrayDeque<>();
    private long nextBlock = FIRST_BLOCK;

    BenchChain(int miners, int validators, List<ExecutorClass> classes, int executors, int blocks) {
        this.neurons = IntStream.range(0, miners).mapToObj(BenchChain::neuron).toList();
        this.validators = validators;
        this.startMillis = System.currentTimeMillis() - blocks * BLOCK_MILLIS;
        Map<Hotkey, Map<ExecutorClass, Integer>> counts = new HashMap<>();
        Map<Hotkey, BigInteger> wei = new HashMap<>();
        for (Neuron neuron : neurons) {
            Map<ExecutorClass, Integer> ofMiner = new HashMap<>();
            classes.forEach(executorClass -> ofMiner.put(executorClass, executors));
            counts.put(neuron.hotkey(), ofMiner);
            wei.put(neuron.hotkey(), BigInteger.TEN.pow(18));
        }
        if (miners > 0) {
            // A sync that names nobody would say that all have gone.
            ahead.add(new ManifestsSeen(FIRST_BLOCK, counts, Map.of()));
            ahead.add(new CollateralSeen(FIRST_BLOCK, wei));
        }
        for (int i = 0; i < blocks; i++) {
            ahead.add(mint());
        }
    }

    private static Neuron neuron(int uid) {
        Hotkey hotkey = new Hotkey("5Miner%042d".formatted(uid));
        return new Neuron(
                uid, new Hotkey("5Cold%043d".formatted(uid)), new Miner(hotkey, "10.0.0.1", 8000, 4, Optional.empty()));
    }

    /** The next block; every validator's stake differs from block to block. */
    BlockSeen mint() {
        long number = nextBlock++;
        List<Validator> list = new ArrayList<>();
        for (int i = 0; i < validators; i++) {
            list.add(new Validator(new Hotkey("5Validator%038d".formatted(i)), i, 1000 + (number * (i + 7)) % 97));
        }
        return new BlockSeen(
                number, startMillis + (number - FIRST_BLOCK) * BLOCK_MILLIS, Optional.empty(), neurons, list);
    }

    @Override
    public ChainInfo info() {
        return new ChainInfo(12, new Hotkey("5Validator%038d".formatted(0)), 0, Map.of());
    }

    @Override
    public PacedClock clock() {
        return PacedClock.system();
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
        return nextBlock - 1;
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
