package io.quartermaster.api;

import java.util.List;

/**
 * Blocks that were offered for a job, sorted by whether they pay for it. Every offered block is in exactly one list.
 *
 * @param requiredSeconds what the job cost, in executor-seconds
 * @param spendableSeconds what the spendable blocks hold, in executor-seconds
 * @param spendable blocks that pay
 * @param outsideRange blocks too old or too new for the job's time
 * @param alreadySpent blocks that another job has used
 * @param invalidated blocks that a drop in the miner's manifest had made invalid by the job's time
 */
public record SpendDetails(
        double requiredSeconds,
        double spendableSeconds,
        List<Long> spendable,
        List<Long> outsideRange,
        List<Long> alreadySpent,
        List<Long> invalidated) {
    /** Copies the lists. */
    public SpendDetails {
        spendable = List.copyOf(spendable);
        outsideRange = List.copyOf(outsideRange);
        alreadySpent = List.copyOf(alreadySpent);
        invalidated = List.copyOf(invalidated);
    }
}
