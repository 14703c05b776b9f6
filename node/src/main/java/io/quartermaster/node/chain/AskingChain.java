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
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;

/**
 * A chain whose miners are asked every 25 blocks, while somebody follows it. What they say is shown among the blocks once all
 * have answered or had their time; the blocks go on meanwhile. Used by one thread.
 */
public final class AskingChain extends ForwardingChain {
    /** Between two rounds: a few minutes, as ComputeHorde has it. */
    static final int INTERVAL_BLOCKS = 25;

    private final EventLog events;
    private final Rounds<Answers> rounds;
    private final Shared<List<Neuron>> shared = new Shared<>();
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
        this.events = events;
        this.rounds = new Rounds<>(
                chain.info().finalityLag(),
                INTERVAL_BLOCKS,
                block -> source.ask(block, fromCommitments.getAsBoolean()));
    }

    @Override
    public Optional<Observation> next(Duration patience) throws InterruptedException {
        Optional<Observation> answers = answers();
        if (answers.isPresent()) {
            return answers;
        }
        Optional<Observation> seen = super.next(patience);
        if (seen.isPresent() && seen.get() instanceof BlockSeen block) {
            rounds.shown(block);
            return Optional.of(shielded(block));
        }
        return seen;
    }

    @Override
    public Optional<BlockSeen> block(long number) {
        return super.block(number).map(this::shielded);
    }

    private Optional<Observation> answers() {
        try {
            Optional<Answers> answers = rounds.found();
            if (answers.isPresent()) {
                told = false;
                shields = answers.get().shields();
            }
            return answers.map(Answers::manifests);
        } catch (CompletionException e) {
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
