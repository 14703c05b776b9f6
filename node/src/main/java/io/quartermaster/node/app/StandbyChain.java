package io.quartermaster.node.app;

import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.ChainInfo;
import io.quartermaster.node.chain.Observation;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.PacedClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * A chain that is watched while another replica follows it, so that this one can go on at any time: what can't be fetched
 * later, which is all but blocks, is remembered for a while, and shown again to whoever begins to follow.
 */
final class StandbyChain implements Chain {
    /** Manifests come every 25 blocks; these are hours. A replica that takes over states the same again, which changes nothing. */
    private static final int REMEMBERED = 256;

    private final Chain chain;
    private final Deque<Observation> remembered = new ArrayDeque<>();
    private Optional<BlockSeen> newest = Optional.empty();

    StandbyChain(Chain chain) {
        this.chain = chain;
    }

    /** Watches for a while. */
    void watch(Duration patience) throws InterruptedException {
        Optional<Observation> seen = chain.next(patience);
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
    public ChainInfo info() {
        return chain.info();
    }

    @Override
    public PacedClock clock() {
        return chain.clock();
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
        return chain.next(patience);
    }

    @Override
    public boolean ended() {
        return remembered.isEmpty() && newest.isEmpty() && chain.ended();
    }

    @Override
    public long head() {
        return chain.head();
    }

    @Override
    public Optional<BlockSeen> block(long number) {
        return chain.block(number);
    }

    @Override
    public long oldestReachable() {
        return chain.oldestReachable();
    }

    @Override
    public void close() {
        chain.close();
    }
}
