package io.quartermaster.node.grid;

import com.hazelcast.core.HazelcastInstanceNotActiveException;
import io.quartermaster.api.CallId;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.OutcomeUnknown;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** The engine's failures in the words of the api. */
final class Failures {
    private Failures() {}

    /** What went wrong, without the wrapping that futures put around it. */
    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    static <T> CompletionStage<T> translated(String what, CompletionStage<T> stage) {
        return stage.handle((result, failure) -> {
            if (failure == null) {
                return result;
            }
            Throwable cause = cause(failure);
            if (cause instanceof HazelcastInstanceNotActiveException) {
                throw new GridUnavailable("This replica is shutting down", cause);
            }
            throw new OutcomeUnknown(new CallId(what), cause);
        });
    }
}
