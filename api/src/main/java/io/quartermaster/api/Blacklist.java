package io.quartermaster.api;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The miners that get no jobs, the same on all replicas. Only routing by cycle looks at it. What a call has changed is kept as
 * reservations are: by a majority of the replicas. Safe for use by several threads, and safe to repeat.
 */
public interface Blacklist {
    /**
     * The entries that hold now.
     *
     * @return in order of miner and reason
     */
    List<BlacklistEntry> entries();

    /**
     * Puts a miner on the list. An entry of the same miner and reason is replaced.
     *
     * @param miner the miner
     * @param reason why
     * @param details in words, at most {@value BlacklistEntry#LONGEST_DETAILS} characters; may be empty
     * @param lasting for how long, above 0; if empty, a failed or cheated job keeps jobs away for as long as the dynamic
     *     parameters say, and anything else until the entry is removed
     * @return the entry
     * @throws InvalidArgument if the details are too long or the time is not above 0
     * @throws GridUnavailable if the grid takes no changes now
     * @throws OutcomeUnknown if it may have been changed
     */
    BlacklistEntry add(Hotkey miner, BlacklistReason reason, String details, Optional<Duration> lasting);

    /**
     * Takes a miner off the list.
     *
     * @param miner the miner
     * @param reason only the entry with this reason; if empty, all of the miner's
     * @return the entries that were removed; none if there were none
     * @throws GridUnavailable if the grid takes no changes now
     * @throws OutcomeUnknown if it may have been changed
     */
    List<BlacklistEntry> remove(Hotkey miner, Optional<BlacklistReason> reason);
}
