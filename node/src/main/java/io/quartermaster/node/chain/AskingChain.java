package io.quartermaster.node.chain;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.MinerSource.Answers;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.shields.ShieldedAddress;
import io.quartermaster.node.chain.shields.ShieldedAddresses;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;

/**
 * A chain whose miners are asked every 25 blocks, while somebody follows it. What they say is shown among the blocks once all
 * have answered or had their time; the blocks go on meanwhile. Used by one thread.
 */
public final class AskingChain extends ForwardingChain {
    /** Between two rounds: a few minutes, as ComputeHorde has it. */
    static final int INTERVAL_BLOCKS = 25;

    private final MinerSource source;
    private final BooleanSupplier fromCommitments;
    private final EventLog events;
    private final NavigableMap<Long, BlockSeen> newest = new TreeMap<>();
    private final Shared<List<Neuron>> shared = new Shared<>();
    private Optional<CompletableFuture<Answers>> underWay = Optional.empty();
    private long askedAt = -1;
    private boolean told;
    private Map<Hotkey, ShieldedAddress> shields = Map.of();

    /**
     * A chain that begins to ask with the first block that it shows.
     *
     * @param chain shows the blocks
     * @param source asks the miners
     * @param fromCommitments looked at before each round: whether manifests are read from the chain
     * @param events told when a round fails as a whole
     */
    public AskingChain(Chain chain, MinerSource source, BooleanSupplier fromCommitments, EventLog events) {
        super(chain);
        this.source = source;
        this.fromCommitments = fromCommitments;
        this.events = events;
    }

    @Override
    public Optional<Observation> next(Duration patience) throws InterruptedException {
        Optional<Observation> answers = answers();
        if (answers.isPresent()) {
            return answers;
        }
        Optional<Observation> seen = super.next(patience);
        if (seen.isPresent() && seen.get() instanceof BlockSeen block) {
            askIfDue(block);
            return Optional.of(shielded(block));
        }
        return seen;
    }

    @Override
    public Optional<BlockSeen> block(long number) {
        return super.block(number).map(this::shielded);
    }

    private void askIfDue(BlockSeen block) {
        newest.put(block.block(), block);
        long current = newest.lastKey() - info().finalityLag();
        // If the current block was not shown, the one after it has the same miners, or nearly so.
        Optional<BlockSeen> at =
                Optional.ofNullable(newest.ceilingEntry(current)).map(Map.Entry::getValue);
        newest.headMap(current, false).clear();
        boolean due = askedAt < 0 || current / INTERVAL_BLOCKS > askedAt / INTERVAL_BLOCKS;
        if (current >= 0 && due && underWay.isEmpty() && at.isPresent()) {
            askedAt = current;
            BlockSeen miners = at.get();
            underWay = Optional.of(source.ask(
                    new BlockSeen(current, miners.timeMillis(), miners.hash(), miners.neurons(), miners.validators()),
                    fromCommitments.getAsBoolean()));
        }
    }

    private Optional<Observation> answers() {
        if (underWay.isEmpty() || !underWay.get().isDone()) {
            return Optional.empty();
        }
        CompletableFuture<Answers> round = underWay.get();
        underWay = Optional.empty();
        try {
            Answers answers = round.join();
            told = false;
            shields = answers.shields();
            return Optional.of(answers.manifests());
        } catch (CompletionException e) {
            // With the next block, not only with the next round.
            askedAt = -1;
            if (!told) {
                told = true;
                events.record(SystemEvent.of(
                        Instant.ofEpochMilli(clock().millis()),
                        EventType.MANIFEST_ERROR,
                        "no miner could be asked for its manifest: "
                                + Causes.of(e).getMessage()));
            }
            return Optional.empty();
        }
    }

    private BlockSeen shielded(BlockSeen block) {
        if (shields.isEmpty()) {
            return block;
        }
        List<Neuron> neurons = ShieldedAddresses.shielded(block.neurons(), shields);
        return new BlockSeen(block.block(), block.timeMillis(), block.hash(), shared.of(neurons), block.validators());
    }
}
