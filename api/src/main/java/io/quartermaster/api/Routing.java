package io.quartermaster.api;

import java.util.Optional;

/**
 * Picks the miner for a job, and reserves the allowance that pays for it.
 *
 * <p>Safe for use by several threads, on any replica: which miner takes the job and what pays for it is decided at once, so
 * that no two jobs get one block or one miner's last free executor.
 */
public interface Routing {
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
     * Says why the newest request for a job went where it went, or nowhere.
     *
     * @param job the job
     * @return empty if this replica has not seen a request for it lately
     */
    Optional<RoutingDecision> explain(JobId job);

    /**
     * The same calls without waiting.
     *
     * @return a view of this router
     */
    AsyncRouting async();
}
