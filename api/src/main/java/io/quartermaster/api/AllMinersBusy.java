package io.quartermaster.api;

import java.io.Serial;

/**
 * Some miners have enough allowance, but each of them has all its executors of the class at work, or lost its allowance to
 * another job meanwhile. {@link Routing#explain} says which.
 */
public final class AllMinersBusy extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int minersTried;

    /**
     * Makes the answer.
     *
     * @param executorClass the class asked for
     * @param minersTried how many miners were tried
     */
    public AllMinersBusy(ExecutorClass executorClass, int minersTried) {
        super("All " + minersTried + " miners with enough allowance of " + executorClass + " are busy");
        this.minersTried = minersTried;
    }

    /**
     * How many miners were tried.
     *
     * @return at least 1
     */
    public int minersTried() {
        return minersTried;
    }
}
