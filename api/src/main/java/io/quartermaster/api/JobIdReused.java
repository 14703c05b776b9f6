package io.quartermaster.api;

import java.io.Serial;
import java.util.Optional;

/**
 * The job has an active reservation with other contents: another miner, class or amount. Either two jobs have one id,
 * or the first reservation has to be undone before the job is placed again.
 */
public final class JobIdReused extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient JobId job;
    private final transient Optional<ReservationId> active;

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
        this.active = Optional.of(active);
    }

    /**
     * Makes the answer for a job that has a miner but no reservation, as routing by cycle places them.
     *
     * @param job the id that is in use
     * @param miner the miner that is kept for it
     * @param difference what differs, as "seconds: 60.0, now 30.0"
     */
    public JobIdReused(JobId job, Hotkey miner, String difference) {
        super("Job " + job + " already has miner " + miner + " with other contents (" + difference + ")");
        this.job = job;
        this.active = Optional.empty();
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
     * @return the active reservation's id; empty where routing made none
     */
    public Optional<ReservationId> active() {
        return active;
    }
}
