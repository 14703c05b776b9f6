package io.quartermaster.node.grid;

import com.hazelcast.core.HazelcastInstanceNotActiveException;
import io.quartermaster.api.CallId;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.node.views.Mark;
import io.quartermaster.node.views.Participant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a command to a book until a majority of the replicas holds the decision, or time is up. A command is repeated with the
 * same id, which is harmless: the book answers as it did the first time.
 */
final class Calls {
    private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

    /** Longer than a replica that fell silent is waited for, and shorter than commands may be on their way. */
    private static final long DEADLINE_MILLIS = 9_000;

    /** An attempt that takes longer has met a fault; the next one may go to another replica. */
    private static final long ATTEMPT_MILLIS = 1_500;

    /** While no majority is within reach a call waits this long: one that was paused itself hears of the others soon. */
    private static final long CONTACT_MILLIS = 400;

    private static final long FIRST_PAUSE_MILLIS = 5;
    private static final long LOOK_AGAIN_MILLIS = 1;
    private static final int LOOKS_FOR_ITSELF = 300;
    private static final int MOST_DOUBLINGS = 5;

    private final ScheduledExecutorService timer;
    private final Executor completions;
    private final Participant<Book, Ruling> participant;
    private final boolean alone;
    private final Set<Call> pending = ConcurrentHashMap.newKeySet();

    /**
     * Makes the sender.
     *
     * @param alone whether there is nobody else to wait for, and no disk
     */
    Calls(ScheduledExecutorService timer, Executor completions, Participant<Book, Ruling> participant, boolean alone) {
        this.timer = timer;
        this.completions = completions;
        this.participant = participant;
        this.alone = alone;
    }

    /**
     * Sends a command.
     *
     * @param key which book
     * @param order the command
     * @param send sends it once
     * @return completes with the answer, or with {@link GridUnavailable} or {@link OutcomeUnknown}
     */
    CompletableFuture<Object> call(String key, Order order, Function<Order, CompletionStage<Reply>> send) {
        Call call = new Call(key, order, send);
        if (!alone) {
            pending.add(call);
        }
        call.attempt();
        return alone ? call.answer : call.answer.whenComplete((answer, failure) -> pending.remove(call));
    }

    /** No majority is within reach any more: whoever waits is told at once. */
    void contactLost() {
        pending.forEach(Call::giveUp);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // every failure is looked at, and ends in the answer
    private final class Call {
        private final String key;
        private final Order order;
        private final Function<Order, CompletionStage<Reply>> send;
        private final CompletableFuture<Object> answer = new CompletableFuture<>();
        private final long beganNanos = System.nanoTime();
        private int attempts;

        /** An attempt was decided, or ended in a way that does not say. */
        private volatile boolean perhapsDone;

        /** An attempt was sent, and nothing is known of it yet. */
        private volatile boolean onItsWay;

        private volatile @Nullable Throwable seen;

        private Call(String key, Order order, Function<Order, CompletionStage<Reply>> send) {
            this.key = key;
            this.order = order;
            this.send = send;
        }

        private void attempt() {
            if (answer.isDone()) {
                return;
            }
            if (!alone && elapsedMillis() > (participant.inContact() ? DEADLINE_MILLIS : CONTACT_MILLIS)) {
                giveUp();
                return;
            }
            if (!alone && !participant.inContact()) {
                again();
                return;
            }
            attempts++;
            onItsWay = true;
            CompletionStage<Reply> sent;
            try {
                sent = send.apply(attempts == 1 ? order : order.sentAgain(System.currentTimeMillis()));
            } catch (HazelcastInstanceNotActiveException e) {
                onItsWay = false;
                seen = e;
                giveUp();
                return;
            } catch (RuntimeException e) {
                failed(e);
                return;
            }
            CompletableFuture<Reply> timed = sent.toCompletableFuture();
            if (!alone) {
                timed = timed.copy().orTimeout(ATTEMPT_MILLIS, TimeUnit.MILLISECONDS);
            }
            timed.whenComplete((reply, failure) -> {
                if (failure != null) {
                    failed(failure);
                } else {
                    replied(reply);
                }
            });
        }

        private long elapsedMillis() {
            return (System.nanoTime() - beganNanos) / 1_000_000;
        }

        private void replied(Reply reply) {
            if (reply.mark().isEmpty() || reply.outcome().isEmpty()) {
                onItsWay = false;
                again();
                return;
            }
            Object outcome = reply.outcome().get();
            if (alone) {
                answer.complete(outcome);
                return;
            }
            perhapsDone = true;
            Mark mark = reply.mark().get();
            CompletableFuture<Boolean> held = participant.heldByMajority(key, mark);
            if (held.isDone()) {
                settled(held.getNow(false), mark, outcome);
                return;
            }
            held.orTimeout(ATTEMPT_MILLIS, TimeUnit.MILLISECONDS)
                    .whenCompleteAsync(
                            (byMajority, timeout) -> {
                                if (timeout != null) {
                                    participant.forget(key, held);
                                }
                                settled(timeout == null && byMajority, mark, outcome);
                            },
                            completions);
        }

        private void settled(boolean byMajority, Mark mark, Object outcome) {
            if (byMajority) {
                onceSeenHere(mark, outcome, LOOKS_FOR_ITSELF);
            } else {
                again();
            }
        }

        /** The caller is told once its own replica shows what was done; if that lags far behind, it is told all the same. */
        private void onceSeenHere(Mark mark, Object outcome, int looks) {
            if (looks == 0 || participant.sees(key, mark)) {
                answer.complete(outcome);
                return;
            }
            try {
                timer.schedule(
                        () -> completions.execute(() -> onceSeenHere(mark, outcome, looks - 1)),
                        LOOK_AGAIN_MILLIS,
                        TimeUnit.MILLISECONDS);
            } catch (RuntimeException closing) {
                answer.complete(outcome);
            }
        }

        private void failed(Throwable failure) {
            Throwable cause = Failures.cause(failure);
            seen = cause;
            perhapsDone = true;
            if (cause instanceof HazelcastInstanceNotActiveException) {
                giveUp();
                return;
            }
            if (!(cause instanceof TimeoutException)) {
                LOG.debug("An attempt at call {} failed", order.call(), cause);
            }
            if (alone) {
                giveUp();
            } else {
                again();
            }
        }

        private void again() {
            long pause = FIRST_PAUSE_MILLIS << Math.min(attempts, MOST_DOUBLINGS);
            try {
                timer.schedule(() -> completions.execute(this::attempt), pause, TimeUnit.MILLISECONDS);
            } catch (RuntimeException closing) {
                seen = closing;
                giveUp();
            }
        }

        private void giveUp() {
            CallId id = order.call();
            Throwable cause = seen;
            String waitingFor = participant.waitingFor().orElse("nothing that this replica knows of");
            if (perhapsDone || onItsWay) {
                answer.completeExceptionally(new OutcomeUnknown(
                        id, cause != null ? cause : new TimeoutException("The grid waits for " + waitingFor)));
            } else if (cause instanceof HazelcastInstanceNotActiveException) {
                answer.completeExceptionally(new GridUnavailable("This replica is shutting down", cause));
            } else {
                answer.completeExceptionally(new GridUnavailable("The grid waits for " + waitingFor));
            }
        }
    }
}
