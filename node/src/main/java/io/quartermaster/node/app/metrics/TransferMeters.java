package io.quartermaster.node.app.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Tags;
import io.quartermaster.node.receipts.LineFlaw;
import io.quartermaster.node.receipts.TransferFigures;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * How receipts are fetched from miners, under the names of the dashboards that validators of the subnet had before. One series for
 * each thing that can be wrong with a line or a transfer.
 */
public final class TransferMeters {
    private static final double[] BUCKETS = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
    private static final double NANOS = 1e9;

    private final Meters meters;
    private final TransferFigures figures;

    /**
     * Registers the meters.
     *
     * @param meters where
     * @param figures what the transfer has done
     */
    public TransferMeters(Meters meters, TransferFigures figures) {
        this.meters = meters;
        this.figures = figures;
        counter("receipts", "Receipts that were new", Tags.empty(), TransferFigures.Snapshot::receiptsTotal);
        counter(
                "successful_transfers",
                "Parts of pages that were fetched and taken in",
                Tags.empty(),
                TransferFigures.Snapshot::successfulTransfersTotal);
        meters.gauge(
                "receipttransfer_miners",
                "Miners that were asked in the last round",
                () -> figures.snapshot().miners());
        meters.gauge(
                "receipttransfer_catchup_pages_left",
                "Pages of the last hours that have not been read to their end",
                () -> figures.snapshot().catchupPagesLeft());
        errors(
                "line_errors",
                "Lines that were not taken in, by what was wrong",
                Arrays.stream(LineFlaw.values()).map(Enum::name).toList(),
                TransferFigures.Snapshot::lineErrorsTotal);
        errors(
                "transfer_errors",
                "Parts of pages that could not be fetched, by why",
                TransferFigures.transferErrors(),
                TransferFigures.Snapshot::transferErrorsTotal);
        DistributionSummary durations = DistributionSummary.builder("receipttransfer_transfer_duration")
                .description("How many seconds a part of a page took that was fetched and taken in")
                .serviceLevelObjectives(BUCKETS)
                .register(meters.registry());
        figures.onTransfer(nanos -> durations.record(nanos / NANOS));
    }

    private void errors(
            String name,
            String description,
            List<String> kinds,
            Function<TransferFigures.Snapshot, Map<String, Long>> counts) {
        for (String kind : kinds) {
            counter(
                    name,
                    description,
                    Tags.of("exc_type", kind),
                    now -> counts.apply(now).getOrDefault(kind, 0L));
        }
    }

    private void counter(
            String name, String description, Tags labels, ToDoubleFunction<TransferFigures.Snapshot> figure) {
        FunctionCounter.builder("receipttransfer_" + name, figures, from -> figure.applyAsDouble(from.snapshot()))
                .description(description)
                .tags(labels)
                .register(meters.registry());
    }
}
