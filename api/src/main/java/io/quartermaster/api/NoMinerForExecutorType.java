package io.quartermaster.api;

import java.io.Serial;

/** No current miner has lately published executors of the class, but for those on the blacklist. */
public final class NoMinerForExecutorType extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient ExecutorClass executorClass;
    private final int blacklisted;

    /**
     * Makes the answer.
     *
     * @param executorClass the class asked for
     * @param blacklisted how many miners have executors of it and are on the blacklist
     */
    public NoMinerForExecutorType(ExecutorClass executorClass, int blacklisted) {
        super("No miner has published executors of " + executorClass + " in the last 4 hours"
                + (blacklisted == 0 ? "" : ", but for " + blacklisted + " on the blacklist"));
        this.executorClass = executorClass;
        this.blacklisted = blacklisted;
    }

    /**
     * The class that was asked for.
     *
     * @return the class
     */
    public ExecutorClass executorClass() {
        return executorClass;
    }

    /**
     * How many miners could have taken the job if they were not on the blacklist.
     *
     * @return at least 0
     */
    public int blacklisted() {
        return blacklisted;
    }
}
