package io.quartermaster.node.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * Which blocks a follower still has to fetch, and when: newest first. Holes of the last 100 blocks come first, then those that
 * have grown older meanwhile; then a scan goes back to the oldest block of use; then holes that it left are tried again. Not safe
 * for use by several threads.
 */
final class BlockGaps {
    private static final int LONGEST_BACK_OFF = 10;

    private final LongPredicate has;
    private final long firstBackOffNanos;
    private final NavigableMap<Long, Hole> holes = new TreeMap<>();
    private final List<Long> givenUp = new ArrayList<>();
    private long current = -1;
    private long oldest;
    private long scan = -1;

    private static final class Hole {
        int asked;
        long notBefore;
        boolean reported;
    }

    /**
     * Nothing is known to be missing yet.
     *
     * @param has whether a block is there
     * @param firstBackOffNanos how long to wait before a block is asked for a second time; doubles with each time
     */
    BlockGaps(LongPredicate has, long firstBackOffNanos) {
        this.has = has;
        this.firstBackOffNanos = Math.max(1, firstBackOffNanos);
    }

    /** The current block moved on; older blocks than the oldest reachable are not to be had. */
    void moveTo(long newCurrent, long oldestReachable) {
        oldest = Math.max(0, oldestReachable);
        if (newCurrent <= current) {
            forgetBelowWindow();
            return;
        }
        // The newest blocks are looked at again and again: what was taken in may have been lost since, with the
        // replicas that had it. If the chain went on by more than that at once, all that it leapt over is looked at.
        long from = newCurrent - Follower.BLOCK_LOOKBACK;
        if (current < 0) {
            scan = newCurrent - Follower.ARCHIVE_START_OFFSET;
        } else {
            from = Math.min(from, current + 1);
        }
        current = newCurrent;
        for (long block = Math.max(from, floor()); block <= current; block++) {
            if (!has.test(block)) {
                holes.computeIfAbsent(block, missing -> new Hole());
            }
        }
        forgetBelowWindow();
    }

    private void forgetBelowWindow() {
        NavigableMap<Long, Hole> tooOld = holes.headMap(floor(), false);
        tooOld.forEach((block, hole) -> {
            if (!hole.reported) {
                givenUp.add(block);
            }
        });
        tooOld.clear();
    }

    /** The holes that were given up since this was last asked, and never reported; oldest first. */
    List<Long> givenUp() {
        List<Long> all = List.copyOf(givenUp);
        givenUp.clear();
        return all;
    }

    /** The oldest block of use. */
    long floor() {
        return Math.max(oldest, Math.max(0, current - Follower.ARCHIVE_MAX_LOOKBACK));
    }

    void takenIn(long block) {
        holes.remove(block);
        if (block == scan) {
            scan--;
        }
    }

    /** The next block to ask for, if there is one by now; the same until it is taken in or not had. */
    OptionalLong due(long nowNanos) {
        OptionalLong recent = dueHole(holes.tailMap(lookback(), true), nowNanos);
        if (recent.isPresent()) {
            return recent;
        }
        OptionalLong older = dueHole(holes.headMap(lookback(), false), nowNanos);
        if (older.isPresent() && older.getAsLong() > scan) {
            return older;
        }
        while (!scanned() && (holes.containsKey(scan) || has.test(scan))) {
            scan--;
        }
        return scanned() ? older : OptionalLong.of(scan);
    }

    /** Looks at the whole window at once, and gives all that is missing in it, newest first. */
    List<Long> all() {
        for (long block = floor(); block <= current; block++) {
            if (has.test(block)) {
                holes.remove(block);
            } else {
                holes.computeIfAbsent(block, missing -> new Hole());
            }
        }
        scan = Math.min(scan, floor() - 1);
        return new ArrayList<>(holes.descendingKeySet());
    }

    private long lookback() {
        return current - Follower.BLOCK_LOOKBACK;
    }

    private static OptionalLong dueHole(NavigableMap<Long, Hole> among, long nowNanos) {
        for (var entry : among.descendingMap().entrySet()) {
            Hole hole = entry.getValue();
            if (hole.asked == 0 || hole.notBefore - nowNanos <= 0) {
                return OptionalLong.of(entry.getKey());
            }
        }
        return OptionalLong.empty();
    }

    /**
     * A block was asked for in vain.
     *
     * @return how often it has been asked for
     */
    int notHad(long block, long nowNanos) {
        Hole hole = holes.computeIfAbsent(block, missing -> new Hole());
        hole.notBefore = nowNanos + (firstBackOffNanos << Math.min(hole.asked, LONGEST_BACK_OFF));
        hole.asked++;
        return hole.asked;
    }

    /**
     * A hole is being reported.
     *
     * @return whether it had not been before
     */
    boolean reportOnce(long block) {
        Hole hole = holes.get(block);
        if (hole == null || hole.reported) {
            return false;
        }
        hole.reported = true;
        return true;
    }

    /** The newest holes found so far, newest first. */
    List<Long> missing(int most) {
        return holes.isEmpty()
                ? List.of()
                : holes.descendingKeySet().stream().limit(most).toList();
    }

    int missingInLookback() {
        return holes.isEmpty() ? 0 : holes.tailMap(lookback(), true).size();
    }

    int missingInArchive() {
        return holes.size() - missingInLookback();
    }

    /** The newest block that the scan has not come to. */
    long scanPosition() {
        return scan;
    }

    boolean scanned() {
        return scan < floor();
    }
}
