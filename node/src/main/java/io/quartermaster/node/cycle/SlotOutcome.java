package io.quartermaster.node.cycle;

/** What is answered to a {@link SlotCommand}. */
public sealed interface SlotOutcome {
    /**
     * An executor is kept for the job.
     *
     * @param deadlineMillis until when, in Unix milliseconds
     * @param busy how many executors were at work, without this job
     * @param executors how many there are
     */
    record Held(long deadlineMillis, int busy, int executors) implements SlotOutcome {}

    /**
     * All executors are at work.
     *
     * @param busy how many
     * @param executors how many there are
     */
    record NoFreeExecutor(int busy, int executors) implements SlotOutcome {}

    /**
     * Too little allowance is left.
     *
     * @param remainingNanos what is left, without what jobs will take that are not accepted yet
     */
    record NotEnough(long remainingNanos) implements SlotOutcome {}

    /**
     * An executor is kept for the job with other contents.
     *
     * @param difference what differs, in words
     */
    record JobReused(String difference) implements SlotOutcome {}

    /**
     * What was told is taken in.
     *
     * @param known whether the job was routed to the miner of late
     */
    record Noted(boolean known) implements SlotOutcome {}
}
