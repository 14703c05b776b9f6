package io.quartermaster.node.chain;

import io.quartermaster.api.InvalidArgument;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * The clock of a chain that is played. It stands until it is started, and goes at a pace from then on; at infinite speed it
 * is moved on by what is shown. It never goes back.
 */
final class ChainClock implements PacedClock {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final Duration SHORTEST = Duration.ofMillis(1);

    private final double speed;
    private final LongSupplier nanoTime;
    private volatile boolean running;
    private volatile long startMillis;
    private volatile long startNanos;

    ChainClock(long startMillis, double speed, LongSupplier nanoTime) {
        this.startMillis = startMillis;
        this.speed = checked(speed);
        this.nanoTime = nanoTime;
    }

    static double checked(double speed) {
        if (!(speed > 0)) {
            throw new InvalidArgument("speed", speed, "above 0, such as 60 for sixty times as fast, or infinite");
        }
        return speed;
    }

    boolean paced() {
        return !Double.isInfinite(speed);
    }

    /** Starts the clock if it stands. */
    void start() {
        if (!running) {
            startNanos = nanoTime.getAsLong();
            running = true;
        }
    }

    /** What is shown now was minted at this time. */
    void shown(long timeMillis) {
        if (!paced()) {
            startMillis = Math.max(startMillis, timeMillis);
        }
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    @Override
    public long millis() {
        if (!paced() || !running) {
            return startMillis;
        }
        return startMillis + (long) ((nanoTime.getAsLong() - startNanos) * speed / NANOS_PER_MILLI);
    }

    @Override
    public Duration realTime(Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            return Duration.ZERO;
        }
        if (speed == 1) {
            return duration.compareTo(SHORTEST) < 0 ? SHORTEST : duration;
        }
        double nanos = (duration.getSeconds() * 1e9 + duration.getNano()) / speed;
        Duration real = Duration.ofNanos((long) nanos);
        return real.compareTo(SHORTEST) < 0 ? SHORTEST : real;
    }

    /** How long to wait, in real nanoseconds, until this clock shows a time; 0 if it does already. */
    long nanosUntil(long timeMillis) {
        long left = timeMillis - millis();
        return !paced() || left <= 0 ? 0 : realTime(Duration.ofMillis(left)).toNanos();
    }
}
