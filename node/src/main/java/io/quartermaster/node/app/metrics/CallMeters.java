package io.quartermaster.node.app.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.Refused;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How long calls take, by how they end, and what they are refused for. A call that routing makes counts as one, too: a route
 * finds once and reserves until it has a miner.
 */
public final class CallMeters {
    private static final Duration[] BUCKETS = Meters.micros(
            20,
            50,
            100,
            200,
            500,
            1_000,
            2_000,
            5_000,
            10_000,
            20_000,
            50_000,
            100_000,
            200_000,
            500_000,
            1_000_000,
            2_000_000,
            5_000_000,
            10_000_000);

    /** Those of the dashboards that are in use, in microseconds, and finer ones below. */
    private static final Duration[] FORMER_BUCKETS = Meters.micros(
            100,
            250,
            500,
            1_000,
            5_000,
            10_000,
            25_000,
            50_000,
            100_000,
            250_000,
            500_000,
            1_000_000,
            2_500_000,
            5_000_000,
            10_000_000);

    private final Meters meters;
    private final Map<Call, Series> series = new EnumMap<>(Call.class);
    private final Map<String, Counter> refusals = new ConcurrentHashMap<>();

    /** The timers of a call: one for each outcome, and the one under the name that dashboards knew before, of all outcomes. */
    private record Series(Map<Outcome, Timer> byOutcome, Optional<Timer> former) {}

    /** The calls. */
    public enum Call {
        /** A miner is picked for a job. */
        ROUTE,
        /** Miners with enough allowance are looked for. */
        FIND,
        /** Blocks are booked with one miner. */
        RESERVE,
        /** A reservation is given back. */
        UNDO,
        /** A reservation becomes permanent. */
        SPEND,
        /** A reservation gets more time. */
        EXTEND
    }

    /** How calls end: what the caller does next. */
    public enum Outcome {
        /** It was done. */
        OK,
        /** The books say no. */
        REFUSED,
        /** It was not done, and can be tried later. */
        UNAVAILABLE,
        /** It may have been done. */
        UNKNOWN,
        /** It can't be done with these arguments. */
        INVALID,
        /** It failed as nothing should. */
        FAILED;

        static Outcome of(Throwable failure) {
            if (failure instanceof Refused) {
                return REFUSED;
            }
            if (failure instanceof GridUnavailable) {
                return UNAVAILABLE;
            }
            if (failure instanceof OutcomeUnknown) {
                return UNKNOWN;
            }
            return failure instanceof InvalidArgument ? INVALID : FAILED;
        }
    }

    /**
     * Registers the meters.
     *
     * @param meters where
     */
    public CallMeters(Meters meters) {
        this.meters = meters;
        for (Call call : Call.values()) {
            series.put(call, register(call));
        }
    }

    private Series register(Call call) {
        Map<Outcome, Timer> byOutcome = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            byOutcome.put(
                    outcome,
                    meters.timer(
                            "quartermaster_call_duration",
                            "How long calls take, by how they end",
                            Tags.of("call", label(call), "outcome", label(outcome)),
                            BUCKETS));
        }
        Optional<Timer> former = switch (call) {
            case RESERVE -> Optional.of(former("reserve_allowance", "reserving allowance"));
            case UNDO -> Optional.of(former("undo_allowance_reservation", "undoing an allowance reservation"));
            case ROUTE, FIND, SPEND, EXTEND -> Optional.empty();
        };
        return new Series(byOutcome, former);
    }

    private Timer former(String name, String what) {
        return meters.timer("validator_" + name + "_duration", "Time spent " + what, Tags.empty(), FORMER_BUCKETS);
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Makes a call and measures it.
     *
     * @param call which call
     * @param work makes it
     * @param <T> what it answers
     * @return what it answered; what it throws is thrown
     */
    public <T> T timed(Call call, Supplier<T> work) {
        long began = System.nanoTime();
        try {
            T answer = work.get();
            ended(call, Outcome.OK, began);
            return answer;
        } catch (RuntimeException failure) {
            failed(call, failure, began);
            throw failure;
        }
    }

    /**
     * Makes a call and measures it until its answer is there.
     *
     * @param call which call
     * @param work makes it
     * @param refusal what an answer that is not a failure refuses the call for, if it does
     * @param <T> what it answers
     * @return its answer, as it was given
     */
    public <T> CompletionStage<T> timed(
            Call call, Supplier<CompletionStage<T>> work, Function<T, Optional<String>> refusal) {
        long began = System.nanoTime();
        return work.get().whenComplete((answer, failure) -> ended(call, answer, failure, refusal, began));
    }

    private <T> void ended(
            Call call, T answer, @Nullable Throwable failure, Function<T, Optional<String>> refusal, long began) {
        if (failure != null) {
            @Nullable Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            failed(call, cause == null ? failure : cause, began);
            return;
        }
        Optional<String> reason = refusal.apply(answer);
        reason.ifPresent(why -> refused(call, why));
        ended(call, reason.isPresent() ? Outcome.REFUSED : Outcome.OK, began);
    }

    private void failed(Call call, Throwable failure, long began) {
        Outcome outcome = Outcome.of(failure);
        if (outcome == Outcome.REFUSED) {
            refused(call, failure.getClass().getSimpleName());
        }
        ended(call, outcome, began);
    }

    private void ended(Call call, Outcome outcome, long began) {
        long took = System.nanoTime() - began;
        Series of = Objects.requireNonNull(series.get(call));
        Objects.requireNonNull(of.byOutcome.get(outcome)).record(took, TimeUnit.NANOSECONDS);
        of.former.ifPresent(timer -> timer.record(took, TimeUnit.NANOSECONDS));
    }

    private void refused(Call call, String reason) {
        refusals.computeIfAbsent(
                        call + reason,
                        key -> Counter.builder("quartermaster_calls_refused")
                                .description("Calls that the books refused, by what for")
                                .tags("call", label(call), "reason", reason)
                                .register(meters.registry()))
                .increment();
    }
}
