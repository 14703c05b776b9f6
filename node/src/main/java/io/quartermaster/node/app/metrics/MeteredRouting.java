package io.quartermaster.node.app.metrics;

import io.quartermaster.api.AsyncRouting;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.Routing;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.app.metrics.CallMeters.Call;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Routing that is measured.
 *
 * @param routing does it
 * @param calls measures it
 */
public record MeteredRouting(Routing routing, CallMeters calls) implements Routing {
    @Override
    public JobRoute pickMinerForJobRequest(OrganicJobRequest request) {
        return calls.timed(Call.ROUTE, () -> routing.pickMinerForJobRequest(request));
    }

    @Override
    public void reportMinerIncident(MinerIncidentType type, Hotkey miner, JobId job, ExecutorClass executorClass) {
        routing.reportMinerIncident(type, miner, job, executorClass);
    }

    @Override
    public Optional<RoutingDecision> explain(JobId job) {
        return routing.explain(job);
    }

    @Override
    public AsyncRouting async() {
        return new Async(routing.async(), calls);
    }

    private record Async(AsyncRouting routing, CallMeters calls) implements AsyncRouting {
        @Override
        public CompletionStage<JobRoute> pickMinerForJobRequest(OrganicJobRequest request) {
            return calls.timed(Call.ROUTE, () -> routing.pickMinerForJobRequest(request), route -> Optional.empty());
        }

        @Override
        public CompletionStage<Void> reportMinerIncident(
                MinerIncidentType type, Hotkey miner, JobId job, ExecutorClass executorClass) {
            return routing.reportMinerIncident(type, miner, job, executorClass);
        }
    }
}
