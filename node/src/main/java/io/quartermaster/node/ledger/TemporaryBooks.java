package io.quartermaster.node.ledger;

import io.quartermaster.api.CannotSpend;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.SpendDetails;
import io.quartermaster.api.TemporaryBookkeeper;
import io.quartermaster.api.Triplet;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Books of their own for jobs that finish in a range of blocks: amounts and invalidations are those of the ledgers when it is
 * opened, the spendings its own. Not safe for use by several threads.
 */
public final class TemporaryBooks implements TemporaryBookkeeper {
    private final BlockTable blocks;
    private final long from;
    private final long to;
    private final int leewayLower;
    private final int leewayUpper;
    private final Function<Hotkey, MinerLedger> ledgers;
    private final Map<Triplet, Page> pages = new HashMap<>();

    private TemporaryBooks(
            BlockTable blocks,
            Function<Hotkey, MinerLedger> ledgers,
            long from,
            long to,
            int leewayLower,
            int leewayUpper) {
        this.blocks = blocks;
        this.ledgers = ledgers;
        this.from = from;
        this.to = to;
        this.leewayLower = leewayLower;
        this.leewayUpper = leewayUpper;
    }

    /**
     * Opens books.
     *
     * @param blocks the blocks that are known
     * @param ledgers each miner's ledger; one that is not open if no manifest has named the miner
     * @param startBlock the first block in which a job may finish
     * @param endBlock the block after the last one
     * @param leewayLower how many blocks past its expiry a block may still pay
     * @param leewayUpper how many blocks after the job's start a block may pay
     * @return books without spendings
     * @throws InvalidArgument if there is no block in the range, or none of them is known
     */
    public static TemporaryBooks open(
            BlockTable blocks,
            Function<Hotkey, MinerLedger> ledgers,
            long startBlock,
            long endBlock,
            int leewayLower,
            int leewayUpper) {
        if (startBlock < 0) {
            throw new InvalidArgument("startBlock", startBlock, "at least 0");
        }
        if (endBlock <= startBlock) {
            throw new InvalidArgument("endBlock", endBlock, "above startBlock, which is " + startBlock);
        }
        if (blocks.isEmpty() || startBlock > blocks.newest() || endBlock <= blocks.oldest()) {
            throw new InvalidArgument(
                    "startBlock",
                    startBlock,
                    blocks.isEmpty()
                            ? "a known block: none has been taken in yet"
                            : "in a range with known blocks: they are " + blocks.oldest() + " to " + blocks.newest());
        }
        long from = Math.max(0, startBlock - Limits.LONGEST_JOB_BLOCKS - Limits.BLOCK_EXPIRY);
        return new TemporaryBooks(blocks, ledgers, from, endBlock, leewayLower, leewayUpper);
    }

    /** What is looked up of a triplet, and what these books have spent of it. */
    private final class Page implements OfferedBlocks.Books {
        private final @Nullable ClassBook book;
        private final UnitSeries units;
        private BlockSet spent = BlockSet.EMPTY;

        private Page(Triplet triplet) {
            this.book = ledgers.apply(triplet.miner()).book(triplet.executorClass());
            this.units = blocks.units(triplet.validator(), triplet.miner());
        }

        @Override
        public boolean taken(long block) {
            return spent.contains(block);
        }

        @Override
        public long invalidatedAt(long block) {
            return book == null ? -1 : book.invalidatedAt(block);
        }

        @Override
        public long nanos(long block) {
            return book == null || block < from || block >= to
                    ? 0
                    : book.counted().at(block) * units.at(block);
        }

        private void spend(List<Long> more) {
            spent = spent.with(more.stream().mapToLong(Long::longValue).toArray());
        }
    }

    @Override
    public SpendDetails spend(Triplet triplet, Instant time, List<Long> offeredBlocks, double seconds) {
        OfferedBlocks sorted = judge(triplet, time, offeredBlocks, seconds);
        if (!sorted.pays()) {
            throw new CannotSpend(sorted.details());
        }
        return sorted.details();
    }

    /**
     * As {@link #spend}, and says no without an exception.
     *
     * @param triplet whose allowance
     * @param time when the job started
     * @param offeredBlocks the blocks that the receipt names
     * @param seconds what the job cost, in executor-seconds, at least 0
     * @return what became of each block; what pays is spent, if it is enough
     * @throws InvalidArgument if the time is outside the range of blocks
     */
    public OfferedBlocks judge(Triplet triplet, Instant time, List<Long> offeredBlocks, double seconds) {
        if (!(seconds >= 0)) {
            throw new InvalidArgument("seconds", seconds, "at least 0");
        }
        SpendingWindow window = SpendingWindow.of(blocks, from, to, time, leewayLower, leewayUpper);
        Page page = pages.computeIfAbsent(triplet, Page::new);
        OfferedBlocks sorted = OfferedBlocks.sort(offeredBlocks, Amounts.nanos(seconds), window, page);
        if (sorted.pays()) {
            page.spend(sorted.spendable());
        }
        return sorted;
    }
}
