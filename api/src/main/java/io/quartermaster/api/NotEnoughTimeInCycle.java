package io.quartermaster.api;

import java.io.Serial;

/** Some miners could take the job, but it would not end before the cycle does. The next cycle has room for it. */
public final class NotEnoughTimeInCycle extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final double remainingSeconds;
    private final double requiredSeconds;

    /**
     * Makes the answer.
     *
     * @param remainingSeconds until the cycle ends, at 12 s a block
     * @param requiredSeconds what the job needs from being routed to its end
     */
    public NotEnoughTimeInCycle(double remainingSeconds, double requiredSeconds) {
        super("The cycle ends in " + remainingSeconds + " s, and the job needs " + requiredSeconds + " s");
        this.remainingSeconds = remainingSeconds;
        this.requiredSeconds = requiredSeconds;
    }

    /**
     * How long the cycle goes on.
     *
     * @return seconds, at 12 s a block
     */
    public double remainingSeconds() {
        return remainingSeconds;
    }

    /**
     * How long the job may take: leeway, reservation, start-up, spin-up, and what it asks for.
     *
     * @return seconds
     */
    public double requiredSeconds() {
        return requiredSeconds;
    }
}
