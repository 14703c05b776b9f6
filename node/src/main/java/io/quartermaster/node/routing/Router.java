package io.quartermaster.node.routing;

import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.RoutingDecision;
import java.util.Optional;

/** A way to pick miners. Safe for use by several threads. */
public interface Router {
    /**
     * Picks a miner for a job and holds it, as {@link io.quartermaster.api.Routing#pickMinerForJobRequest} says.
     *
     * @param request the job
     * @return the route
     * @throws io.quartermaster.api.QuartermasterException if the job can't be placed; the subtype says why
     * @throws io.quartermaster.api.InvalidArgument if the class is not known or the time limits are out of range
     */
    JobRoute route(OrganicJobRequest request);

    /**
     * Says where a job would go now, as {@link io.quartermaster.api.Routing#dryRun} does: by the same steps, but nothing is held
     * and nothing is recorded.
     *
     * @param request the job
     * @return the decision
     * @throws io.quartermaster.api.InvalidArgument if the class is not known or the time limits are out of range
     */
    RoutingDecision dryRun(OrganicJobRequest request);

    /**
     * Says why the newest request for a job went where it went, or nowhere.
     *
     * @param job the job
     * @return empty if this router has not seen a request for it lately
     */
    Optional<RoutingDecision> explain(JobId job);
}
