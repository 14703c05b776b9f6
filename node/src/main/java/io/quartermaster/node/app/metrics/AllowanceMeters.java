package io.quartermaster.node.app.metrics;

import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.ledger.Amounts;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.CountRuns;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.ledger.UnitSeries;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What blocks yield, under the names of the dashboards that validators of the subnet had before. Miners and validators that have
 * left the subnet are not shown.
 *
 * <p>Series: one for each validator, one for each miner and class, and a checkpoint for each miner, validator and class, up to
 * {@value #MOST_CHECKPOINTS}; where there would be more, only this replica's own validator has checkpoints.
 */
public final class AllowanceMeters {
    /** How many checkpoints are shown at most. */
    public static final int MOST_CHECKPOINTS = 20_000;

    private static final int CHECKPOINT_BLOCKS = 100;
    private static final double MILLIS = 1000.0;

    private static final Duration[] PROCESSING_BUCKETS = Meters.micros(
            1_000,
            2_500,
            5_000,
            10_000,
            25_000,
            50_000,
            100_000,
            250_000,
            500_000,
            1_000_000,
            2_500_000,
            5_000_000,
            10_000_000,
            25_000_000,
            50_000_000,
            100_000_000);

    private final Books books;
    private final Hotkey validator;
    private final Timer processing;
    private final Rows shares;
    private final Rows manifests;
    private final Rows checkpoints;
    private long checkpoint = -1;
    private boolean checkpointComplete;
    private Set<Hotkey> checkpointMiners = Set.of();

    /** What is read: the books as this replica holds them. */
    public interface Books {
        /**
         * The blocks.
         *
         * @return as of now
         */
        BlockTable blocks();

        /**
         * The subnet's miners at the newest block.
         *
         * @return their hotkeys
         */
        Set<Hotkey> miners();

        /**
         * A miner's ledger.
         *
         * @param miner its hotkey
         * @return empty if it has none
         */
        Optional<MinerLedger> ledger(Hotkey miner);
    }

    /**
     * Registers the meters.
     *
     * @param meters where
     * @param books what is read
     * @param validator whose replica this is
     */
    public AllowanceMeters(Meters meters, Books books, Hotkey validator) {
        this.books = books;
        this.validator = validator;
        this.processing = meters.timer(
                "validator_block_allowance_processing_duration",
                "Time spent processing block allowance calculations",
                Tags.empty(),
                PROCESSING_BUCKETS);
        this.shares =
                new Rows(meters, "validator_stake_share_fraction", "The fraction of all stake that each validator has");
        this.manifests = new Rows(
                meters,
                "validator_miner_manifest_count",
                "How many executors of each class a miner has by its newest manifest");
        this.checkpoints = new Rows(
                meters,
                "validator_block_allowance_checkpoint_seconds",
                "The valid allowance of the 100 blocks before the newest block whose number is a multiple of 100");
        meters.gauge(
                "validator_block_duration_seconds",
                "How long the newest block lasted whose successor is known",
                () -> duration(books.blocks()));
        meters.beforeEachReading(this::refresh);
    }

    /**
     * A block was taken in.
     *
     * @param nanos how long that took
     */
    public void blockTaken(long nanos) {
        processing.record(Duration.ofNanos(nanos));
    }

    private static double duration(BlockTable blocks) {
        return newestFinalised(blocks)
                .flatMap(block -> blocks.record(block.number() + 1)
                        .map(successor -> (successor.timeMillis() - block.timeMillis()) / MILLIS))
                .orElse(Double.NaN);
    }

    private static Optional<BlockRecord> newestFinalised(BlockTable blocks) {
        for (long block = blocks.newest(); block >= blocks.oldest(); block--) {
            Optional<BlockRecord> record = blocks.record(block).filter(BlockRecord::finalised);
            if (record.isPresent()) {
                return record;
            }
        }
        return Optional.empty();
    }

    private void refresh() {
        BlockTable blocks = books.blocks();
        Set<Hotkey> miners = books.miners();
        shares.show(newestFinalised(blocks).map(AllowanceMeters::shares).orElse(Map.of()));
        manifests.show(manifests(miners));
        long newest = blocks.newest() - Math.floorMod(blocks.newest(), CHECKPOINT_BLOCKS);
        boolean same = newest == checkpoint && checkpointComplete && miners.equals(checkpointMiners);
        if (!blocks.isEmpty() && !same) {
            checkpoint = newest;
            checkpointMiners = miners;
            checkpointComplete = Arrays.stream(blocks.finalisedFrom(newest - CHECKPOINT_BLOCKS))
                            .filter(block -> block < newest)
                            .count()
                    == CHECKPOINT_BLOCKS;
            checkpoints.show(checkpoints(blocks, miners, newest));
        }
    }

    private static Map<Tags, Double> shares(BlockRecord block) {
        Map<Tags, Double> rows = new HashMap<>();
        for (Hotkey one : block.validators().validators()) {
            rows.put(
                    Tags.of("validator_hotkey", one.value()), block.validators().share(one));
        }
        return rows;
    }

    private Map<Tags, Double> manifests(Set<Hotkey> miners) {
        Map<Tags, Double> rows = new HashMap<>();
        for (Hotkey miner : miners) {
            books.ledger(miner)
                    .ifPresent(ledger -> ledger.classes()
                            .values()
                            .forEach(book -> rows.put(
                                    Tags.of(
                                            "miner_hotkey",
                                            miner.value(),
                                            "executor_class",
                                            book.executorClass().name()),
                                    (double) book.executors())));
        }
        return rows;
    }

    private Map<Tags, Double> checkpoints(BlockTable blocks, Set<Hotkey> miners, long end) {
        Set<Hotkey> validators = new LinkedHashSet<>();
        for (long block = end - CHECKPOINT_BLOCKS; block < end; block++) {
            blocks.record(block)
                    .ifPresent(record -> validators.addAll(record.validators().validators()));
        }
        long series = miners.stream()
                .flatMap(miner -> books.ledger(miner).stream())
                .mapToLong(ledger -> (long) ledger.classes().size() * validators.size())
                .sum();
        if (series > MOST_CHECKPOINTS) {
            validators.retainAll(Set.of(validator));
        }
        Map<Tags, Double> rows = new HashMap<>();
        for (Hotkey miner : miners) {
            books.ledger(miner)
                    .ifPresent(ledger -> ledger.classes().values().forEach(book -> {
                        for (Hotkey one : validators) {
                            long nanos = valid(book, blocks.units(one, miner), end - CHECKPOINT_BLOCKS, end);
                            if (nanos > 0) {
                                rows.put(
                                        Tags.of(
                                                "miner_hotkey",
                                                miner.value(),
                                                "validator_hotkey",
                                                one.value(),
                                                "executor_class",
                                                book.executorClass().name()),
                                        Amounts.seconds(nanos));
                            }
                        }
                    }));
        }
        return rows;
    }

    /** What blocks from one on, before another, have yielded, without those that a drop has invalidated. */
    private static long valid(ClassBook book, UnitSeries units, long from, long end) {
        CountRuns counted = book.counted();
        long first = Math.max(from, book.firstValidBlock());
        long nanos = 0;
        for (int run = 0; run < counted.size(); run++) {
            nanos += counted.count(run)
                    * units.sum(Math.max(first, counted.start(run)), Math.min(end, counted.end(run)));
        }
        return nanos;
    }
}
