package io.quartermaster.api;

import java.io.Serial;

/** The reservation was spent before. A spend is final: it is neither undone nor repeated. */
public final class ReservationAlreadySpent extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient ReservationId reservation;

    /**
     * Makes the answer.
     *
     * @param reservation the id asked for
     */
    public ReservationAlreadySpent(ReservationId reservation) {
        super("Reservation with ID " + reservation + " is already spent");
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
