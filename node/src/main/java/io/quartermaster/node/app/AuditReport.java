package io.quartermaster.node.app;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.SpendDetails;
import java.util.List;
import java.util.Optional;

/**
 * What validators have spent in a range of blocks, as their receipts tell.
 *
 * @param fromBlock the first block
 * @param toBlock the block after the last
 * @param validators one for each validator that has a job which finished in the range, by hotkey
 */
public record AuditReport(long fromBlock, long toBlock, List<OfValidator> validators) {
    /**
     * What one validator has spent.
     *
     * @param validator its hotkey
     * @param jobs how many of its jobs finished in the range
     * @param paidJobs how many of them were paid for
     * @param spentSeconds what these cost, in executor-seconds
     * @param spentBlocks how many blocks paid for them
     * @param rejected the jobs that were not paid for, and why
     * @param suspicious the blocks that several jobs name, of which one finished in the range
     */
    public record OfValidator(
            Hotkey validator,
            int jobs,
            int paidJobs,
            double spentSeconds,
            int spentBlocks,
            List<Rejected> rejected,
            List<Suspicion> suspicious) {}

    /** Why a job does not count as paid for. */
    public enum Reason {
        /** A signature is not good. */
        FORGED,
        /** There is no receipt of its start, which would name the class. */
        NOT_STARTED,
        /** It started at a time whose block is not known here. */
        OUTSIDE_KNOWN_BLOCKS,
        /** The blocks that it names do not pay for it. */
        CANNOT_SPEND
    }

    /**
     * A job that was not paid for.
     *
     * @param job the job
     * @param miner the miner
     * @param executorClass the class, where known
     * @param reason why
     * @param details what became of each block, where they were looked at
     */
    public record Rejected(
            JobId job,
            Hotkey miner,
            Optional<ExecutorClass> executorClass,
            Reason reason,
            Optional<SpendDetails> details) {}

    /**
     * Blocks of a triplet that the same jobs name.
     *
     * @param miner the miner
     * @param executorClass the class
     * @param blocks the blocks
     * @param jobs the jobs, in the order in which they finished: the first has the blocks
     */
    public record Suspicion(Hotkey miner, ExecutorClass executorClass, List<Long> blocks, List<JobId> jobs) {}
}
