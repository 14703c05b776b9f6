package io.quartermaster.ops.standin;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.ChainInfo;
import io.quartermaster.node.chain.ForwardingChain;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.Validator;
import io.quartermaster.node.chain.shields.ShieldedAddress;
import io.quartermaster.node.keys.ShieldCertificate;
import io.quartermaster.ops.standin.StandinMiner.Fault;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A chain on which the miners answer: each over a WebSocket of its own, some at a shield only. The validator that they answer
 * takes the place of the one whose allowance the chain is about. Safe for use by several threads.
 */
public final class AnsweringChain extends ForwardingChain {
    /** Of so many miners one is behind a shield, and published where; one more is, and its axon leads there. */
    private static final int SHIELDED_EVERY = 6;

    private final PublishingChain chain;
    private final Hotkey validator;
    private final Hotkey before;
    private final StandinMiners miners;
    private final Optional<StandinShields> shields;
    private final Map<Hotkey, Miner> onChain = new HashMap<>();
    private final Map<Hotkey, String> shieldWords = new TreeMap<>();
    private final Map<Hotkey, ShieldedAddress> shielded = new TreeMap<>();
    private final Set<Hotkey> bad = new TreeSet<>();

    private AnsweringChain(
            PublishingChain chain,
            Hotkey validator,
            Optional<ShieldCertificate> certificate,
            double misbehaving,
            List<Fault> faults) {
        super(chain);
        this.chain = chain;
        this.validator = validator;
        this.before = chain.info().validator();
        Map<Hotkey, StandinMiner> behaviours = behaviours(misbehaving, faults);
        this.miners = StandinMiners.start(0, validator, behaviours);
        this.shields = certificate.map(known -> StandinShields.start(validator, known.publicKey()));
        int number = 0;
        for (Miner miner : miners.miners()) {
            onChain.put(miner.hotkey(), settled(miner, number++));
        }
    }

    /**
     * Starts the miners of a chain: all that serve in its newest block.
     *
     * @param chain which neurons and manifests there are; closed with this one
     * @param validator whom the miners answer
     * @param certificate for which the shielded addresses are encrypted; without one no miner is behind a shield
     * @param misbehaving which part of the miners, from 0 to 1, has a fault
     * @param faults which faults; each in turn
     * @return the chain with its miners
     */
    public static AnsweringChain start(
            PublishingChain chain,
            Hotkey validator,
            Optional<ShieldCertificate> certificate,
            double misbehaving,
            List<Fault> faults) {
        return new AnsweringChain(chain, validator, certificate, misbehaving, faults);
    }

    private Map<Hotkey, StandinMiner> behaviours(double misbehaving, List<Fault> faults) {
        Map<Hotkey, StandinMiner> behaviours = new LinkedHashMap<>();
        double owed = 0;
        for (Neuron neuron : chain.block(chain.head()).orElseThrow().neurons()) {
            Hotkey hotkey = neuron.hotkey();
            if (!neuron.miner().serving() || hotkey.equals(before)) {
                continue;
            }
            StandinMiner good = new StandinMiner(() -> chain.manifests().getOrDefault(hotkey, Map.of()), Fault.NONE, 0);
            owed += misbehaving;
            if (owed >= 1 && !faults.isEmpty()) {
                owed--;
                behaviours.put(hotkey, good.with(faults.get(bad.size() % faults.size())));
                bad.add(hotkey);
            } else {
                behaviours.put(hotkey, good);
            }
        }
        return behaviours;
    }

    /** Where the chain says that a miner is. */
    private Miner settled(Miner miner, int number) {
        int turn = number % SHIELDED_EVERY;
        if (shields.isEmpty() || (turn != 0 && turn != SHIELDED_EVERY / 2)) {
            return miner;
        }
        ShieldedAddress shield = new ShieldedAddress(miner.address(), miner.port());
        shielded.put(miner.hotkey(), shield);
        if (turn == 0) {
            shieldWords.put(
                    miner.hotkey(), shields.get().commitment(miner.hotkey(), shield, StandinShields.Fault.NONE));
            return new Miner(miner.hotkey(), "0.0.0.0", 0, 4, Optional.empty());
        }
        InetSocketAddress axon = shields.get().axon(miner.hotkey(), shield, StandinShields.Fault.NONE);
        return new Miner(miner.hotkey(), axon.getAddress().getHostAddress(), axon.getPort(), 4, Optional.empty());
    }

    /**
     * What the miners have now, and say unless they have a fault.
     *
     * @return their executors by class
     */
    public Map<Hotkey, Map<ExecutorClass, Integer>> manifests() {
        return chain.manifests();
    }

    /**
     * What is published now: manifests, and where the shields' own are.
     *
     * @return by whom
     */
    public Map<Hotkey, String> words() {
        Map<Hotkey, String> words = new TreeMap<>(chain.words());
        shieldWords.forEach((miner, url) -> words.merge(miner, url, String::concat));
        return words;
    }

    /**
     * The miners behind a shield.
     *
     * @return where each of them can be reached
     */
    public Map<Hotkey, ShieldedAddress> shielded() {
        return Map.copyOf(shielded);
    }

    /**
     * The miners that have a fault.
     *
     * @return their hotkeys
     */
    public Set<Hotkey> misbehaving() {
        return Set.copyOf(bad);
    }

    /**
     * How often a miner was asked, by whomever.
     *
     * @return since the start
     */
    public long questions() {
        return miners.questions();
    }

    @Override
    public ChainInfo info() {
        ChainInfo info = super.info();
        return new ChainInfo(info.netuid(), validator, info.finalityLag(), info.params());
    }

    @Override
    public Optional<BlockSeen> block(long number) {
        return super.block(number).map(this::inhabited);
    }

    private BlockSeen inhabited(BlockSeen block) {
        List<Neuron> neurons = block.neurons().stream().map(this::inhabited).toList();
        List<Validator> validators = block.validators().stream()
                .map(one -> new Validator(renamed(one.hotkey()), one.uid(), one.stake()))
                .toList();
        return new BlockSeen(block.block(), block.timeMillis(), block.hash(), neurons, validators);
    }

    private Neuron inhabited(Neuron neuron) {
        Hotkey hotkey = renamed(neuron.hotkey());
        Miner nowhere = new Miner(hotkey, "0.0.0.0", 0, 4, Optional.empty());
        return new Neuron(neuron.uid(), neuron.coldkey(), onChain.getOrDefault(hotkey, nowhere));
    }

    private Hotkey renamed(Hotkey hotkey) {
        return hotkey.equals(before) ? validator : hotkey;
    }

    @Override
    public void close() {
        miners.close();
        shields.ifPresent(StandinShields::close);
        super.close();
    }
}
