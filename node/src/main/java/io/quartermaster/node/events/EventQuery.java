package io.quartermaster.node.events;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import java.time.Instant;
import java.util.Optional;

/**
 * Which events to look for. What is left empty is not looked at.
 *
 * @param type of this type
 * @param miner that concern this miner
 * @param job that concern this job
 * @param since not before this
 * @param until before this
 * @param limit how many at most, at least 0: the newest
 */
public record EventQuery(
        Optional<EventType> type,
        Optional<Hotkey> miner,
        Optional<JobId> job,
        Optional<Instant> since,
        Optional<Instant> until,
        int limit) {
    /** Checks the limit. */
    public EventQuery {
        if (limit < 0) {
            throw new InvalidArgument("limit", limit, "at least 0");
        }
    }

    /**
     * All events.
     *
     * @param limit how many at most
     * @return the query
     */
    public static EventQuery newest(int limit) {
        return new EventQuery(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), limit);
    }

    public EventQuery ofType(EventType wanted) {
        return new EventQuery(Optional.of(wanted), miner, job, since, until, limit);
    }

    public EventQuery of(Hotkey wanted) {
        return new EventQuery(type, Optional.of(wanted), job, since, until, limit);
    }

    public EventQuery of(JobId wanted) {
        return new EventQuery(type, miner, Optional.of(wanted), since, until, limit);
    }

    /**
     * The same, but only the newer ones.
     *
     * @param first not before this
     * @return the query
     */
    public EventQuery since(Instant first) {
        return new EventQuery(type, miner, job, Optional.of(first), until, limit);
    }

    /**
     * The same, but only of a span of time.
     *
     * @param first not before this
     * @param end before this
     * @return the query
     */
    public EventQuery between(Instant first, Instant end) {
        return new EventQuery(type, miner, job, Optional.of(first), Optional.of(end), limit);
    }

    /**
     * Whether an event is one of those looked for.
     *
     * @param event the event
     * @return true if so
     */
    public boolean matches(SystemEvent event) {
        return type.map(wanted -> event.type() == wanted).orElse(true)
                && miner.map(event::concerns).orElse(true)
                && job.map(event::concerns).orElse(true)
                && since.map(first -> !event.time().isBefore(first)).orElse(true)
                && until.map(end -> event.time().isBefore(end)).orElse(true);
    }
}
