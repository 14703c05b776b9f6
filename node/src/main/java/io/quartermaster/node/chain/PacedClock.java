package io.quartermaster.node.chain;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock, and how fast it goes. */
public interface PacedClock extends InstantSource {
    /**
     * How much real time passes while this clock advances by a duration.
     *
     * @param duration by this clock
     * @return in real time, at least 1 ms if the duration is positive
     */
    Duration realTime(Duration duration);

    /**
     * The system's clock.
     *
     * @return a clock that goes at the pace of real time
     */
    static PacedClock system() {
        Clock clock = Clock.systemUTC();
        return new PacedClock() {
            @Override
            public Instant instant() {
                return clock.instant();
            }

            @Override
            public long millis() {
                return clock.millis();
            }

            @Override
            public Duration realTime(Duration duration) {
                return duration;
            }
        };
    }
}
