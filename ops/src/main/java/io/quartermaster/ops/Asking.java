package io.quartermaster.ops;

import io.quartermaster.node.chain.Causes;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Waits for what was asked of a node. */
final class Asking {
    private Asking() {}

    /** The answer. A node that gave none, or one that makes no sense, is an error that says so. */
    static <T> T answer(CompletableFuture<T> asked) {
        try {
            return asked.join();
        } catch (CompletionException e) {
            Throwable cause = Causes.of(e);
            throw new ReplicaClient.Answered(ExitCodes.UNREACHABLE, String.valueOf(cause.getMessage()));
        }
    }
}
