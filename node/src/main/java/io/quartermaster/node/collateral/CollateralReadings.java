package io.quartermaster.node.collateral;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;

/** The newest reading of every miner's collateral, in memory. Safe for use by several threads. */
public final class CollateralReadings implements CollateralBook {
    private volatile Map<Hotkey, BigInteger> readings = Map.of();

    /**
     * Takes readings in, all of them at once. A miner that is not named keeps its amount.
     *
     * @param wei amounts, at least 0
     * @throws InvalidArgument if an amount is negative; nothing is taken in then
     */
    public synchronized void take(Map<Hotkey, BigInteger> wei) {
        Map<Hotkey, BigInteger> newest = new HashMap<>(readings);
        wei.forEach((miner, amount) -> {
            if (amount.signum() < 0) {
                throw new InvalidArgument("wei of " + miner, amount, "at least 0");
            }
            newest.put(miner, amount);
        });
        readings = newest;
    }

    @Override
    public BigInteger wei(Hotkey miner) {
        return readings.getOrDefault(miner, BigInteger.ZERO);
    }
}
