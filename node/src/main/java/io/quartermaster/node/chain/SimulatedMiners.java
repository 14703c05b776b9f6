package io.quartermaster.node.chain;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.node.chain.Fate.Declines;
import io.quartermaster.node.chain.Fate.Fails;
import io.quartermaster.node.chain.Fate.Succeeds;
import io.quartermaster.node.chain.Fate.TimesOut;
import io.quartermaster.node.chain.SimulationSettings.MinerMix;
import java.time.Duration;

/**
 * How the miners of a simulated subnet treat jobs. Each miner has a manner for life; what becomes of a job depends on the
 * seed, the miner and the job alone. Immutable.
 */
public final class SimulatedMiners {
    private final Seeded seeded;
    private final MinerMix mix;

    /**
     * What a miner is like. The chances are those of one job: that it is declined, is not answered, fails, and the parts of
     * the requested time that it takes at least and at most.
     */
    public enum Manner {
        /** Does nearly every job, well in time. */
        RELIABLE(0.01, 0.002, 0.01, 0.4, 0.9),
        /** Takes jobs and fails many of them. */
        FAILING(0.05, 0.02, 0.45, 0.4, 0.95),
        /** Declines many jobs, or does not answer. */
        DECLINING(0.5, 0.15, 0.02, 0.4, 0.9),
        /** Takes all the time there is; sometimes that is not enough. */
        SLOW(0.02, 0.05, 0.1, 0.9, 1.0),
        /** Declines most jobs at once, having no executor free. */
        BUSY(0.7, 0.01, 0.02, 0.4, 0.9);

        private final double declines;
        private final double timesOut;
        private final double fails;
        private final double fastest;
        private final double slowest;

        Manner(double declines, double timesOut, double fails, double fastest, double slowest) {
            this.declines = declines;
            this.timesOut = timesOut;
            this.fails = fails;
            this.fastest = fastest;
            this.slowest = slowest;
        }
    }

    /**
     * The miners of a subnet.
     *
     * @param seed what all else is drawn from
     * @param mix which share of the miners has which manner
     */
    public SimulatedMiners(long seed, MinerMix mix) {
        this.seeded = new Seeded(seed).about("miners");
        this.mix = mix;
    }

    /**
     * What a miner is like.
     *
     * @param miner any hotkey
     * @return always the same for the same seed and miner
     */
    public Manner manner(Hotkey miner) {
        double draw = seeded.about(miner.value()).fraction();
        double bound = mix.failing();
        if (draw < bound) {
            return Manner.FAILING;
        }
        bound += mix.declining();
        if (draw < bound) {
            return Manner.DECLINING;
        }
        bound += mix.slow();
        if (draw < bound) {
            return Manner.SLOW;
        }
        bound += mix.busy();
        return draw < bound ? Manner.BUSY : Manner.RELIABLE;
    }

    /**
     * What becomes of a job.
     *
     * @param miner the miner that it is sent to
     * @param job the job
     * @return always the same for the same seed, miner and job
     */
    public Fate fate(Hotkey miner, JobId job) {
        Manner manner = manner(miner);
        Seeded draw = seeded.about(miner.value()).about(job.value());
        double kind = draw.at(0).fraction();
        Seeded when = draw.at(1);
        double bound = manner.declines;
        if (kind < bound) {
            return new Declines(Duration.ofMillis(when.between(100, manner == Manner.BUSY ? 500 : 4_000)));
        }
        bound += manner.timesOut;
        if (kind < bound) {
            return new TimesOut(Duration.ofMillis(when.between(7_000, 15_000)));
        }
        bound += manner.fails;
        if (kind < bound) {
            return new Fails(manner == Manner.SLOW ? when.between(1.0, 1.1) : when.between(0.05, 0.95));
        }
        return new Succeeds(when.between(manner.fastest, manner.slowest));
    }
}
