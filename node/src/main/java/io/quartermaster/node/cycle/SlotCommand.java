package io.quartermaster.node.cycle;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.JobId;
import java.util.OptionalLong;
import java.util.Set;

/** What is wanted of a miner's {@link SlotBook}, as data. Repeating one is harmless. */
public sealed interface SlotCommand {
    /**
     * Names the call.
     *
     * @return the same for every repetition
     */
    CallId call();

    /**
     * Keeps an executor for a job, if one is free and the allowance is there.
     *
     * @param call names the call
     * @param job the job
     * @param executorClass the class of executor that it needs
     * @param nanos what it will take of the allowance, in nanoseconds of executor time
     * @param cycle the first block of the current cycle
     * @param allowanceNanos the cycle's whole allowance; empty if allowance is not checked
     * @param ttlMillis for how long the executor is kept
     * @param ongoing the jobs that the miner is known to be at work on
     * @param executors how many executors of the class the miner has, as the one knows who decides
     */
    record Hold(
            CallId call,
            JobId job,
            ExecutorClass executorClass,
            long nanos,
            long cycle,
            OptionalLong allowanceNanos,
            long ttlMillis,
            Set<JobId> ongoing,
            int executors)
            implements SlotCommand {
        /** Copies the set. */
        public Hold {
            ongoing = Set.copyOf(ongoing);
        }

        /**
         * The same, by another count of executors.
         *
         * @param count how many there are
         * @return the command
         */
        public Hold withExecutors(int count) {
            return new Hold(call, job, executorClass, nanos, cycle, allowanceNanos, ttlMillis, ongoing, count);
        }
    }

    /**
     * Tells that the miner has accepted a job, or has finished it.
     *
     * @param call names the call
     * @param job the job; one that was not routed to the miner of late is left out
     * @param finished whether its executor is free again
     */
    record Accepted(CallId call, JobId job, boolean finished) implements SlotCommand {}
}
