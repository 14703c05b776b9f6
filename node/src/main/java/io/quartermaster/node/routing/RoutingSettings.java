package io.quartermaster.node.routing;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.Miner;
import java.util.Optional;

/**
 * How this replica routes: what is set when it starts.
 *
 * @param debugMinerKey the miner that every job goes to, past all checks, if any
 * @param weightedRanking whether miners are drawn at random, reliable ones more often, instead of the most reliable first
 * @param trustedMiner the pseudo-miner that jobs go to which ask for the trusted miner
 */
public record RoutingSettings(Optional<Hotkey> debugMinerKey, boolean weightedRanking, Miner trustedMiner) {
    /**
     * No debug miner, the most reliable miner first, a trusted miner without an address.
     *
     * @return the settings
     */
    public static RoutingSettings defaults() {
        return new RoutingSettings(Optional.empty(), false, nowhere(JobRoute.TRUSTED_MINER_FAKE_KEY));
    }

    /**
     * These settings, with a debug miner.
     *
     * @param miner where every job goes
     * @return the settings
     */
    public RoutingSettings withDebugMiner(Hotkey miner) {
        return new RoutingSettings(Optional.of(miner), weightedRanking, trustedMiner);
    }

    /**
     * These settings, with miners drawn at random.
     *
     * @return the settings
     */
    public RoutingSettings withWeightedRanking() {
        return new RoutingSettings(debugMinerKey, true, trustedMiner);
    }

    /** A miner of which no address is known. */
    static Miner nowhere(Hotkey hotkey) {
        return new Miner(hotkey, "0.0.0.0", 0, 4, Optional.empty());
    }
}
