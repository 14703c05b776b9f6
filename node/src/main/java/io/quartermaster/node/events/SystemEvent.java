package io.quartermaster.node.events;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Something that happened and that a person may ask about later.
 *
 * @param time when, to the millisecond
 * @param type what kind of thing
 * @param fields its particulars by name, in the order in which they are shown
 * @param message the same in a sentence
 */
public record SystemEvent(Instant time, EventType type, Map<String, String> fields, String message) {
    /** The field that names the miner concerned. */
    public static final String MINER = "miner";

    /** The field that names the job concerned. */
    public static final String JOB = "job";

    /** Copies the fields, in their order, and cuts the time to milliseconds. */
    public SystemEvent {
        time = time.truncatedTo(ChronoUnit.MILLIS);
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /**
     * An event that concerns a miner.
     *
     * @param time when
     * @param type what kind of thing
     * @param miner the miner
     * @param message a sentence
     * @return the event
     */
    public static SystemEvent ofMiner(Instant time, EventType type, Hotkey miner, String message) {
        return new SystemEvent(time, type, Map.of(MINER, miner.value()), message);
    }

    /**
     * An event that has no particulars.
     *
     * @param time when
     * @param type what kind of thing
     * @param message a sentence
     * @return the event
     */
    public static SystemEvent of(Instant time, EventType type, String message) {
        return new SystemEvent(time, type, Map.of(), message);
    }

    /**
     * Whether the event concerns a miner.
     *
     * @param miner the miner
     * @return true if its fields say so
     */
    public boolean concerns(Hotkey miner) {
        return miner.value().equals(fields.get(MINER));
    }

    /**
     * Whether the event concerns a job.
     *
     * @param job the job
     * @return true if its fields say so
     */
    public boolean concerns(JobId job) {
        return job.value().equals(fields.get(JOB));
    }

    /**
     * The event for people.
     *
     * @return one line that says it, then a line for each field
     */
    public List<String> inWords() {
        List<String> words = new ArrayList<>();
        words.add(time + " " + message);
        fields.forEach((name, value) -> words.add("  " + name + ": " + value));
        return words;
    }
}
