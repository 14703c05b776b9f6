package io.quartermaster.api;

import java.io.Serial;
import java.math.BigInteger;

/** Some miners could take the job, but none of them has put down enough collateral. */
public final class NotEnoughCollateral extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final BigInteger minimumWei;
    private final int minersFiltered;

    /**
     * Makes the answer.
     *
     * @param minimumWei the least that a miner must have put down, in wei
     * @param minersFiltered how many miners had too little collateral and nothing else against them
     */
    public NotEnoughCollateral(BigInteger minimumWei, int minersFiltered) {
        super("All " + minersFiltered + " miners to choose from have less than " + minimumWei + " wei of collateral");
        this.minimumWei = minimumWei;
        this.minersFiltered = minersFiltered;
    }

    /**
     * The least that a miner must have put down.
     *
     * @return wei
     */
    public BigInteger minimumWei() {
        return minimumWei;
    }

    /**
     * How many miners had too little collateral and nothing else against them.
     *
     * @return at least 1
     */
    public int minersFiltered() {
        return minersFiltered;
    }
}
