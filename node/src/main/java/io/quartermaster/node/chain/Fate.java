package io.quartermaster.node.chain;

import java.time.Duration;

/** What becomes of a job at a simulated miner. Times are by the simulation's clock, from when the job was sent. */
public sealed interface Fate {
    /**
     * When the validator knows.
     *
     * @param requestedSeconds the executor-seconds that were asked for
     * @return how long after the job was sent
     */
    Duration after(double requestedSeconds);

    /**
     * The miner says no.
     *
     * @param delay how soon
     */
    record Declines(Duration delay) implements Fate {
        @Override
        public Duration after(double requestedSeconds) {
            return delay;
        }
    }

    /**
     * The miner never answers.
     *
     * @param delay when the validator stops waiting
     */
    record TimesOut(Duration delay) implements Fate {
        @Override
        public Duration after(double requestedSeconds) {
            return delay;
        }
    }

    /**
     * The miner takes the job, and fails it.
     *
     * @param part which part of the requested seconds had passed, above 0; above 1 if time ran out
     */
    record Fails(double part) implements Fate {
        @Override
        public Duration after(double requestedSeconds) {
            return partOf(requestedSeconds, part);
        }
    }

    /**
     * The miner does the job.
     *
     * @param part which part of the requested seconds it took, above 0 and at most 1
     */
    record Succeeds(double part) implements Fate {
        @Override
        public Duration after(double requestedSeconds) {
            return partOf(requestedSeconds, part);
        }
    }

    private static Duration partOf(double seconds, double part) {
        return Duration.ofMillis(Math.round(seconds * part * 1000));
    }
}
