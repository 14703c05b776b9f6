package io.quartermaster.node.collateral;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import java.math.BigInteger;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The newest reading of every miner's collateral, in memory. Safe for use by several threads. */
public final class CollateralReadings implements CollateralBook {
    private final Map<Hotkey, BigInteger> readings = new ConcurrentHashMap<>();

    /**
     * Takes readings in. A miner that is not named keeps its amount.
     *
     * @param wei amounts, at least 0
     * @throws InvalidArgument if an amount is negative; nothing is taken in then
     */
    public void take(Map<Hotkey, BigInteger> wei) {
        wei.forEach((miner, amount) -> {
            if (amount.signum() < 0) {
                throw new InvalidArgument("wei of " + miner, amount, "at least 0");
            }
        });
        readings.putAll(wei);
    }

    @Override
    public BigInteger wei(Hotkey miner) {
        return readings.getOrDefault(miner, BigInteger.ZERO);
    }
}
