package io.quartermaster.api;

import java.io.Serial;

/**
 * What a call can end in besides success. The direct subtypes say what a caller does next; see the package's description. The
 * simple name of each concrete type is also its name in JSON.
 */
public abstract sealed class QuartermasterException extends RuntimeException
        permits Refused, GridUnavailable, OutcomeUnknown {
    @Serial
    private static final long serialVersionUID = 1L;

    QuartermasterException(String message) {
        super(message);
    }

    QuartermasterException(String message, Throwable cause) {
        super(message, cause);
    }
}
