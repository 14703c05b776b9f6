package io.quartermaster.node.chain;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.InvalidArgument;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a simulated subnet is like. Two simulations with equal settings show the same.
 *
 * @param seed what all else is drawn from
 * @param netuid the subnet's number, from 0 to 65535
 * @param miners how many miners, from 1 to 10000
 * @param validators how many validators, from 1 to 256; allowance is booked for the first
 * @param executorClasses the classes that miners offer, at least one; no miner offers all of many
 * @param start when the first block is minted, by the simulation's clock
 * @param firstBlock the number of that block
 * @param historyBlocks how many older blocks can be fetched, from 0 to {@code firstBlock}
 * @param blocks how many blocks are minted before the simulation ends, at least 1; {@link Long#MAX_VALUE} for one without end
 * @param blockTime between two blocks, from 100 ms to an hour
 * @param jitterMillis how much later than that a block may be, at random; less than half of the block time
 * @param finalityLag how many blocks the current block stays behind the head, from 0 to 100
 * @param speed 1 is real time, 60 is sixty times as fast, {@link Double#POSITIVE_INFINITY} is without waiting
 * @param misbehaviour what goes wrong on the chain and with manifests
 * @param minerMix how miners treat jobs
 */
public record SimulationSettings(
        long seed,
        int netuid,
        int miners,
        int validators,
        List<ExecutorClass> executorClasses,
        Instant start,
        long firstBlock,
        long historyBlocks,
        long blocks,
        Duration blockTime,
        int jitterMillis,
        int finalityLag,
        double speed,
        Misbehaviour misbehaviour,
        MinerMix minerMix) {

    /** Checks each setting. */
    public SimulationSettings {
        executorClasses = List.copyOf(executorClasses);
        within("netuid", netuid, 0, 65_535);
        within("miners", miners, 1, 10_000);
        within("validators", validators, 1, 256);
        if (executorClasses.isEmpty()) {
            throw new InvalidArgument("executorClasses", executorClasses, "at least one class");
        }
        within("firstBlock", firstBlock, 0, Long.MAX_VALUE / 2);
        within("historyBlocks", historyBlocks, 0, firstBlock);
        within("blocks", blocks, 1, Long.MAX_VALUE);
        if (blockTime.compareTo(Duration.ofMillis(100)) < 0 || blockTime.compareTo(Duration.ofHours(1)) > 0) {
            throw new InvalidArgument("blockTime", blockTime, "from 100 ms to an hour");
        }
        if (jitterMillis < 0 || jitterMillis * 2L >= blockTime.toMillis()) {
            throw new InvalidArgument("jitterMillis", jitterMillis, "at least 0, and less than half of the block time");
        }
        within("finalityLag", finalityLag, 0, 100);
        ChainClock.checked(speed);
    }

    /**
     * A small, lively subnet that misbehaves a little, from now on, in real time.
     *
     * @return settings to start from
     */
    public static SimulationSettings defaults() {
        return new SimulationSettings(
                1,
                12,
                24,
                6,
                List.of(
                        new ExecutorClass("spin_up-4min.gpu-24gb"),
                        new ExecutorClass("always_on.gpu-24gb"),
                        new ExecutorClass("always_on.llm.a6000"),
                        new ExecutorClass("always_on.test"),
                        new ExecutorClass("always_on.cpu.8c.16gb")),
                Instant.ofEpochMilli(System.currentTimeMillis()),
                5_000_000,
                800,
                Long.MAX_VALUE,
                Duration.ofSeconds(12),
                40,
                5,
                1,
                Misbehaviour.some(),
                MinerMix.some());
    }

    /**
     * What goes wrong on the chain and with manifests. All are probabilities from 0 to 1.
     *
     * @param manifestDrop that a miner has fewer executors of a class from one manifest sync on, for one to four syncs
     * @param manifestFailure that a miner does not answer a manifest sync, or sends garbage
     * @param deregistration that a miner is away for 100 blocks, after which it returns
     * @param stall that the chain stands for 24 to 120 s before a block
     * @param missedHead that a block is never shown, and must be fetched
     */
    public record Misbehaviour(
            double manifestDrop, double manifestFailure, double deregistration, double stall, double missedHead) {
        /** Checks that all are probabilities. */
        public Misbehaviour {
            probability("manifestDrop", manifestDrop);
            probability("manifestFailure", manifestFailure);
            probability("deregistration", deregistration);
            probability("stall", stall);
            probability("missedHead", missedHead);
        }

        /**
         * What a fair subnet does on an ordinary day.
         *
         * @return a little of everything
         */
        public static Misbehaviour some() {
            return new Misbehaviour(0.005, 0.01, 0.02, 0.004, 0.02);
        }

        /**
         * A subnet in which nothing goes wrong.
         *
         * @return nothing of anything
         */
        public static Misbehaviour none() {
            return new Misbehaviour(0, 0, 0, 0, 0);
        }
    }

    /**
     * Which share of the miners has which manner; the rest is reliable.
     *
     * @param failing accept jobs and then often fail them, from 0 to 1
     * @param declining often decline jobs, or do not answer, from 0 to 1
     * @param slow take all the time there is, and sometimes more, from 0 to 1
     * @param busy often decline at once, having no executor free, from 0 to 1; the four add up to at most 1
     */
    public record MinerMix(double failing, double declining, double slow, double busy) {
        /** Checks the shares. */
        public MinerMix {
            probability("failing", failing);
            probability("declining", declining);
            probability("slow", slow);
            probability("busy", busy);
            // A little more than 1, for decimal fractions do not add up exactly.
            if (failing + declining + slow + busy > 1 + 1e-9) {
                throw new InvalidArgument("minerMix", failing + declining + slow + busy, "shares of at most 1 in sum");
            }
        }

        /**
         * Mostly good miners.
         *
         * @return a little of everything
         */
        public static MinerMix some() {
            return new MinerMix(0.1, 0.1, 0.1, 0.1);
        }

        /**
         * Good miners only.
         *
         * @return nothing of anything
         */
        public static MinerMix reliable() {
            return new MinerMix(0, 0, 0, 0);
        }
    }

    /**
     * The same with another seed.
     *
     * @param value what all else is drawn from
     * @return new settings
     */
    public SimulationSettings withSeed(long value) {
        return with(value, miners, validators, start, historyBlocks, blocks, speed, misbehaviour, minerMix);
    }

    /**
     * The same with other numbers of participants.
     *
     * @param newMiners how many miners, from 1 to 10000
     * @param newValidators how many validators, from 1 to 256
     * @return new settings
     */
    public SimulationSettings withParticipants(int newMiners, int newValidators) {
        return with(seed, newMiners, newValidators, start, historyBlocks, blocks, speed, misbehaviour, minerMix);
    }

    /**
     * The same at another time.
     *
     * @param value when the first block is minted
     * @return new settings
     */
    public SimulationSettings withStart(Instant value) {
        return with(seed, miners, validators, value, historyBlocks, blocks, speed, misbehaviour, minerMix);
    }

    /**
     * The same with another length.
     *
     * @param newHistoryBlocks how many blocks before the first can be fetched
     * @param newBlocks how many blocks are minted, {@link Long#MAX_VALUE} for no end
     * @return new settings
     */
    public SimulationSettings withBlocks(long newHistoryBlocks, long newBlocks) {
        return with(seed, miners, validators, start, newHistoryBlocks, newBlocks, speed, misbehaviour, minerMix);
    }

    /**
     * The same at another pace.
     *
     * @param value above 0; 1 is real time
     * @return new settings
     */
    public SimulationSettings withSpeed(double value) {
        return with(seed, miners, validators, start, historyBlocks, blocks, value, misbehaviour, minerMix);
    }

    /**
     * The same with other trouble.
     *
     * @param newMisbehaviour what goes wrong on the chain and with manifests
     * @param newMinerMix how miners treat jobs
     * @return new settings
     */
    public SimulationSettings withTrouble(Misbehaviour newMisbehaviour, MinerMix newMinerMix) {
        return with(seed, miners, validators, start, historyBlocks, blocks, speed, newMisbehaviour, newMinerMix);
    }

    private SimulationSettings with(
            long newSeed,
            int newMiners,
            int newValidators,
            Instant newStart,
            long newHistoryBlocks,
            long newBlocks,
            double newSpeed,
            Misbehaviour newMisbehaviour,
            MinerMix newMinerMix) {
        return new SimulationSettings(
                newSeed,
                netuid,
                newMiners,
                newValidators,
                executorClasses,
                newStart,
                firstBlock,
                newHistoryBlocks,
                newBlocks,
                blockTime,
                jitterMillis,
                finalityLag,
                newSpeed,
                newMisbehaviour,
                newMinerMix);
    }

    private static void within(String field, long value, long least, long most) {
        if (value < least || value > most) {
            throw new InvalidArgument(
                    field, value, most == Long.MAX_VALUE ? "at least " + least : "from " + least + " to " + most);
        }
    }

    private static void probability(String field, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new InvalidArgument(field, value, "from 0 to 1");
        }
    }
}
