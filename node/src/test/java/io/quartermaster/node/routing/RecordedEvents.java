package io.quartermaster.node.routing;

import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.SystemEvent;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;

/** Remembers all events. */
final class RecordedEvents implements EventLog {
    private final Deque<SystemEvent> newestFirst = new ConcurrentLinkedDeque<>();

    @Override
    public void record(SystemEvent event) {
        newestFirst.addFirst(event);
    }

    List<SystemEvent> find(EventQuery query) {
        return newestFirst.stream().filter(query::matches).limit(query.limit()).toList();
    }
}
