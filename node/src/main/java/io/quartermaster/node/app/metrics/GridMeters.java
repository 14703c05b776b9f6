package io.quartermaster.node.app.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.quartermaster.node.grid.GridFigures;
import io.quartermaster.node.grid.GridFigures.MapFigures;
import io.quartermaster.node.store.StoreFigures;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Majority and views, the engine's maps, and the disk. One series for each map of the grid. */
public final class GridMeters {
    private static final double MILLIS = 1000.0;
    private static final Duration[] DISK_BUCKETS = Meters.micros(
            50,
            100,
            250,
            500,
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
            10_000_000);

    private final Meters meters;
    private final Supplier<GridFigures> source;
    private final Timer writes;
    private final Counter records;
    private final Map<String, MapFigures> maps = new ConcurrentHashMap<>();
    private volatile GridFigures now;

    /**
     * Registers the meters.
     *
     * @param meters where
     * @param source how the replica's member of the grid does
     */
    public GridMeters(Meters meters, Supplier<GridFigures> source) {
        this.meters = meters;
        this.source = source;
        this.now = source.get();
        meters.gauge(
                "quartermaster_books_open",
                "1 if changes can be made here: a majority of the replicas is there"
                        + " and agrees, and the disk can be written",
                () -> now.open() ? 1 : 0);
        meters.gauge("quartermaster_view", "The number of the view that this replica is in", () -> now.view());
        meters.gauge("quartermaster_replicas_present", "How many replicas are there", () -> now.replicasPresent());
        meters.gauge(
                "quartermaster_replicas_configured",
                "How many replicas there should be",
                () -> now.replicasConfigured());
        meters.gauge(
                "quartermaster_partitions_safe",
                "1 if the engine has all copies that it should have",
                () -> now.partitionsSafe() ? 1 : 0);
        this.writes = meters.timer(
                "quartermaster_journal_write_duration",
                "How long it takes until a batch of decisions is durable here",
                Tags.empty(),
                DISK_BUCKETS);
        this.records = Counter.builder("quartermaster_journal_records")
                .description("Decisions and other records written to the journal")
                .register(meters.registry());
        if (now.store().isPresent()) {
            store(
                    "quartermaster_journal_queued_records",
                    "Records that wait to be written",
                    StoreFigures::queuedRecords);
            store("quartermaster_journal_queued_bytes", "Bytes that wait to be written", StoreFigures::queuedBytes);
            store(
                    "quartermaster_journal_bytes",
                    "How long the journal is that is written to",
                    StoreFigures::journalBytes);
            store(
                    "quartermaster_journal_in_trouble",
                    "1 if nothing can be written to the journal now",
                    store -> store.inTrouble() ? 1 : 0);
            store(
                    "quartermaster_snapshot_bytes",
                    "How large the newest snapshot is, 0 before the first",
                    StoreFigures::snapshotBytes);
            store(
                    "quartermaster_snapshot_time_seconds",
                    "When the newest snapshot was made, in Unix seconds, 0 before the first",
                    store -> store.snapshotAtMillis() / MILLIS);
            store("quartermaster_disk_free_bytes", "Room on the file system of the journal", StoreFigures::freeBytes);
            FunctionCounter.builder(
                            "quartermaster_snapshots_failed",
                            this,
                            self -> self.now
                                    .store()
                                    .map(StoreFigures::snapshotsFailed)
                                    .orElse(0L))
                    .description("Snapshots that could not be made")
                    .register(meters.registry());
        }
        meters.beforeEachReading(this::refresh);
    }

    /**
     * Decisions are on disk.
     *
     * @param count how many
     * @param nanos how long it took to write them
     */
    public void journalWritten(int count, long nanos) {
        writes.record(Duration.ofNanos(nanos));
        records.increment(count);
    }

    private void store(String name, String description, ToDoubleFunction<StoreFigures> figure) {
        meters.gauge(
                name, description, () -> now.store().map(figure::applyAsDouble).orElse(Double.NaN));
    }

    private void refresh() {
        now = source.get();
        now.maps().forEach((name, figures) -> {
            if (maps.put(name, figures) == null) {
                Tags labels = Tags.of("map", name);
                map(name, "owned_entries", "Entries that this member decides about", labels, MapFigures::ownedEntries);
                map(
                        name,
                        "backup_entries",
                        "Entries that this member holds for others",
                        labels,
                        MapFigures::backupEntries);
                FunctionCounter.builder(
                                "quartermaster_map_operations",
                                maps,
                                known -> known.getOrDefault(name, figures).operations())
                        .description("Operations of the engine on entries of this member")
                        .tags(labels)
                        .register(meters.registry());
            }
        });
    }

    private void map(String map, String name, String description, Tags labels, ToDoubleFunction<MapFigures> figure) {
        meters.gauge("quartermaster_map_" + name, description, labels, () -> {
            MapFigures figures = maps.get(map);
            return figures == null ? Double.NaN : figure.applyAsDouble(figures);
        });
    }
}
