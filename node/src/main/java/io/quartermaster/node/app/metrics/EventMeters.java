package io.quartermaster.node.app.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What happened on this replica, by type; a series for each type that there is. Incidents are counted by type, miner and class
 * besides, for as long as the miner is in the subnet.
 */
public final class EventMeters implements EventLog {
    private final Meters meters;
    private final Supplier<Set<Hotkey>> miners;
    private final Map<EventType, Counter> events = new EnumMap<>(EventType.class);
    private final Map<Incident, Counter> incidents = new ConcurrentHashMap<>();

    private record Incident(String type, String miner, String executorClass) {}

    /**
     * Registers the meters.
     *
     * @param meters where
     * @param miners the subnet's miners at the newest block
     */
    public EventMeters(Meters meters, Supplier<Set<Hotkey>> miners) {
        this.meters = meters;
        this.miners = miners;
        for (EventType type : EventType.values()) {
            events.put(
                    type,
                    Counter.builder("quartermaster_events")
                            .description("What happened on this replica, by type")
                            .tag("type", type.name())
                            .register(meters.registry()));
        }
        meters.beforeEachReading(this::forgetWhoHasLeft);
    }

    /**
     * Shows how events get to the other replicas.
     *
     * @param waiting how many wait to be sent
     * @param dropped how many were dropped, since there was no room for more
     */
    public void sending(Supplier<Number> waiting, LongSupplier dropped) {
        meters.gauge("quartermaster_events_waiting", "Events that the other replicas do not have yet", waiting);
        FunctionCounter.builder("quartermaster_events_dropped", dropped, LongSupplier::getAsLong)
                .description("Events that were dropped, since too many waited")
                .register(meters.registry());
    }

    @Override
    public void record(SystemEvent event) {
        Objects.requireNonNull(events.get(event.type())).increment();
        if (event.type() == EventType.MINER_INCIDENT) {
            Incident incident = new Incident(
                    event.fields().getOrDefault("incident", ""),
                    event.fields().getOrDefault(SystemEvent.MINER, ""),
                    event.fields().getOrDefault("class", ""));
            incidents.computeIfAbsent(incident, this::counter).increment();
        }
    }

    private Counter counter(Incident incident) {
        return Counter.builder("validator_miner_incident_reported")
                .description("Incidents of miners that were reported here, by type")
                .tags(
                        "incident_type",
                        incident.type,
                        "miner_hotkey",
                        incident.miner,
                        "executor_class",
                        incident.executorClass)
                .register(meters.registry());
    }

    private void forgetWhoHasLeft() {
        Set<Hotkey> here = miners.get();
        if (here.isEmpty()) {
            return;
        }
        incidents.entrySet().removeIf(known -> {
            boolean left = !here.contains(new Hotkey(known.getKey().miner));
            if (left) {
                meters.registry().remove(known.getValue());
            }
            return left;
        });
    }
}
