package io.quartermaster.node.cycle;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.JobId;
import java.util.Map;
import java.util.Set;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * A miner's preliminary reservations, and what accepted jobs have taken of its allowance in a cycle. Immutable.
 *
 * @param cycle the first block of the newest cycle in which a job was routed to the miner
 * @param usedNanos what that cycle's accepted jobs have taken, in nanoseconds of executor time
 * @param jobs the preliminary reservations, and for a while those that have ended: their job may be accepted late
 */
public record SlotBook(long cycle, long usedNanos, PMap<JobId, PreliminaryReservation> jobs) {
    /** No job was ever routed to the miner. */
    public static final SlotBook FRESH = new SlotBook(Long.MIN_VALUE, 0, HashTreePMap.empty());

    /**
     * What accepted jobs have taken of a cycle's allowance.
     *
     * @param ofCycle the cycle's first block
     * @return nanoseconds of executor time
     */
    public long usedNanos(long ofCycle) {
        return ofCycle == cycle ? usedNanos : 0;
    }

    /**
     * What jobs will take of a cycle's allowance that are not accepted yet.
     *
     * @param ofCycle the cycle's first block
     * @param nowMillis the time, in Unix milliseconds
     * @return nanoseconds of executor time
     */
    public long heldNanos(long ofCycle, long nowMillis) {
        long held = 0;
        for (PreliminaryReservation job : jobs.values()) {
            held += job.cycle() == ofCycle && !job.accepted() && job.holdsAt(nowMillis) ? job.nanos() : 0;
        }
        return held;
    }

    /**
     * How many executors are at work, or about to be: those of ongoing jobs, and those kept for jobs that have no receipt yet.
     *
     * @param executorClass the class
     * @param job not counted: the one that is to be placed
     * @param ongoing the jobs that the miner is known to be at work on
     * @param nowMillis the time, in Unix milliseconds
     * @return at least 0
     */
    public int busy(ExecutorClass executorClass, JobId job, Set<JobId> ongoing, long nowMillis) {
        int busy = ongoing.size() - (ongoing.contains(job) ? 1 : 0);
        for (Map.Entry<JobId, PreliminaryReservation> kept : jobs.entrySet()) {
            boolean counts = kept.getValue().executorClass().equals(executorClass)
                    && kept.getValue().holdsAt(nowMillis)
                    && !kept.getKey().equals(job)
                    && !ongoing.contains(kept.getKey());
            busy += counts ? 1 : 0;
        }
        return busy;
    }

    /**
     * The book after a decision.
     *
     * @param decision the decision
     * @return the same on every replica
     */
    public SlotBook apply(SlotDecision decision) {
        PMap<JobId, PreliminaryReservation> changed =
                jobs.minusAll(decision.removed()).plusAll(decision.put());
        return new SlotBook(decision.cycle(), decision.usedNanos(), changed);
    }
}
