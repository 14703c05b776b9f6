package io.quartermaster.node.chain;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How far a follower is. A snapshot; immutable.
 *
 * @param head the newest block seen, -1 before the first
 * @param newest the newest block taken in, -1 before the first
 * @param missingInLookback how many of the last 100 blocks are still missing
 * @param missingInArchive how many older blocks could not be had so far; they are asked for again
 * @param missing the numbers of the missing blocks, newest first, at most {@value #MOST_MISSING_NAMED} of them
 * @param backfillTarget the oldest block that the back-fill goes to, -1 before the first block
 * @param backfillPosition the newest block that the back-fill has not come to
 * @param backfillDone whether the back-fill has come to its target; blocks that it could not have are among the missing
 * @param blocks how many blocks were taken in, doubled ones too
 * @param observations how many observations were taken in, blocks too
 * @param refused how many observations were refused
 * @param perSecond observations taken in a second of real time, lately; once it has ended, on average
 * @param ended whether it has stopped for good: the chain has ended, or there is an error
 * @param error why it stopped, if that was not the chain's end
 */
public record FollowerProgress(
        long head,
        long newest,
        int missingInLookback,
        int missingInArchive,
        List<Long> missing,
        long backfillTarget,
        long backfillPosition,
        boolean backfillDone,
        long blocks,
        long observations,
        long refused,
        double perSecond,
        boolean ended,
        Optional<String> error) {
    /** How many missing blocks are named. */
    public static final int MOST_MISSING_NAMED = 20;

    /** Copies the list. */
    public FollowerProgress {
        missing = List.copyOf(missing);
    }

    /**
     * Before anything was seen.
     *
     * @return nothing yet
     */
    public static FollowerProgress none() {
        return new FollowerProgress(-1, -1, 0, 0, List.of(), -1, -1, false, 0, 0, 0, 0, false, Optional.empty());
    }

    /**
     * All of it in one line, for people.
     *
     * @return a phrase without a full stop
     */
    public String inWords() {
        StringBuilder words = new StringBuilder(160);
        words.append(head < 0 ? "no block seen yet" : "head " + head);
        words.append(newest < 0 ? ", none taken in" : ", taken in up to " + newest);
        if (missingInLookback + missingInArchive > 0) {
            words.append(", missing ")
                    .append(missingInLookback)
                    .append(" of the last ")
                    .append(Follower.BLOCK_LOOKBACK)
                    .append(" and ")
                    .append(missingInArchive)
                    .append(" older");
        }
        if (backfillTarget >= 0) {
            words.append(
                    backfillDone
                            ? ", back-filled to " + backfillTarget
                            : ", back-filling at " + backfillPosition + " down to " + backfillTarget + toGo());
        }
        words.append(
                String.format(Locale.ROOT, ", %d blocks and %d other observations in", blocks, observations - blocks));
        if (refused > 0) {
            words.append(", ").append(refused).append(" refused");
        }
        words.append(String.format(Locale.ROOT, ", %.1f a second", perSecond));
        error.ifPresentOrElse(
                why -> words.append(", stopped: ").append(why),
                () -> words.append(ended ? ", the chain has ended" : ""));
        return words.toString();
    }

    private String toGo() {
        long left = Math.max(0, backfillPosition - backfillTarget + 1);
        return perSecond < 1e-3 ? "" : String.format(Locale.ROOT, " (about %.0f s to go)", left / perSecond);
    }
}
