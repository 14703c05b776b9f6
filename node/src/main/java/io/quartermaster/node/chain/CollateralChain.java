package io.quartermaster.node.chain;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.CollateralSource.Readings;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;

/**
 * A chain whose miners' collateral is read every 25 blocks, while somebody follows it. What was read is shown among the blocks,
 * which go on meanwhile. What can't be read is an event, once until it can be again; the miner keeps its amount. Used by one
 * thread.
 */
public final class CollateralChain extends ForwardingChain {
    /** Between two rounds: as often as the miners are asked for their manifests. */
    static final int INTERVAL_BLOCKS = AskingChain.INTERVAL_BLOCKS;

    private final Rounds<Readings> rounds;
    private final EventLog events;
    private Set<Hotkey> failing = Set.of();
    private boolean told;

    /**
     * A chain that begins to read with the first block that it shows.
     *
     * @param chain shows the blocks
     * @param source reads the collateral
     * @param events told of what can't be read
     */
    public CollateralChain(Chain chain, CollateralSource source, EventLog events) {
        super(chain);
        this.rounds = new Rounds<>(chain.info().finalityLag(), INTERVAL_BLOCKS, source::read);
        this.events = events;
    }

    @Override
    public Optional<Observation> next(Duration patience) throws InterruptedException {
        Optional<Readings> read = read();
        if (read.isPresent()) {
            return read.map(Readings::seen);
        }
        Optional<Observation> seen = super.next(patience);
        if (seen.isPresent() && seen.get() instanceof BlockSeen block) {
            rounds.shown(block);
        }
        return seen;
    }

    private Optional<Readings> read() {
        try {
            Optional<Readings> found = rounds.found();
            found.ifPresent(readings -> {
                told = false;
                tell(readings);
            });
            return found;
        } catch (CompletionException e) {
            if (!told) {
                told = true;
                events.record(SystemEvent.of(
                        now(),
                        EventType.COLLATERAL_UNAVAILABLE,
                        "no collateral can be read, and miners keep what was read last: "
                                + Causes.of(e).getMessage()));
            }
            return Optional.empty();
        }
    }

    private void tell(Readings readings) {
        readings.failed().forEach((miner, why) -> {
            if (!failing.contains(miner)) {
                events.record(SystemEvent.ofMiner(
                        now(),
                        EventType.COLLATERAL_UNAVAILABLE,
                        miner,
                        "the collateral of miner " + miner + " can't be read, and it keeps what was read last: "
                                + why));
            }
        });
        failing = readings.failed().keySet();
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock().millis());
    }
}
