package io.quartermaster.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Where a job goes, and what pays for it.
 *
 * @param job the job's id
 * @param miner the miner to send it to
 * @param allowanceBlocks the blocks that are reserved for it, ascending, for its receipts; empty if nothing was reserved
 * @param reservation what to spend or undo when the job has ended; empty if nothing was reserved
 * @param deadline from this instant on the miner is not held for the job any more; empty if nothing was reserved
 * @param jobValueSeconds what the job has to pay, in executor-seconds
 */
public record JobRoute(
        JobId job,
        Miner miner,
        List<Long> allowanceBlocks,
        Optional<ReservationId> reservation,
        Optional<Instant> deadline,
        double jobValueSeconds) {
    /** The hotkey of the pseudo-miner that stands for the trusted miner. */
    public static final Hotkey TRUSTED_MINER_FAKE_KEY = new Hotkey("TRUSTED_MINER");

    /** Copies the list of blocks. */
    public JobRoute {
        allowanceBlocks = List.copyOf(allowanceBlocks);
    }
}
