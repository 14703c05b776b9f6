package io.quartermaster.api;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that one routing decision looked at, so that a person can see why this miner and why not that one.
 *
 * @param job the job
 * @param time when it was decided
 * @param executorClass the class asked for
 * @param block the job's start block; 0 if no block was known
 * @param requiredSeconds executor-seconds asked for
 * @param minimumCollateralWei the collateral threshold in force; 0 for none
 * @param rule what decided: {@code allowance}, {@code weighted}, {@code debug-miner}, {@code trusted-miner},
 *     {@code unchecked}, {@code cycle}
 * @param candidates the miners with enough allowance, in the order in which they were tried: those that tell something, the
 *     one that was picked among them
 * @param candidatesFound how many miners had enough allowance; may be more than are listed
 * @param verdicts how many of them each verdict befell, whether they are listed or not
 * @param picked the miner that got the job
 * @param reservation the reservation that pays
 * @param refusal why nobody got it: the simple name of the exception and its message
 */
public record RoutingDecision(
        JobId job,
        Instant time,
        ExecutorClass executorClass,
        long block,
        double requiredSeconds,
        BigInteger minimumCollateralWei,
        String rule,
        List<Candidate> candidates,
        int candidatesFound,
        Map<Verdict, Integer> verdicts,
        Optional<Hotkey> picked,
        Optional<ReservationId> reservation,
        Optional<String> refusal) {
    /** The {@link #rule} of routing by cycle. */
    public static final String BY_CYCLE = "cycle";

    /** Copies the collections. */
    public RoutingDecision {
        candidates = List.copyOf(candidates);
        Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
        counts.putAll(verdicts);
        verdicts = Collections.unmodifiableMap(counts);
    }

    /** What became of one candidate. */
    public enum Verdict {
        /** It got the job. */
        PICKED,
        /** It ranked after the one that got the job. */
        NOT_NEEDED,
        /** All its executors of the class are at work. */
        BUSY,
        /** Another job took its allowance meanwhile. */
        ALLOWANCE_GONE,
        /** It has too little collateral. */
        COLLATERAL_TOO_LOW,
        /** It has too little allowance left in this cycle. */
        ALLOWANCE_TOO_LOW,
        /** It is on the blacklist. */
        BLACKLISTED
    }

    /**
     * One miner that was looked at.
     *
     * @param miner the miner
     * @param verdict what became of it
     * @param availableSeconds the executor-seconds that it had available
     * @param score its reliability: 0 is best; minus the recent incidents for each executor. By cycle, the part of its
     *     allowance that is left: 1 is best
     * @param probability the weight with which it was drawn, where the ranking is weighted
     * @param executors how many executors of the class its newest manifest has
     * @param busy how many of them were at work, where that was looked at
     * @param collateralWei the collateral that it has put down, where that was looked at
     */
    public record Candidate(
            Hotkey miner,
            Verdict verdict,
            double availableSeconds,
            double score,
            Optional<Double> probability,
            int executors,
            Optional<Integer> busy,
            Optional<BigInteger> collateralWei) {}

    /**
     * The decision in words, a line each.
     *
     * @return one line on the job and what came of it, then one for each listed candidate
     */
    public List<String> inWords() {
        return RoutingDecisionWords.of(this);
    }
}
