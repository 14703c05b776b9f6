package io.quartermaster.node.collateral;

import io.quartermaster.api.Hotkey;
import java.math.BigInteger;

/** What miners have put down. Safe for use by several threads. */
@FunctionalInterface
public interface CollateralBook {
    /**
     * A miner's collateral. Never waits.
     *
     * @param miner the miner
     * @return in wei, at least 0; 0 for a miner of which nothing is known
     * @throws CollateralUnavailable if there is no telling
     */
    BigInteger wei(Hotkey miner);
}
