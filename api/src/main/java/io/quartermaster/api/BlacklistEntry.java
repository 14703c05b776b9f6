package io.quartermaster.api;

import java.time.Instant;
import java.util.Optional;

/**
 * That a miner gets no jobs. There is at most one for a miner and reason.
 *
 * @param miner the miner
 * @param reason why
 * @param details in words, at most {@value #LONGEST_DETAILS} characters; may be empty
 * @param since when it was put on the list
 * @param until when it gets jobs again; empty if somebody has to take it off the list
 */
public record BlacklistEntry(
        Hotkey miner, BlacklistReason reason, String details, Instant since, Optional<Instant> until) {
    /** How long the details may be, in characters. */
    public static final int LONGEST_DETAILS = 1000;

    /** Checks how long the details are. */
    public BlacklistEntry {
        if (details.length() > LONGEST_DETAILS) {
            throw new InvalidArgument(
                    "details", details.length() + " characters", "at most " + LONGEST_DETAILS + " characters");
        }
    }

    /**
     * Whether it keeps jobs from the miner at an instant.
     *
     * @param at the instant
     * @return false from its end on
     */
    public boolean holdsAt(Instant at) {
        return until.isEmpty() || at.isBefore(until.get());
    }
}
