package io.quartermaster.node.chain;

import java.util.ArrayList;
import java.util.List;

/** When the blocks of a simulated subnet are minted. Sums of block times are kept every so often, so any block is quick. */
final class SimulatedBlockTimes {
    private static final int STEP = 256;
    private static final int SHORTEST_STALL_MILLIS = 24_000;
    private static final int LONGEST_STALL_MILLIS = 120_000;

    private final Seeded seeded;
    private final long oldest;
    private final long blockMillis;
    private final int jitterMillis;
    private final double stall;
    private final long oldestMillis;

    /** How long after the oldest block every 256th is minted, jitter apart. */
    private final List<Long> offsets = new ArrayList<>(List.of(0L));

    SimulatedBlockTimes(SimulationSettings settings) {
        this.seeded = new Seeded(settings.seed()).about("times");
        this.oldest = settings.firstBlock() - settings.historyBlocks();
        this.blockMillis = settings.blockTime().toMillis();
        this.jitterMillis = settings.jitterMillis();
        this.stall = settings.misbehaviour().stall();
        this.oldestMillis = Math.max(0, settings.start().toEpochMilli() - offset(settings.firstBlock()));
    }

    long timeMillis(long block) {
        return oldestMillis + offset(block) + seeded.about("jitter").at(block).between(0, jitterMillis);
    }

    private synchronized long offset(long block) {
        int index = Math.toIntExact((block - oldest) / STEP);
        while (offsets.size() <= index) {
            long from = oldest + (offsets.size() - 1L) * STEP;
            offsets.add(offsets.get(offsets.size() - 1) + between(from, from + STEP));
        }
        return offsets.get(index) + between(oldest + (long) index * STEP, block);
    }

    private long between(long from, long to) {
        long millis = 0;
        for (long block = from + 1; block <= to; block++) {
            Seeded draw = seeded.at(block);
            millis += draw.chance(stall)
                    ? Math.max(blockMillis, draw.at(0).between(SHORTEST_STALL_MILLIS, LONGEST_STALL_MILLIS))
                    : blockMillis;
        }
        return millis;
    }
}
