package io.quartermaster.node.routing;

import io.quartermaster.api.AsyncRouting;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.RouteAnswer;
import io.quartermaster.api.Routing;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.manifest.ExecutorClasses;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/** Routing, as callers see it, whichever way the miners are picked. */
public final class RoutingService implements Routing {
    private static final int MOST_EVENTS_OF_A_JOB = 100;

    private final Router router;
    private final BatchRouter batches;
    private final Incidents incidents;
    private final ExecutorClasses classes;
    private final EventLog events;
    private final Function<EventQuery, List<SystemEvent>> told;
    private final InstantSource clock;
    private final AsyncRouting async;

    /**
     * Makes the service.
     *
     * @param router picks the miners
     * @param ports where incidents go, and what time it is
     * @param classes the classes that incidents may name
     * @param told finds the events of all replicas, newest first
     * @param executor runs the calls of the view that does not wait
     */
    public RoutingService(
            Router router,
            RouterPorts ports,
            ExecutorClasses classes,
            Function<EventQuery, List<SystemEvent>> told,
            Executor executor) {
        this.router = router;
        this.batches = new BatchRouter(router);
        this.told = told;
        this.incidents = ports.incidents();
        this.classes = classes;
        this.events = ports.events();
        this.clock = ports.clock();
        this.async = new Async(this, executor);
    }

    @Override
    public JobRoute pickMinerForJobRequest(OrganicJobRequest request) {
        return router.route(request);
    }

    @Override
    public List<RouteAnswer> pickMinersForJobRequests(List<OrganicJobRequest> requests) {
        return batches.route(requests);
    }

    @Override
    public RoutingDecision dryRun(OrganicJobRequest request) {
        return router.dryRun(request);
    }

    @Override
    public void reportMinerIncident(MinerIncidentType type, Hotkey miner, JobId job, ExecutorClass executorClass) {
        classes.require(executorClass);
        Incident incident = new Incident(type, miner, job, executorClass, clock.instant());
        if (incidents.record(incident)) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put(SystemEvent.JOB, job.value());
            fields.put(SystemEvent.MINER, miner.value());
            fields.put("class", executorClass.name());
            fields.put("incident", type.name());
            events.record(new SystemEvent(
                    incident.time(),
                    EventType.MINER_INCIDENT,
                    fields,
                    "miner " + miner + " let job " + job + " down: " + type));
        }
    }

    @Override
    public Optional<RoutingDecision> explain(JobId job) {
        Optional<RoutingDecision> here = router.explain(job);
        // Another replica may have decided since, or this one before it was started anew.
        Instant since = here.map(RoutingDecision::time).orElse(Instant.EPOCH);
        return told.apply(EventQuery.newest(MOST_EVENTS_OF_A_JOB).of(job).since(since)).stream()
                .flatMap(event -> DecisionEvent.read(event).stream())
                .findFirst()
                .filter(decision -> decision.time().isAfter(since))
                .or(() -> here);
    }

    @Override
    public AsyncRouting async() {
        return async;
    }

    private record Async(Routing routing, Executor executor) implements AsyncRouting {
        @Override
        public CompletionStage<JobRoute> pickMinerForJobRequest(OrganicJobRequest request) {
            CompletableFuture<JobRoute> route = new CompletableFuture<>();
            later(route, () -> route.complete(routing.pickMinerForJobRequest(request)));
            return route;
        }

        @Override
        public CompletionStage<List<RouteAnswer>> pickMinersForJobRequests(List<OrganicJobRequest> requests) {
            CompletableFuture<List<RouteAnswer>> answers = new CompletableFuture<>();
            later(answers, () -> answers.complete(routing.pickMinersForJobRequests(requests)));
            return answers;
        }

        @Override
        public CompletionStage<Void> reportMinerIncident(
                MinerIncidentType type, Hotkey miner, JobId job, ExecutorClass executorClass) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            later(done, () -> {
                routing.reportMinerIncident(type, miner, job, executorClass);
                done.complete(null);
            });
            return done;
        }

        /** Not CompletableFuture.supplyAsync: it would hand on a CompletionException instead of what was thrown. */
        private void later(CompletableFuture<?> result, Runnable call) {
            try {
                executor.execute(() -> {
                    try {
                        call.run();
                    } catch (Throwable failure) {
                        result.completeExceptionally(failure);
                    }
                });
            } catch (RejectedExecutionException closed) {
                result.completeExceptionally(
                        new GridUnavailable("This replica is closing or has too many calls waiting", closed));
            }
        }
    }
}
