package io.quartermaster.api;

import java.io.Serial;

/**
 * The call was sent, and whether it took effect is not known. Never take it for a failure: repeat the call with the same
 * {@link #call()}. If it had taken effect, the repetition returns the first answer and does nothing again.
 */
public final class OutcomeUnknown extends QuartermasterException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient CallId call;

    /**
     * Makes the error.
     *
     * @param call the id to repeat the call with
     * @param cause what was seen
     */
    public OutcomeUnknown(CallId call, Throwable cause) {
        super("The outcome of call " + call + " is unknown: repeat it with the same id", cause);
        this.call = call;
    }

    /**
     * The id to repeat the call with.
     *
     * @return the id of the call whose outcome is unknown
     */
    public CallId call() {
        return call;
    }
}
