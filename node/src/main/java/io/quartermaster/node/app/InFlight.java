package io.quartermaster.node.app;

import io.quartermaster.api.CallId;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.OutcomeUnknown;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Commands that are on their way together, a bounded number of them. A command has a second and a half to be answered before it is
 * sent again: where thousands are sent at once, most wait longer than that for those before them, and what is repeated makes all
 * wait longer still. One of thousands that fails is sent once more, so that not all of them have to be. For one thread.
 */
final class InFlight {
    /** Enough to keep three replicas and their disks busy, and answered in time by replicas that are busy with other things. */
    static final int MOST = 64;

    private final Supplier<CallId> names;
    private final Deque<UnderWay> underWay = new ArrayDeque<>();

    /** A command that can be repeated, and what it was answered or will be. */
    private record UnderWay(Supplier<? extends CompletionStage<?>> command, CompletionStage<?> answer) {}

    /**
     * Makes one with nothing on its way.
     *
     * @param names names calls, for whoever is told that an outcome is unknown
     */
    InFlight(Supplier<CallId> names) {
        this.names = names;
    }

    /**
     * Sends a command once there is room; fails as the oldest one that was waited for does.
     *
     * @param command sends it; harmless if it is done twice
     */
    void send(Supplier<? extends CompletionStage<?>> command) {
        if (underWay.size() == MOST) {
            awaitOldest();
        }
        underWay.addLast(new UnderWay(command, command.get()));
    }

    /** Waits for all that are on their way; fails as the oldest one that failed does. */
    void await() {
        while (!underWay.isEmpty()) {
            awaitOldest();
        }
    }

    private void awaitOldest() {
        UnderWay oldest = underWay.removeFirst();
        try {
            GridAllowance.await(names.get(), oldest.answer());
        } catch (GridUnavailable | OutcomeUnknown e) {
            GridAllowance.await(names.get(), oldest.command().get());
        }
    }
}
