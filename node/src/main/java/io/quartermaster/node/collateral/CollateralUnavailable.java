package io.quartermaster.node.collateral;

import java.io.Serial;

/** Nobody's collateral can be told now. */
public final class CollateralUnavailable extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes the error.
     *
     * @param message what is missing
     */
    public CollateralUnavailable(String message) {
        super(message);
    }

    /**
     * Makes the error.
     *
     * @param message what is missing
     * @param cause what was seen
     */
    public CollateralUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
