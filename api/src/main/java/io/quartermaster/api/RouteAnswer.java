package io.quartermaster.api;

import java.util.Optional;

/**
 * What became of one of several jobs that were routed together: it has a route, or a reason why not.
 *
 * @param job the job's id
 * @param route where it goes
 * @param failure what the call for this job alone would have thrown
 */
public record RouteAnswer(JobId job, Optional<JobRoute> route, Optional<RuntimeException> failure) {
    /**
     * A job that was placed.
     *
     * @param route where it goes
     * @return the answer
     */
    public static RouteAnswer routed(JobRoute route) {
        return new RouteAnswer(route.job(), Optional.of(route), Optional.empty());
    }

    /**
     * A job that was not placed.
     *
     * @param job the job's id
     * @param failure a {@link QuartermasterException} or an {@link InvalidArgument}
     * @return the answer
     */
    public static RouteAnswer failed(JobId job, RuntimeException failure) {
        return new RouteAnswer(job, Optional.empty(), Optional.of(failure));
    }
}
