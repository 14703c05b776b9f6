package io.quartermaster.node.ledger;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import java.time.Instant;

/**
 * What was said of a receipt of any validator's job, so that the same is said again.
 *
 * @param job the job
 * @param validator the validator
 * @param miner the miner
 * @param executorClass the class of executors
 * @param receipts a digest of the receipts that were judged: others of the same job are not
 * @param finished the timestamp of the receipt
 * @param blocks what became of each block
 */
public record ForeignVerdict(
        JobId job,
        Hotkey validator,
        Hotkey miner,
        ExecutorClass executorClass,
        String receipts,
        Instant finished,
        OfferedBlocks blocks) {

    /**
     * The key under which the verdict is kept: validators may give jobs the same id.
     *
     * @param validator the validator
     * @param job the job
     * @return the key
     */
    public static String key(Hotkey validator, JobId job) {
        return validator + "/" + job;
    }
}
