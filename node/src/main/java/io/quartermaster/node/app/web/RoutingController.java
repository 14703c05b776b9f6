package io.quartermaster.node.app.web;

import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.MinerIncident;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Routing of jobs, why they went where they went, and what miners did wrong. */
@RestController
@RequestMapping("/v1")
final class RoutingController {
    private static final int EVENTS_SEARCHED = 10_000;
    private static final Set<EventType> DECISIONS = Set.of(EventType.JOB_ROUTED, EventType.JOB_NOT_ROUTED);

    private final Replica replica;

    RoutingController(Replica replica) {
        this.replica = replica;
    }

    @ApiCall(
            value =
                    "Picks a miner for a job and reserves. The same job id again gives the same route while it is active.",
            scope = Scope.ROUTE)
    @PostMapping("/routes")
    @ResponseStatus(HttpStatus.CREATED)
    JobRoute route(@RequestBody Requests.Route body) {
        return replica.routing().pickMinerForJobRequest(body.request());
    }

    /** A decision, if it is still known whole, and in words what is known of it. */
    record Explanation(Optional<RoutingDecision> decision, List<String> words) {}

    @ApiCall("Why a job went where it went.")
    @GetMapping("/routes/{job}/explanation")
    Explanation explain(@PathVariable String job) {
        JobId id = new JobId(job);
        Optional<RoutingDecision> decision = replica.routing().explain(id);
        if (decision.isPresent()) {
            return new Explanation(decision, decision.get().inWords());
        }
        // Another replica decided, or this one long ago: the event says what there was to say.
        return replica.events(EventQuery.newest(EVENTS_SEARCHED).of(id)).stream()
                .filter(event -> DECISIONS.contains(event.type()))
                .findFirst()
                .map(event -> new Explanation(Optional.empty(), event.inWords()))
                .orElseThrow(() -> new NotFound("No replica has seen a request for job " + job + " lately"));
    }

    @ApiCall("What miners did wrong, newest first.")
    @GetMapping("/incidents")
    List<MinerIncident> incidents() {
        return replica.incidents();
    }

    @ApiCall(value = "Reports that a miner let a job down. It counts once for a miner and job.", scope = Scope.ROUTE)
    @PostMapping("/incidents")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void report(@RequestBody Requests.Incident body) {
        replica.routing().reportMinerIncident(body.incidentType(), body.minerKey(), body.jobId(), body.executors());
    }
}
