package io.quartermaster.api;

import java.io.Serial;

/**
 * The grid can't take changes now, for example because too few replicas are there. Nothing was done. Try again later; the
 * message says what the grid waits for.
 */
public final class GridUnavailable extends QuartermasterException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes the error.
     *
     * @param message what is missing
     */
    public GridUnavailable(String message) {
        super(message);
    }

    /**
     * Makes the error.
     *
     * @param message what is missing
     * @param cause what was seen
     */
    public GridUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
