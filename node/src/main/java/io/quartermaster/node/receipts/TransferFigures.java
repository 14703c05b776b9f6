package io.quartermaster.node.receipts;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/** What the transfer of receipts has done since this replica started: counters that only grow. Safe for use by several threads. */
public final class TransferFigures {
    private final LongAdder receipts = new LongAdder();
    private final LongAdder transfers = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final Map<String, LongAdder> lineErrors = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> transferErrors = new ConcurrentHashMap<>();
    private volatile LongConsumer onTransfer = nanos -> {};
    private volatile int miners;
    private volatile int catchUpPagesLeft;

    void received(long more) {
        receipts.add(more);
    }

    void transferred(long tookNanos) {
        transfers.increment();
        nanos.add(tookNanos);
        onTransfer.accept(tookNanos);
    }

    /**
     * Tells somebody how long each successful transfer took.
     *
     * @param listener told the nanoseconds, by the threads that transfer
     */
    public void onTransfer(LongConsumer listener) {
        onTransfer = listener;
    }

    /**
     * The names of all errors that a transfer can end with.
     *
     * @return as in {@link Snapshot#transferErrorsTotal}
     */
    public static List<String> transferErrors() {
        return Arrays.stream(TransferFailure.Kind.values()).map(Enum::name).toList();
    }

    void failed(TransferFailure.Kind kind) {
        transferErrors.computeIfAbsent(kind.name(), key -> new LongAdder()).increment();
    }

    void flawed(LineFlaw flaw, int lines) {
        lineErrors.computeIfAbsent(flaw.name(), key -> new LongAdder()).add(lines);
    }

    void miners(int asked) {
        miners = asked;
    }

    void catchUpPagesLeft(int pages) {
        catchUpPagesLeft = pages;
    }

    /**
     * The figures now.
     *
     * @return a snapshot
     */
    public Snapshot snapshot() {
        return new Snapshot(
                receipts.sum(),
                miners,
                transfers.sum(),
                sums(lineErrors),
                sums(transferErrors),
                nanos.sum() / 1e9,
                catchUpPagesLeft);
    }

    private static Map<String, Long> sums(Map<String, LongAdder> adders) {
        Map<String, Long> sums = new TreeMap<>();
        adders.forEach((name, adder) -> sums.put(name, adder.sum()));
        return sums;
    }

    /**
     * Figures at a moment, under the names that dashboards know, without their prefix.
     *
     * @param receiptsTotal receipts that were new
     * @param miners how many miners were asked in the last round
     * @param successfulTransfersTotal parts of pages that were fetched and taken in
     * @param lineErrorsTotal lines that were not taken in, by what was wrong with them
     * @param transferErrorsTotal parts that could not be fetched, by why
     * @param transferDurationSeconds how long the successful transfers took, all together
     * @param catchupPagesLeft pages of the last hours that have not been read to their end
     */
    public record Snapshot(
            long receiptsTotal,
            int miners,
            long successfulTransfersTotal,
            Map<String, Long> lineErrorsTotal,
            Map<String, Long> transferErrorsTotal,
            double transferDurationSeconds,
            int catchupPagesLeft) {}
}
