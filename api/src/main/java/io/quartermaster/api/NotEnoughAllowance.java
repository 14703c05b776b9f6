package io.quartermaster.api;

import java.io.Serial;
import java.util.Optional;

/**
 * No miner of the subnet has enough allowance for the job. Carries how close the best ones come, and when there would be enough.
 */
public final class NotEnoughAllowance extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient ExecutorClass executorClass;
    private final double requiredSeconds;
    private final double highestAvailableSeconds;
    private final transient Optional<Hotkey> highestAvailableMiner;
    private final double highestUnspentSeconds;
    private final transient Optional<Hotkey> highestUnspentMiner;
    private final transient Optional<AllowanceForecast> enough;

    /**
     * Makes the answer.
     *
     * @param executorClass the class asked for
     * @param requiredSeconds the executor-seconds asked for
     * @param highestAvailableSeconds the most that any miner has available; 0 if none has any
     * @param highestAvailableMiner that miner
     * @param highestUnspentSeconds the most that any miner has available or reserved; 0 if none has any
     * @param highestUnspentMiner that miner
     * @param enough when a miner would have enough, if nothing else were booked; empty if none ever would
     */
    public NotEnoughAllowance(
            ExecutorClass executorClass,
            double requiredSeconds,
            double highestAvailableSeconds,
            Optional<Hotkey> highestAvailableMiner,
            double highestUnspentSeconds,
            Optional<Hotkey> highestUnspentMiner,
            Optional<AllowanceForecast> enough) {
        super("No miner has " + requiredSeconds + " s of " + executorClass + ": the most available is "
                + highestAvailableSeconds + " s" + of(highestAvailableMiner)
                + ", the most unspent (available or reserved) "
                + highestUnspentSeconds + " s" + of(highestUnspentMiner) + "; " + inWords(enough));
        this.executorClass = executorClass;
        this.requiredSeconds = requiredSeconds;
        this.highestAvailableSeconds = highestAvailableSeconds;
        this.highestAvailableMiner = highestAvailableMiner;
        this.highestUnspentSeconds = highestUnspentSeconds;
        this.highestUnspentMiner = highestUnspentMiner;
        this.enough = enough;
    }

    private static String of(Optional<Hotkey> miner) {
        return miner.map(hotkey -> " (" + hotkey + ")").orElse("");
    }

    private static String inWords(Optional<AllowanceForecast> enough) {
        return enough.map(forecast -> "if nothing else is booked, " + forecast.miner() + " has enough at block "
                        + forecast.block() + ", in about " + forecast.fromNow().toSeconds() + " s")
                .orElse("no miner would ever have enough with the executors that it has now");
    }

    /**
     * The class asked for.
     *
     * @return the executor class
     */
    public ExecutorClass executorClass() {
        return executorClass;
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
     * The most that any miner has available.
     *
     * @return executor-seconds; 0 if no miner has any
     */
    public double highestAvailableSeconds() {
        return highestAvailableSeconds;
    }

    /**
     * The miner that has the most available.
     *
     * @return empty if no miner has any
     */
    public Optional<Hotkey> highestAvailableMiner() {
        return highestAvailableMiner;
    }

    /**
     * The most that any miner has unspent: available or reserved. What is reserved may come back.
     *
     * @return executor-seconds; 0 if no miner has any
     */
    public double highestUnspentSeconds() {
        return highestUnspentSeconds;
    }

    /**
     * The miner that has the most unspent.
     *
     * @return empty if no miner has any
     */
    public Optional<Hotkey> highestUnspentMiner() {
        return highestUnspentMiner;
    }

    /**
     * When a miner would have enough, if nothing else were booked meanwhile.
     *
     * @return for the miner that would have enough first; empty if none ever would with the executors that it has now
     */
    public Optional<AllowanceForecast> enough() {
        return enough;
    }
}
