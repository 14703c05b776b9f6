package io.quartermaster.api;

import java.util.List;
import java.util.Optional;

/**
 * Picks the miner for a job, and reserves the allowance that pays for it.
 *
 * <p>Safe for use by several threads, on any replica: which miner takes the job and what pays for it is decided at once, so
 * that no two jobs get one block or one miner's last free executor.
 */
public interface Routing {
    /** How many jobs can be routed with one call. */
    int MOST_JOBS_AT_ONCE = 256;

    /**
     * Picks a miner for a job and reserves its allowance.
     *
     * <p>Among the current miners with enough allowance and collateral the most reliable is taken that has an executor free;
     * among equally reliable ones the one that {@link Allowance#findMinersWithAllowance} puts first. After the job, spend or
     * undo the route's reservation.
     *
     * <p>Safe to repeat: while the job's reservation is active, the same request returns the same route.
     *
     * @param request the job
     * @return the route
     * @throws InvalidArgument if the class is unknown, or the time limits add up to 0 or to more than
     *     {@link Allowance#MAX_JOB_RUN_TIME_SECONDS}
     * @throws NotEnoughAllowance if no miner has enough allowance
     * @throws NotEnoughCollateral if some have, but none of them enough collateral
     * @throws AllMinersBusy if none of those has an executor free
     * @throws JobIdReused if the job has an active reservation for something else
     * @throws GridUnavailable if the grid takes no changes now
     * @throws OutcomeUnknown if the reservation may have been made; repeating the request finds it
     */
    JobRoute pickMinerForJobRequest(OrganicJobRequest request);

    /**
     * Picks miners for several jobs, as if each were asked for on its own, and answers each on its own: one that is refused
     * hinders no other. Which of them are placed does not hang on their order in the list: of each class the job that takes
     * longest goes first, since the fewest miners can take it and the others can do with what is left; and the classes take
     * turns.
     *
     * <p>Safe to repeat, as the call for one job is. Not one step: jobs of other callers may be placed in between. Once the grid
     * takes no changes any more, those that are left are answered so without being tried.
     *
     * @param requests the jobs, at most {@value #MOST_JOBS_AT_ONCE}, each once
     * @return an answer for each, in the order of the requests
     * @throws InvalidArgument if there are too many of them, or two with one id
     */
    List<RouteAnswer> pickMinersForJobRequests(List<OrganicJobRequest> requests);

    /**
     * Says where a job would go now, and why, without reserving anything. It takes every step that
     * {@link #pickMinerForJobRequest} takes, with this replica's copy of the books in place of the miners' own, and leaves no
     * trace. A moment later the real request may find the books changed.
     *
     * @param request the job
     * @return the decision, with the miner or the refusal
     * @throws InvalidArgument as for the real request
     * @throws GridUnavailable if no block has been taken in yet
     */
    RoutingDecision dryRun(OrganicJobRequest request);

    /**
     * Records that a miner let a job down; it lowers the miner's rank for a day. Counted once for a miner and job, however
     * often it is reported.
     *
     * @param type what happened
     * @param miner the miner
     * @param job the job
     * @param executorClass the class under which it happened
     */
    void reportMinerIncident(MinerIncidentType type, Hotkey miner, JobId job, ExecutorClass executorClass);

    /**
     * Says why the newest request for a job went where it went, or nowhere, whichever replica decided.
     *
     * @param job the job
     * @return empty if no replica has seen a request for it lately
     */
    Optional<RoutingDecision> explain(JobId job);

    /**
     * The same calls without waiting.
     *
     * @return a view of this router
     */
    AsyncRouting async();
}
