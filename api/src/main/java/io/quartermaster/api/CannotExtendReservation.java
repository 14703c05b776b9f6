package io.quartermaster.api;

import java.io.Serial;
import java.time.Instant;

/** The reservation would last longer than a reservation for the longest job. Carries how far it can still be extended. */
public final class CannotExtendReservation extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient ReservationId reservation;
    private final Instant latestDeadline;

    /**
     * Makes the answer.
     *
     * @param reservation the reservation asked for
     * @param latestDeadline the latest deadline that it can have
     */
    public CannotExtendReservation(ReservationId reservation, Instant latestDeadline) {
        super("Cannot extend reservation " + reservation + " so far: it can last until " + latestDeadline
                + ", as one for the longest job of " + Allowance.MAX_JOB_RUN_TIME_SECONDS + " s would");
        this.reservation = reservation;
        this.latestDeadline = latestDeadline;
    }

    /**
     * The reservation asked for.
     *
     * @return its id
     */
    public ReservationId reservation() {
        return reservation;
    }

    /**
     * The latest deadline that it can have.
     *
     * @return an instant
     */
    public Instant latestDeadline() {
        return latestDeadline;
    }
}
