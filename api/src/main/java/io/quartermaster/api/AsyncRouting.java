package io.quartermaster.api;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * {@link Routing}'s calls, returning at once. A stage completes with what the blocking method returns, or exceptionally with
 * what it throws. Safe for use by several threads.
 */
public interface AsyncRouting {
    /**
     * As {@link Routing#pickMinerForJobRequest}.
     *
     * @param request the job
     * @return completes with the route
     */
    CompletionStage<JobRoute> pickMinerForJobRequest(OrganicJobRequest request);

    /**
     * As {@link Routing#pickMinersForJobRequests}.
     *
     * @param requests the jobs
     * @return completes with an answer for each, in their order
     */
    CompletionStage<List<RouteAnswer>> pickMinersForJobRequests(List<OrganicJobRequest> requests);

    /**
     * As {@link Routing#reportMinerIncident}.
     *
     * @param type what happened
     * @param miner the miner
     * @param job the job
     * @param executorClass the class under which it happened
     * @return completes when the incident counts
     */
    CompletionStage<Void> reportMinerIncident(
            MinerIncidentType type, Hotkey miner, JobId job, ExecutorClass executorClass);
}
