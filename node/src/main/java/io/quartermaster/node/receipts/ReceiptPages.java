package io.quartermaster.node.receipts;

import io.quartermaster.api.Receipt;
import java.time.Duration;
import java.time.Instant;

/** What all who read or write pages of receipts agree on. */
public final class ReceiptPages {
    /** Pages are numbered by the time, in such steps. */
    public static final int PAGE_SECONDS = 300;

    private static final Duration OLDEST = Duration.ofHours(10);
    private static final Duration NEWEST = Duration.ofMinutes(5);
    private static final Duration LONGEST_JOB = Duration.ofDays(30);
    private static final double LARGEST_COST = 1e9;
    private static final long LARGEST_BLOCK = (1L << 32) - 1;

    private ReceiptPages() {}

    /**
     * The page on which a time is.
     *
     * @param time the time
     * @return the page's number
     */
    public static long pageOf(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), PAGE_SECONDS);
    }

    /**
     * Whether all that a receipt says is within the bounds of what can be, so that it can be kept.
     *
     * @param receipt the receipt
     * @param now the time
     * @return false if it is from the future or older than receipts are kept, or names spans or amounts beyond all measure
     */
    public static boolean plausible(Receipt receipt, Instant now) {
        if (!near(receipt.timestamp(), now)) {
            return false;
        }
        if (receipt instanceof Receipt.Accepted accepted) {
            return near(accepted.timeAccepted(), now);
        }
        return !(receipt instanceof Receipt.Finished finished)
                || (finished.timeStarted().isAfter(now.minus(LONGEST_JOB))
                        && finished.timeStarted().isBefore(now.plus(NEWEST))
                        && finished.timeTook().compareTo(LONGEST_JOB) <= 0
                        && finished.costSeconds() <= LARGEST_COST
                        && finished.blocks().stream().allMatch(block -> block <= LARGEST_BLOCK));
    }

    private static boolean near(Instant instant, Instant now) {
        return instant.isAfter(now.minus(OLDEST)) && instant.isBefore(now.plus(NEWEST));
    }
}
