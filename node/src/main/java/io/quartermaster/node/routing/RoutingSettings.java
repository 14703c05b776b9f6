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
 * @param by which of the two routers
 */
public record RoutingSettings(Optional<Hotkey> debugMinerKey, boolean weightedRanking, Miner trustedMiner, By by) {
    /** The routers there are. All replicas of a grid use the same. */
    public enum By {
        /** By the blocks that pay for a job. */
        ALLOWANCE,
        /** By what is left of the cycle. */
        CYCLE
    }

    /**
     * By allowance, no debug miner, the most reliable miner first, a trusted miner without an address.
     *
     * @return the settings
     */
    public static RoutingSettings defaults() {
        return new RoutingSettings(Optional.empty(), false, nowhere(JobRoute.TRUSTED_MINER_FAKE_KEY), By.ALLOWANCE);
    }

    /**
     * These settings, with a debug miner.
     *
     * @param miner where every job goes
     * @return the settings
     */
    public RoutingSettings withDebugMiner(Hotkey miner) {
        return new RoutingSettings(Optional.of(miner), weightedRanking, trustedMiner, by);
    }

    /**
     * These settings, with miners drawn at random.
     *
     * @return the settings
     */
    public RoutingSettings withWeightedRanking() {
        return new RoutingSettings(debugMinerKey, true, trustedMiner, by);
    }

    /**
     * These settings, with a router.
     *
     * @param router which
     * @return the settings
     */
    public RoutingSettings withRouter(By router) {
        return new RoutingSettings(debugMinerKey, weightedRanking, trustedMiner, router);
    }

    /** A miner of which no address is known. */
    static Miner nowhere(Hotkey hotkey) {
        return new Miner(hotkey, "0.0.0.0", 0, 4, Optional.empty());
    }
}
