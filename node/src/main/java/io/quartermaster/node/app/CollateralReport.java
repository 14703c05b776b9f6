package io.quartermaster.node.app;

import io.quartermaster.api.Hotkey;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What the grid knows of miners' collateral.
 *
 * @param minimumWei what a miner must have to be routed to; 0: collateral is not looked at
 * @param miners the miners of the newest block, those with the least first
 */
public record CollateralReport(String minimumWei, List<OfMiner> miners) {
    /**
     * A miner's collateral. Amounts are text: they are larger than what most readers of JSON take for a number.
     *
     * @param miner its hotkey
     * @param wei what was read last, 0 if nothing was
     * @param known whether anything was ever read for it
     * @param enough whether it can be routed to
     */
    public record OfMiner(Hotkey miner, String wei, boolean known, boolean enough) {}

    static CollateralReport of(List<Hotkey> miners, Map<String, BigInteger> wei, BigInteger minimumWei) {
        return new CollateralReport(
                minimumWei.toString(),
                miners.stream()
                        .sorted(Comparator.comparing((Hotkey miner) -> wei.getOrDefault(miner.value(), BigInteger.ZERO))
                                .thenComparing(Hotkey::value))
                        .map(miner -> {
                            BigInteger amount = wei.getOrDefault(miner.value(), BigInteger.ZERO);
                            return new OfMiner(
                                    miner,
                                    amount.toString(),
                                    wei.containsKey(miner.value()),
                                    amount.compareTo(minimumWei) >= 0);
                        })
                        .toList());
    }
}
