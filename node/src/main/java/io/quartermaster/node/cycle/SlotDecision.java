package io.quartermaster.node.cycle;

import io.quartermaster.api.JobId;
import java.util.List;
import java.util.Map;

/**
 * What a command makes of a {@link SlotBook}, and what is answered.
 *
 * @param cycle the book's cycle after it
 * @param usedNanos what that cycle's accepted jobs have taken after it
 * @param put what is kept for jobs from now on
 * @param removed the jobs that are forgotten
 * @param outcome the answer
 */
public record SlotDecision(
        long cycle, long usedNanos, Map<JobId, PreliminaryReservation> put, List<JobId> removed, SlotOutcome outcome) {
    /** Copies the collections. */
    public SlotDecision {
        put = Map.copyOf(put);
        removed = List.copyOf(removed);
    }
}
