package io.quartermaster.node.routing;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.RoutingDecision;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The newest decision for each of the jobs routed last, on this replica. Safe for use by several threads. */
public final class DecisionLog {
    private final int capacity;
    private final Map<JobId, RoutingDecision> oldestFirst = new LinkedHashMap<>();

    /**
     * Makes an empty log.
     *
     * @param capacity how many jobs it remembers, at least 1
     */
    public DecisionLog(int capacity) {
        if (capacity < 1) {
            throw new InvalidArgument("capacity", capacity, "at least 1");
        }
        this.capacity = capacity;
    }

    synchronized void add(RoutingDecision decision) {
        // Taken out first: a map keeps a key where it was first put.
        oldestFirst.remove(decision.job());
        oldestFirst.put(decision.job(), decision);
        if (oldestFirst.size() > capacity) {
            oldestFirst.remove(oldestFirst.keySet().iterator().next());
        }
    }

    /**
     * The newest decision for a job.
     *
     * @param job the job
     * @return empty if there is none, or too many came after it
     */
    public synchronized Optional<RoutingDecision> find(JobId job) {
        return Optional.ofNullable(oldestFirst.get(job));
    }

    /**
     * The newest decisions.
     *
     * @param limit how many at most
     * @return newest first
     */
    public synchronized List<RoutingDecision> newest(int limit) {
        List<RoutingDecision> decisions = new ArrayList<>(oldestFirst.values());
        Collections.reverse(decisions);
        return List.copyOf(decisions.subList(0, Math.min(Math.max(limit, 0), decisions.size())));
    }
}
