package io.quartermaster.node.chain.pylon;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lets so much work be under way at once; the rest waits for its turn, in order. Safe for use by several threads. */
final class Turns {
    private final int mostAtOnce;
    private final int mostWaiting;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int underWay;

    Turns(int mostAtOnce, int mostWaiting) {
        this.mostAtOnce = mostAtOnce;
        this.mostWaiting = mostWaiting;
    }

    /**
     * Begins some work, now or when it is its turn.
     *
     * @param work begins it, and says when it has ended
     * @return completes as the work does; with {@link PylonUnavailable} if too much waits already
     */
    <T> CompletableFuture<T> take(Supplier<CompletableFuture<T>> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable begin = () -> begin(work, result);
        synchronized (this) {
            if (underWay == mostAtOnce) {
                if (waiting.size() == mostWaiting) {
                    return CompletableFuture.failedFuture(
                            new PylonUnavailable(mostWaiting + " requests wait for their turn already"));
                }
                waiting.add(begin);
                return result;
            }
            underWay++;
        }
        begin.run();
        return result;
    }

    private <T> void begin(Supplier<CompletableFuture<T>> work, CompletableFuture<T> result) {
        var unused = work.get().whenComplete((value, failure) -> {
            passOn();
            if (failure == null) {
                result.complete(value);
            } else {
                result.completeExceptionally(failure);
            }
        });
    }

    private void passOn() {
        Runnable next = next();
        if (next != null) {
            next.run();
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable next = waiting.poll();
        underWay -= next == null ? 1 : 0;
        return next;
    }
}
