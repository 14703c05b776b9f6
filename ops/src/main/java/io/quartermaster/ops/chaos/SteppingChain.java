package io.quartermaster.ops.chaos;

import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.ForwardingChain;
import io.quartermaster.node.chain.PacedClock;
import java.time.Duration;
import java.time.Instant;

/** A chain whose clock can be set wrong. */
final class SteppingChain extends ForwardingChain {
    private volatile long stepMillis;

    SteppingChain(Chain chain) {
        super(chain);
    }

    void step(long millis) {
        stepMillis = millis;
    }

    @Override
    public PacedClock clock() {
        PacedClock right = super.clock();
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
}
