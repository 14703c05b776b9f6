package io.quartermaster.api;

import java.io.Serial;

/** This miner has not enough free allowance for the reservation that was asked for. */
public final class CannotReserveAllowance extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Hotkey miner;
    private final double requiredSeconds;
    private final double availableSeconds;

    /**
     * Makes the answer.
     *
     * @param miner the miner asked
     * @param requiredSeconds the executor-seconds asked for
     * @param availableSeconds the executor-seconds that it has free in the job's window
     * @param detail why, where the numbers alone do not say it; else empty
     */
    public CannotReserveAllowance(Hotkey miner, double requiredSeconds, double availableSeconds, String detail) {
        super("Cannot reserve " + requiredSeconds + " s with miner " + miner + ": " + availableSeconds + " s available"
                + (detail.isEmpty() ? "" : " (" + detail + ")"));
        this.miner = miner;
        this.requiredSeconds = requiredSeconds;
        this.availableSeconds = availableSeconds;
    }

    /**
     * The miner asked.
     *
     * @return its hotkey
     */
    public Hotkey miner() {
        return miner;
    }

    /**
     * What was asked for.
     *
     * @return executor-seconds
     */
    public double requiredSeconds() {
        return requiredSeconds;
    }

    /**
     * What the miner has free in the job's window.
     *
     * @return executor-seconds
     */
    public double availableSeconds() {
        return availableSeconds;
    }
}
