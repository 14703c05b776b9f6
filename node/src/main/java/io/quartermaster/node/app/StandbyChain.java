package io.quartermaster.node.app;

import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.ForwardingChain;
import io.quartermaster.node.chain.Observation;
import io.quartermaster.node.chain.Observation.BlockSeen;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * A chain that is watched while another replica follows it, so that this one can go on at any time: what can't be fetched
 * later, which is all but blocks, is remembered for a while, and shown again to whoever begins to follow.
 */
final class StandbyChain extends ForwardingChain {
    /** Manifests come every 25 blocks; these are hours. A replica that takes over states the same again, which changes nothing. */
    private static final int REMEMBERED = 256;

    private final Deque<Observation> remembered = new ArrayDeque<>();
    private Optional<BlockSeen> newest = Optional.empty();

    StandbyChain(Chain chain) {
        super(chain);
    }

    /** Watches for a while. */
    void watch(Duration patience) throws InterruptedException {
        Optional<Observation> seen = super.next(patience);
        if (seen.isPresent() && seen.get() instanceof BlockSeen block) {
            newest = Optional.of(block);
        } else if (seen.isPresent()) {
            remembered.add(seen.get());
            if (remembered.size() > REMEMBERED) {
                remembered.removeFirst();
            }
        }
    }

    @Override
    public Optional<Observation> next(Duration patience) throws InterruptedException {
        if (!remembered.isEmpty()) {
            return Optional.of(remembered.removeFirst());
        }
        if (newest.isPresent()) {
            Optional<Observation> block = newest.map(Observation.class::cast);
            newest = Optional.empty();
            return block;
        }
        return super.next(patience);
    }

    @Override
    public boolean ended() {
        return remembered.isEmpty() && newest.isEmpty() && super.ended();
    }
}
