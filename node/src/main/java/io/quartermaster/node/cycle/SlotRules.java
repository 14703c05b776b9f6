package io.quartermaster.node.cycle;

import io.quartermaster.api.JobId;
import io.quartermaster.node.ledger.Amounts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rules by which a miner's {@link SlotBook} answers commands. A pure function. */
public final class SlotRules {
    /** A job is accepted within seconds of being routed; what comes later than this is not counted. */
    private static final long ENDED_KEPT_MILLIS = 60_000;

    /** Of those that have ended, the newest so many are kept. */
    private static final int MOST_ENDED_KEPT = 32;

    private SlotRules() {}

    /**
     * Decides a command.
     *
     * @param book the miner's book
     * @param command the command
     * @param nowMillis the time, in Unix milliseconds; what is past its deadline by then keeps no executor any more
     * @return what becomes of the book, and the answer
     */
    public static SlotDecision decide(SlotBook book, SlotCommand command, long nowMillis) {
        return command instanceof SlotCommand.Hold hold
                ? hold(book, hold, nowMillis)
                : accepted(book, (SlotCommand.Accepted) command, nowMillis);
    }

    private static SlotDecision hold(SlotBook book, SlotCommand.Hold command, long nowMillis) {
        int busy = book.busy(command.executorClass(), command.job(), command.ongoing(), nowMillis);
        PreliminaryReservation kept = book.jobs().get(command.job());
        if (kept != null && kept.holdsAt(nowMillis)) {
            SlotOutcome again = difference(kept, command)
                    .<SlotOutcome>map(SlotOutcome.JobReused::new)
                    .orElse(new SlotOutcome.Held(kept.deadlineMillis(), busy, command.executors()));
            return unchanged(book, again);
        }
        if (busy >= command.executors()) {
            return unchanged(book, new SlotOutcome.NoFreeExecutor(busy, command.executors()));
        }
        if (command.allowanceNanos().isPresent()) {
            // What is held counts as taken: it may be accepted any moment, and jobs that come together must not share
            // it. A
            // replica that is still in an earlier cycle finds nothing of it left.
            long remaining = command.cycle() < book.cycle()
                    ? 0
                    : command.allowanceNanos().getAsLong()
                            - book.usedNanos(command.cycle())
                            - book.heldNanos(command.cycle(), nowMillis);
            if (remaining <= command.nanos()) {
                return unchanged(book, new SlotOutcome.NotEnough(Math.max(0, remaining)));
            }
        }
        long cycle = Math.max(book.cycle(), command.cycle());
        long deadline = nowMillis + command.ttlMillis();
        PreliminaryReservation made =
                new PreliminaryReservation(command.executorClass(), command.nanos(), command.cycle(), deadline, false);
        return new SlotDecision(
                cycle,
                book.usedNanos(cycle),
                Map.of(command.job(), made),
                forgotten(book, command.job(), nowMillis),
                new SlotOutcome.Held(deadline, busy, command.executors()));
    }

    private static Optional<String> difference(PreliminaryReservation kept, SlotCommand.Hold command) {
        if (!kept.executorClass().equals(command.executorClass())) {
            return Optional.of("class: " + kept.executorClass() + ", now " + command.executorClass());
        }
        return kept.nanos() == command.nanos()
                ? Optional.empty()
                : Optional.of(
                        "seconds: " + Amounts.seconds(kept.nanos()) + ", now " + Amounts.seconds(command.nanos()));
    }

    private static SlotDecision accepted(SlotBook book, SlotCommand.Accepted command, long nowMillis) {
        @Nullable PreliminaryReservation kept = book.jobs().get(command.job());
        if (kept == null) {
            return unchanged(book, new SlotOutcome.Noted(false));
        }
        // What was routed in a cycle that is over is no part of the next one's allowance.
        boolean counts = !kept.accepted() && kept.cycle() == book.cycle();
        PreliminaryReservation after = kept.asAccepted();
        return new SlotDecision(
                book.cycle(),
                book.usedNanos() + (counts ? kept.nanos() : 0),
                Map.of(command.job(), command.finished() ? after.endedAt(nowMillis) : after),
                List.of(),
                new SlotOutcome.Noted(true));
    }

    private static SlotDecision unchanged(SlotBook book, SlotOutcome outcome) {
        return new SlotDecision(book.cycle(), book.usedNanos(), Map.of(), List.of(), outcome);
    }

    /** Those that have ended: what was accepted need not be remembered, and of the others a few. */
    private static List<JobId> forgotten(SlotBook book, JobId but, long nowMillis) {
        List<JobId> forgotten = new ArrayList<>();
        List<Map.Entry<JobId, PreliminaryReservation>> ended = new ArrayList<>();
        book.jobs().entrySet().stream()
                .filter(job -> !job.getKey().equals(but) && !job.getValue().holdsAt(nowMillis))
                .forEach(job -> {
                    boolean late = job.getValue().deadlineMillis() < nowMillis - ENDED_KEPT_MILLIS;
                    if (late || job.getValue().accepted()) {
                        forgotten.add(job.getKey());
                    } else {
                        ended.add(job);
                    }
                });
        ended.sort(Comparator.comparingLong(
                (Map.Entry<JobId, PreliminaryReservation> job) -> job.getValue().deadlineMillis()));
        ended.subList(0, Math.max(0, ended.size() - MOST_ENDED_KEPT)).forEach(job -> forgotten.add(job.getKey()));
        return forgotten;
    }
}
