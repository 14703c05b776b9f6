package io.quartermaster.api;

import java.io.Serial;

/** There is no such reservation: it was never made, was undone, or its deadline has passed. */
public final class ReservationNotFound extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient ReservationId reservation;

    /**
     * Makes the answer.
     *
     * @param reservation the id asked for
     */
    public ReservationNotFound(ReservationId reservation) {
        super("Reservation with ID " + reservation + " not found");
        this.reservation = reservation;
    }

    /**
     * The id asked for.
     *
     * @return the id
     */
    public ReservationId reservation() {
        return reservation;
    }
}
