package io.quartermaster.node.chain;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What went wrong, without the wrapping that futures put around it. */
public final class Causes {
    private Causes() {}

    /**
     * Unwraps a failure.
     *
     * @param failure as a future told it
     * @return what was wrapped, however often; the failure itself if nothing was
     */
    public static Throwable of(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
