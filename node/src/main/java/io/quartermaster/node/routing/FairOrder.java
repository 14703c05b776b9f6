package io.quartermaster.node.routing;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.OrganicJobRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The order in which jobs that are routed together are placed. Of one class, whoever can take a job can take every shorter one:
 * placing the longest first leaves as many of them with a miner as can be. Classes do not compete; they take turns, so that
 * none waits for all of another.
 */
final class FairOrder {
    private FairOrder() {}

    /** The requests, in order. */
    static List<OrganicJobRequest> of(List<OrganicJobRequest> requests) {
        Map<ExecutorClass, List<OrganicJobRequest>> byClass = new TreeMap<>();
        for (OrganicJobRequest request : requests) {
            byClass.computeIfAbsent(request.executorClass(), key -> new ArrayList<>())
                    .add(request);
        }
        Deque<Deque<OrganicJobRequest>> turns = new ArrayDeque<>();
        for (List<OrganicJobRequest> jobs : byClass.values()) {
            jobs.sort(Comparator.comparingDouble(OrganicJobRequest::requiredSeconds)
                    .reversed()
                    .thenComparing(OrganicJobRequest::job));
            turns.add(new ArrayDeque<>(jobs));
        }
        List<OrganicJobRequest> ordered = new ArrayList<>(requests.size());
        while (!turns.isEmpty()) {
            Deque<OrganicJobRequest> jobs = turns.remove();
            ordered.add(jobs.remove());
            if (!jobs.isEmpty()) {
                turns.add(jobs);
            }
        }
        return ordered;
    }
}
