package io.quartermaster.node.app;

import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.app.metrics.CallMeters;
import io.quartermaster.node.app.metrics.CallMeters.Call;
import io.quartermaster.node.routing.Router;
import java.util.Optional;

/**
 * A router that is measured: each job on its own, also where several are routed at once.
 *
 * @param router picks the miners
 * @param calls measures it
 */
record MeteredRouter(Router router, CallMeters calls) implements Router {
    @Override
    public JobRoute route(OrganicJobRequest request) {
        return calls.timed(Call.ROUTE, () -> router.route(request));
    }

    @Override
    public RoutingDecision dryRun(OrganicJobRequest request) {
        return router.dryRun(request);
    }

    @Override
    public Optional<RoutingDecision> explain(JobId job) {
        return router.explain(job);
    }
}
