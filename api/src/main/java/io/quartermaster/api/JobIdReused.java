package io.quartermaster.api;

import java.io.Serial;

/**
 * The job has an active reservation with other contents: another miner, class or amount. Either two jobs have one id,
 * or the first reservation has to be undone before the job is placed again.
 */
public final class JobIdReused extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient JobId job;
    private final transient ReservationId active;

    /**
     * Makes the answer.
     *
     * @param job the id that is in use
     * @param active the reservation that it is in use for
     * @param difference what differs, as "seconds: 60.0, now 30.0"
     */
    public JobIdReused(JobId job, ReservationId active, String difference) {
        super("Job " + job + " already has reservation " + active + " with other contents (" + difference + ")");
        this.job = job;
        this.active = active;
    }

    /**
     * The id that is in use.
     *
     * @return the job's id
     */
    public JobId job() {
        return job;
    }

    /**
     * The reservation that the id is in use for.
     *
     * @return the active reservation's id
     */
    public ReservationId active() {
        return active;
    }
}
