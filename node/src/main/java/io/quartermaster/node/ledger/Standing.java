package io.quartermaster.node.ledger;

import io.quartermaster.api.Hotkey;
import org.jspecify.annotations.Nullable;

/**
 * How one miner stands for jobs of one class that start at one block.
 *
 * @param miner the miner
 * @param earliestFree the earliest valid block in the window that is free and yields something; {@link Long#MAX_VALUE} if
 *     there is none
 * @param availableNanos what is free and valid in the window
 * @param unspentNanos what is free or reserved, and valid, in the window
 * @param totalNanos what is free, reserved or spent, and valid, in the window
 */
record Standing(Hotkey miner, long earliestFree, long availableNanos, long unspentNanos, long totalNanos)
        implements Comparable<Standing> {

    static Standing of(Hotkey miner, @Nullable ClassBook book, Hotkey validator, long startBlock, UnitSeries units) {
        if (book == null) {
            return new Standing(miner, Long.MAX_VALUE, 0, 0, 0);
        }
        CountRuns counted = book.counted();
        Account account = book.account(validator);
        long from = Window.firstValid(book, startBlock, units);
        long total = 0;
        for (int run = 0; run < counted.size(); run++) {
            total += counted.count(run) * units.sum(Math.max(from, counted.start(run)), counted.end(run));
        }
        long reserved = sum(account.reserved(), from, counted, units);
        long spent = sum(account.spent(), from, counted, units);
        long available = total - reserved - spent;
        long earliest = Long.MAX_VALUE;
        if (available > 0) {
            earliest = from;
            while (account.booked(earliest) || counted.at(earliest) * units.at(earliest) == 0) {
                earliest++;
            }
        }
        return new Standing(miner, earliest, available, total - spent, total);
    }

    private static long sum(BlockSet blocks, long from, CountRuns counted, UnitSeries units) {
        if (blocks.isEmpty()) {
            return 0;
        }
        long[] sum = {0};
        blocks.forEachFrom(from, block -> sum[0] += counted.at(block) * units.at(block));
        return sum[0];
    }

    /**
     * Best first: what expires soonest; then the greatest part left; then the most left; then the hotkey, so that the order is
     * total. The parts are compared as exact fractions.
     */
    @Override
    public int compareTo(Standing other) {
        int byEarliest = Long.compare(earliestFree, other.earliestFree);
        if (byEarliest != 0) {
            return byEarliest;
        }
        int byPart = compareFractions(other.availableNanos, other.totalNanos, availableNanos, totalNanos);
        if (byPart != 0) {
            return byPart;
        }
        int byAmount = Long.compare(other.availableNanos, availableNanos);
        return byAmount != 0 ? byAmount : miner.compareTo(other.miner);
    }

    /** Compares a/b with c/d, all at least 0, by cross multiplication in 128 bits; 0/0 is 0. */
    private static int compareFractions(long a, long b, long c, long d) {
        if (b == 0 || d == 0) {
            return Boolean.compare(b != 0 && a != 0, d != 0 && c != 0);
        }
        int byHigh = Long.compare(Math.multiplyHigh(a, d), Math.multiplyHigh(c, b));
        return byHigh != 0 ? byHigh : Long.compareUnsigned(a * d, c * b);
    }
}
