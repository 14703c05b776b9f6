package io.quartermaster.node.app.web;

import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.RouteAnswer;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.app.Replica;
import java.util.List;
import java.util.Optional;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Routing over HTTP, beyond one job at a time: several at once, and a look at what would come of one. */
@RestController
@RequestMapping("/v1/routes")
final class RoutesController {
    private final Replica replica;

    RoutesController(Replica replica) {
        this.replica = replica;
    }

    /** One job's answer: its route, or the problem that it would have been answered with alone. */
    record Answer(JobId job, Optional<JobRoute> route, Optional<ProblemDetail> problem) {
        static Answer of(RouteAnswer answer) {
            return new Answer(answer.job(), answer.route(), answer.failure().map(Problems::of));
        }
    }

    /** The answers, in the order of the jobs. */
    record Answers(List<Answer> answers) {}

    @ApiCall(value = "Picks a miner for each of several jobs, and reserves.", scope = Scope.ROUTE)
    @PostMapping("/batch")
    Answers routeAll(@RequestBody Requests.Batch body) {
        return new Answers(replica.routing().pickMinersForJobRequests(body.requests()).stream()
                .map(Answer::of)
                .toList());
    }

    @ApiCall(value = "Says what would come of a job, and reserves nothing.", scope = Scope.READ)
    @PostMapping("/dry-run")
    RoutingController.Explanation dryRun(@RequestBody Requests.Route body) {
        RoutingDecision decision = replica.routing().dryRun(body.request());
        return new RoutingController.Explanation(Optional.of(decision), decision.inWords());
    }
}
