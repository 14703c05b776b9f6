package io.quartermaster.ops.chaos;

import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.ChainInfo;
import io.quartermaster.node.chain.Observation;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.PacedClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A chain whose clock can be set wrong. */
final class SteppingChain implements Chain {
    private final Chain chain;
    private volatile long stepMillis;

    SteppingChain(Chain chain) {
        this.chain = chain;
    }

    void step(long millis) {
        stepMillis = millis;
    }

    @Override
    public PacedClock clock() {
        PacedClock right = chain.clock();
        return new PacedClock() {
            @Override
            public Instant instant() {
                return Instant.ofEpochMilli(millis());
            }

            @Override
            public long millis() {
                return right.millis() + stepMillis;
            }

            @Override
            public Duration realTime(Duration duration) {
                return right.realTime(duration);
            }
        };
    }

    @Override
    public ChainInfo info() {
        return chain.info();
    }

    @Override
    public Optional<Observation> next(Duration patience) throws InterruptedException {
        return chain.next(patience);
    }

    @Override
    public boolean ended() {
        return chain.ended();
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
