package io.quartermaster.api;

import java.io.Serial;

/** Some miners have executors of the class, but none of them has enough allowance left in this cycle. */
public final class NoMinerWithEnoughAllowance extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final double requiredSeconds;
    private final double highestRemainingSeconds;

    /**
     * Makes the answer.
     *
     * @param executorClass the class asked for
     * @param requiredSeconds what the job asks for
     * @param highestRemainingSeconds the most that any of the miners has left, in executor-seconds
     */
    public NoMinerWithEnoughAllowance(
            ExecutorClass executorClass, double requiredSeconds, double highestRemainingSeconds) {
        super("No miner has more than " + requiredSeconds + " s left in this cycle for a job of " + executorClass
                + "; the most that one has is " + highestRemainingSeconds + " s");
        this.requiredSeconds = requiredSeconds;
        this.highestRemainingSeconds = highestRemainingSeconds;
    }

    /**
     * What the job asks for.
     *
     * @return executor-seconds
     */
    public double requiredSeconds() {
        return requiredSeconds;
    }

    /**
     * The most that a miner has left.
     *
     * @return executor-seconds, at least 0
     */
    public double highestRemainingSeconds() {
        return highestRemainingSeconds;
    }
}
