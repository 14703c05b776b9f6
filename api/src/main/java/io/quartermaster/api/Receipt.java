package io.quartermaster.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a validator states about a job, and a miner countersigns. There is at most one receipt of each kind for a job.
 * Instants have microseconds, as on the wire.
 */
public sealed interface Receipt {
    /**
     * The job's id.
     *
     * @return the id
     */
    JobId job();

    /**
     * The miner that ran the job.
     *
     * @return its hotkey
     */
    Hotkey miner();

    /**
     * The validator that ordered the job.
     *
     * @return its hotkey
     */
    Hotkey validator();

    /**
     * When the receipt was made.
     *
     * @return the instant
     */
    Instant timestamp();

    /**
     * The job was sent to the miner.
     *
     * @param job the job's id
     * @param miner the miner's hotkey
     * @param validator the validator's hotkey
     * @param timestamp when the receipt was made
     * @param executorClass the class of executor that the job occupies
     * @param organic whether a user ordered the job
     * @param ttl how long the job may go on without another receipt
     */
    record Started(
            JobId job,
            Hotkey miner,
            Hotkey validator,
            Instant timestamp,
            ExecutorClass executorClass,
            boolean organic,
            Duration ttl)
            implements Receipt {}

    /**
     * The miner took the job.
     *
     * @param job the job's id
     * @param miner the miner's hotkey
     * @param validator the validator's hotkey
     * @param timestamp when the receipt was made
     * @param timeAccepted when the miner accepted
     * @param ttl how long the job may go on without another receipt
     */
    record Accepted(JobId job, Hotkey miner, Hotkey validator, Instant timestamp, Instant timeAccepted, Duration ttl)
            implements Receipt {}

    /**
     * The job is done.
     *
     * @param job the job's id
     * @param miner the miner's hotkey
     * @param validator the validator's hotkey
     * @param timestamp when the receipt was made
     * @param timeStarted when the job started
     * @param timeTook how long it ran
     * @param costSeconds what it cost, in executor-seconds
     * @param blocks the blocks of allowance that paid for it
     */
    record Finished(
            JobId job,
            Hotkey miner,
            Hotkey validator,
            Instant timestamp,
            Instant timeStarted,
            Duration timeTook,
            double costSeconds,
            List<Long> blocks)
            implements Receipt {
        /** Copies the list of blocks. */
        public Finished {
            Checks.seconds("costSeconds", costSeconds);
            blocks = List.copyOf(blocks);
        }
    }
}
