package io.quartermaster.node.events;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** The newest events of this replica, in memory. Safe for use by several threads. */
public final class RecentEvents implements EventLog {
    private final int capacity;
    private final Deque<SystemEvent> newestFirst;

    /**
     * Makes an empty log.
     *
     * @param capacity how many events it keeps, at least 1
     */
    public RecentEvents(int capacity) {
        if (capacity < 1) {
            throw new InvalidArgument("capacity", capacity, "at least 1");
        }
        this.capacity = capacity;
        this.newestFirst = new ArrayDeque<>();
    }

    /**
     * Which events to look for. What is left empty is not looked at.
     *
     * @param type of this type
     * @param miner that concern this miner
     * @param job that concern this job
     * @param limit how many at most, at least 0
     */
    public record Query(Optional<EventType> type, Optional<Hotkey> miner, Optional<JobId> job, int limit) {
        /** Checks the limit. */
        public Query {
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
        public static Query newest(int limit) {
            return new Query(Optional.empty(), Optional.empty(), Optional.empty(), limit);
        }

        public Query ofType(EventType wanted) {
            return new Query(Optional.of(wanted), miner, job, limit);
        }

        public Query of(Hotkey wanted) {
            return new Query(type, Optional.of(wanted), job, limit);
        }

        public Query of(JobId wanted) {
            return new Query(type, miner, Optional.of(wanted), limit);
        }

        private boolean matches(SystemEvent event) {
            return type.map(wanted -> event.type() == wanted).orElse(true)
                    && miner.map(event::concerns).orElse(true)
                    && job.map(event::concerns).orElse(true);
        }
    }

    @Override
    public synchronized void record(SystemEvent event) {
        if (newestFirst.size() == capacity) {
            newestFirst.removeLast();
        }
        newestFirst.addFirst(event);
    }

    /**
     * Finds events.
     *
     * @param query which
     * @return newest first, in the order in which they were recorded
     */
    public synchronized List<SystemEvent> find(Query query) {
        List<SystemEvent> found = new ArrayList<>();
        Iterator<SystemEvent> events = newestFirst.iterator();
        while (found.size() < query.limit() && events.hasNext()) {
            SystemEvent event = events.next();
            if (query.matches(event)) {
                found.add(event);
            }
        }
        return found;
    }
}
