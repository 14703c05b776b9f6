package io.quartermaster.node.app;

import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes each event to the log in one line, with what it concerns as fields: decisions of routing at debug, since there are many,
 * the others at info.
 */
final class EventLines implements EventLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.quartermaster.events");
    private static final Set<EventType> DECISIONS = Set.of(EventType.JOB_ROUTED, EventType.JOB_NOT_ROUTED);

    /** Of an event's particulars, those by which lines are looked for. The whole is in the event itself. */
    private static final List<String> FIELDS = List.of(
            SystemEvent.JOB, SystemEvent.MINER, "class", "block", "seconds", "reservation", "refusal", "incident");

    @Override
    public void record(SystemEvent event) {
        LoggingEventBuilder line = DECISIONS.contains(event.type()) ? LOG.atDebug() : LOG.atInfo();
        line = line.addKeyValue("event", event.type().name());
        for (String field : FIELDS) {
            @Nullable String value = event.fields().get(field);
            if (value != null) {
                line = line.addKeyValue(field, value);
            }
        }
        line.log(event.message());
    }
}
