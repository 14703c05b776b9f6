package io.quartermaster.node.ledger;

import io.quartermaster.api.AllowanceForecast;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a miner would have enough allowance for a job, if nothing else were booked: each new block yields what the newest ones
 * have yielded, times the executors of the newest manifest, while old blocks leave the window of a job that starts then (or
 * later, if it is to start later). What is reserved counts as gone.
 */
final class EnoughForecast {
    /** Shares and block lengths are those of so many blocks. */
    private static final int RECENT_BLOCKS = 100;

    /** So many miners are looked at, those that could be first. */
    private static final int MOST_LOOKED_AT = 256;

    private final long requiredNanos;
    private final ExecutorClass executorClass;
    private final Hotkey validator;
    private final long startBlock;
    private final BlockTable blocks;

    EnoughForecast(
            long requiredNanos, ExecutorClass executorClass, Hotkey validator, long startBlock, BlockTable blocks) {
        this.requiredNanos = requiredNanos;
        this.executorClass = executorClass;
        this.validator = validator;
        this.startBlock = startBlock;
        this.blocks = blocks;
    }

    /** A miner that gains allowance with each block; it needs at least so many of them. */
    private record Prospect(
            MinerLedger ledger,
            ClassBook book,
            UnitSeries units,
            long availableNanos,
            long gainNanos,
            long leastBlocks) {}

    /** Finds the miner that would have enough first. */
    Optional<AllowanceForecast> of(List<MinerLedger> ledgers, List<Standing> standings) {
        List<Prospect> prospects = new ArrayList<>();
        for (int i = 0; i < ledgers.size(); i++) {
            Prospect prospect = prospect(ledgers.get(i), standings.get(i));
            if (prospect != null) {
                prospects.add(prospect);
            }
        }
        prospects.sort(
                Comparator.comparingLong(Prospect::leastBlocks).thenComparing(prospect -> prospect.ledger.miner()));
        long fewest = Limits.BLOCK_EXPIRY + 1;
        @Nullable Prospect first = null;
        for (Prospect prospect : prospects.subList(0, Math.min(MOST_LOOKED_AT, prospects.size()))) {
            if (prospect.leastBlocks >= fewest) {
                break;
            }
            long needed = blocksNeeded(prospect, fewest);
            if (needed < fewest) {
                fewest = needed;
                first = prospect;
            }
        }
        return first == null
                ? Optional.empty()
                : Optional.of(new AllowanceForecast(
                        first.ledger.miner(),
                        blocks.newest() + fewest,
                        Duration.ofMillis(fewest * meanLengthMillis())));
    }

    private @Nullable Prospect prospect(MinerLedger ledger, Standing standing) {
        ClassBook book = ledger.book(executorClass);
        if (book == null || book.executors() == 0) {
            return null;
        }
        UnitSeries units = blocks.units(validator, ledger.miner());
        long gain = book.executors() * recentUnit(units);
        if (gain == 0) {
            return null;
        }
        long missing = requiredNanos - standing.availableNanos();
        return new Prospect(ledger, book, units, standing.availableNanos(), gain, (missing + gain - 1) / gain);
    }

    /** The mean of the newest blocks that yielded anything: a miner or a share may be new. */
    private static long recentUnit(UnitSeries units) {
        long sum = 0;
        int many = 0;
        for (long block = units.end() - 1; block >= units.first() && block >= units.end() - RECENT_BLOCKS; block--) {
            long unit = units.at(block);
            sum += unit;
            many += unit > 0 ? 1 : 0;
        }
        return many == 0 ? 0 : sum / many;
    }

    /** How many more blocks it takes; {@code most} if it takes that many or more. */
    private long blocksNeeded(Prospect prospect, long most) {
        Account account = prospect.book.account(validator);
        long validFrom = Math.max(prospect.book.firstValidBlock(), prospect.units.first());
        long left = prospect.availableNanos;
        long leaving = Math.max(validFrom, startBlock - Limits.BLOCK_EXPIRY);
        for (long more = 1; more < most; more++) {
            long start = Math.max(startBlock, blocks.newest() + more);
            for (; leaving < start - Limits.BLOCK_EXPIRY; leaving++) {
                if (!account.booked(leaving)) {
                    left -= prospect.book.counted().at(leaving) * prospect.units.at(leaving);
                }
            }
            if (left + more * prospect.gainNanos >= requiredNanos) {
                return more;
            }
        }
        return most;
    }

    private long meanLengthMillis() {
        long sum = 0;
        int many = 0;
        for (long block = blocks.newest(); block >= blocks.oldest() && many < RECENT_BLOCKS; block--) {
            long length = blocks.record(block).map(BlockRecord::lengthMillis).orElse(0L);
            sum += length;
            many += length > 0 ? 1 : 0;
        }
        return many == 0 ? 0 : sum / many;
    }
}
