package io.quartermaster.node.ledger;

import io.quartermaster.api.InvalidArgument;
import java.time.Instant;

/**
 * Which blocks may pay for a job that started at a certain time.
 *
 * @param jobBlock the newest block that was minted at or before that time
 * @param first the oldest block that may pay
 * @param last the newest block that may pay
 */
public record SpendingWindow(long jobBlock, long first, long last) {
    /**
     * The window of a job.
     *
     * @param blocks the blocks that are known
     * @param from the first of them that counts
     * @param to the block after the last of them that counts
     * @param time when the job started
     * @param leewayLower how many blocks past its expiry a block may still pay
     * @param leewayUpper how many blocks after the job's start a block may pay
     * @return the window
     * @throws InvalidArgument if the time is before the first of these blocks, or not before the last one
     */
    public static SpendingWindow of(
            BlockTable blocks, long from, long to, Instant time, int leewayLower, int leewayUpper) {
        long millis = time.getEpochSecond() > Long.MAX_VALUE / 1_001 ? Long.MAX_VALUE : floorMillis(time);
        long last = blocks.lastBefore(to);
        long first = blocks.firstFrom(from);
        if (first < 0 || last < first) {
            throw new InvalidArgument("time", time, "that of a known block: none from " + from + " to " + to + " is");
        }
        long firstMillis = blocks.record(first).orElseThrow().timeMillis();
        long lastMillis = blocks.record(last).orElseThrow().timeMillis();
        if (millis < firstMillis || millis >= lastMillis) {
            throw new InvalidArgument(
                    "time",
                    time,
                    "from " + Instant.ofEpochMilli(firstMillis) + " (block " + first + ") to before "
                            + Instant.ofEpochMilli(lastMillis) + " (block " + last + ", the last one)");
        }
        long jobBlock = blocks.newestAt(millis, first, last);
        return new SpendingWindow(jobBlock, jobBlock - Limits.BLOCK_EXPIRY - leewayLower, jobBlock + leewayUpper);
    }

    private static long floorMillis(Instant time) {
        return time.getEpochSecond() < Long.MIN_VALUE / 1_001 ? Long.MIN_VALUE : time.toEpochMilli();
    }

    boolean contains(long block) {
        return block >= Math.max(0, first) && block <= last;
    }
}
