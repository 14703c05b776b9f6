package io.quartermaster.node.routing;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.Refused;
import io.quartermaster.api.RouteAnswer;
import io.quartermaster.api.Routing;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Routes several jobs with one call, each by the router's own steps. */
final class BatchRouter {
    private final Router router;

    BatchRouter(Router router) {
        this.router = router;
    }

    List<RouteAnswer> route(List<OrganicJobRequest> requests) {
        requireFewAndDifferent(requests);
        Map<JobId, RouteAnswer> answers = new HashMap<>();
        boolean gridAnswers = true;
        for (OrganicJobRequest request : FairOrder.of(requests)) {
            RouteAnswer answer = gridAnswers
                    ? answer(request)
                    : RouteAnswer.failed(
                            request.job(),
                            new GridUnavailable("Not tried: the grid did not answer for another job of the same call"));
            answers.put(request.job(), answer);
            gridAnswers &= answer.failure()
                    .filter(failure -> failure instanceof GridUnavailable || failure instanceof OutcomeUnknown)
                    .isEmpty();
        }
        return requests.stream()
                .map(request -> Objects.requireNonNull(answers.get(request.job())))
                .toList();
    }

    private RouteAnswer answer(OrganicJobRequest request) {
        try {
            return RouteAnswer.routed(router.route(request));
        } catch (Refused | InvalidArgument | GridUnavailable | OutcomeUnknown failure) {
            return RouteAnswer.failed(request.job(), failure);
        }
    }

    private static void requireFewAndDifferent(List<OrganicJobRequest> requests) {
        if (requests.size() > Routing.MOST_JOBS_AT_ONCE) {
            throw new InvalidArgument("jobs", requests.size() + " jobs", "at most " + Routing.MOST_JOBS_AT_ONCE);
        }
        Set<JobId> seen = new HashSet<>();
        for (OrganicJobRequest request : requests) {
            if (!seen.add(request.job())) {
                throw new InvalidArgument("job", request.job().value(), "in the list once");
            }
        }
    }
}
