package io.quartermaster.node.cycle;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.ledger.Amounts;
import io.quartermaster.node.ledger.ValidatorStakes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What validators may use of miners in a cycle, as factors: a validator's share times a miner's executors. Set once for a
 * cycle. Immutable.
 *
 * @param start the cycle's first block
 * @param setAt the block by whose stakes it was set
 * @param shares each validator's part of all stake; one that is not named has none
 * @param executors how many executors each miner has, of all classes together; one that is not named has none
 */
public record CycleAllowances(long start, long setAt, Map<Hotkey, Double> shares, Map<Hotkey, Integer> executors) {
    /** A validator needs more stake than this, in TAO. */
    public static final double LEAST_STAKE = 1000;

    /** Checks the factors and copies them. */
    public CycleAllowances {
        shares.forEach((validator, share) -> {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException("The share of " + validator + " is " + share);
            }
        });
        executors.forEach((miner, count) -> {
            if (count < 1) {
                throw new IllegalArgumentException("Miner " + miner + " has " + count + " executors");
            }
        });
        shares = Map.copyOf(shares);
        executors = Map.copyOf(executors);
    }

    /**
     * Sets the allowances of a cycle.
     *
     * @param start the cycle's first block
     * @param setAt the block that the stakes are of
     * @param stakes the validators' stakes
     * @param executors how many executors each miner has; those with none may be named
     * @return the allowances
     */
    public static CycleAllowances of(long start, long setAt, ValidatorStakes stakes, Map<Hotkey, Integer> executors) {
        List<Hotkey> counting = stakes.validators().stream()
                .filter(validator -> stakes.stake(validator) > LEAST_STAKE)
                .toList();
        double sum = counting.stream().mapToDouble(stakes::stake).sum();
        Map<Hotkey, Double> shares = new TreeMap<>();
        counting.forEach(validator -> shares.put(validator, stakes.stake(validator) / sum));
        Map<Hotkey, Integer> some = new TreeMap<>(executors);
        some.values().removeIf(count -> count == 0);
        return new CycleAllowances(start, setAt, shares, some);
    }

    /**
     * What a validator may use of a miner in the cycle.
     *
     * @param validator its hotkey
     * @param miner the miner's hotkey
     * @return nanoseconds of executor time
     */
    public long initialNanos(Hotkey validator, Hotkey miner) {
        double share = shares.getOrDefault(validator, 0.0);
        return Amounts.nanos(share * executors.getOrDefault(miner, 0) * Cycle.secondsPerExecutor());
    }
}
