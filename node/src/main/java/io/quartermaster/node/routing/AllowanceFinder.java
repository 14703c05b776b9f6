package io.quartermaster.node.routing;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.MinerAllowance;
import java.util.List;

/** Finds the miners whose allowance can pay for a job. Safe for use by several threads. */
@FunctionalInterface
public interface AllowanceFinder {
    /**
     * Finds miners, as {@link io.quartermaster.api.Allowance#findMinersWithAllowance} does.
     *
     * @param seconds executor-seconds needed
     * @param executorClass the class of executors
     * @param jobStartBlock the block at which the job starts
     * @return at least one miner, best first; not changed after it was returned
     * @throws io.quartermaster.api.NotEnoughAllowance if no miner has enough
     */
    List<MinerAllowance> find(double seconds, ExecutorClass executorClass, long jobStartBlock);
}
