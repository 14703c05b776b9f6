package io.quartermaster.node.events;

/** Where events go. Safe for use by several threads; recording one never fails and never waits long. */
@FunctionalInterface
public interface EventLog {
    /**
     * Takes an event.
     *
     * @param event what happened
     */
    void record(SystemEvent event);
}
