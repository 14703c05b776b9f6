package io.quartermaster.node.routing;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import java.time.Instant;

/** How often miners let jobs down. Safe for use by several threads. */
public interface Incidents {
    /**
     * Counts a miner's incidents. Asked for every candidate of every job: it must be cheap where there are none.
     *
     * @param miner the miner
     * @param executorClass the class under which they happened
     * @param since not those before this instant
     * @return at least 0
     */
    int count(Hotkey miner, ExecutorClass executorClass, Instant since);

    /**
     * Takes an incident in. One is counted for a miner and job: the first.
     *
     * @param incident what happened
     * @return false if there was one for that miner and job already
     * @throws io.quartermaster.api.GridUnavailable if the grid takes no changes now
     * @throws io.quartermaster.api.OutcomeUnknown if it may have been taken in
     */
    boolean record(Incident incident);
}
