package io.quartermaster.node.receipts;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import java.time.Instant;
import java.util.Set;

/** Which jobs occupy a miner's executors. Safe for use by several threads. */
@FunctionalInterface
public interface OngoingJobs {
    /**
     * The jobs that a miner is at work on.
     *
     * @param miner the miner
     * @param executorClass the class of executors
     * @param at when
     * @return the jobs, of any validator; never changes after it was returned
     */
    Set<JobId> ongoing(Hotkey miner, ExecutorClass executorClass, Instant at);
}
