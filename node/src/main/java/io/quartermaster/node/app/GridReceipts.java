package io.quartermaster.node.app;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.ForeignVerdict;
import io.quartermaster.node.receipts.ReceiptIndex;
import io.quartermaster.node.receipts.ReceiptIndex.Added;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The receipts that all replicas share. One of each kind is kept for a job, and those of a job agree on its parties; what
 * contradicts an earlier one is kept out and reported. Safe for use by several threads.
 */
final class GridReceipts {
    /** A job that has finished in the oldest block that is kept was started this long before at most. */
    private static final Duration KEPT_BEYOND_BLOCKS = Duration.ofHours(2);

    /** A miner that lies all day does not drown what else there is to report. */
    private static final int MOST_REPORTED_OF_A_MINER = 20;

    private final Grid grid;
    private final ReceiptIndex index;
    private final EventLog events;
    private final Map<Hotkey, Integer> reported = new ConcurrentHashMap<>();

    GridReceipts(Grid grid, ReceiptIndex index, EventLog events) {
        this.grid = grid;
        this.index = index;
        this.events = events;
    }

    ReceiptIndex index() {
        return index;
    }

    /**
     * Takes a receipt in, whose signatures have been verified or need not be.
     *
     * @return completes with what became of it, once a majority of the replicas holds it
     */
    CompletionStage<Added> take(SignedReceipt signed) {
        Added expected = index.judge(signed);
        if (expected == Added.CONTRADICTS) {
            return CompletableFuture.completedFuture(reported(signed, expected));
        }
        // Also one that is known: a majority may not hold yet what this replica knows.
        String key = key(signed.receipt());
        return grid.records().receipts().put(key, signed).thenApply(kept -> {
            if (kept) {
                return expected;
            }
            // The signature scheme is randomised: one receipt signed twice is still one receipt.
            boolean same = grid.records()
                    .receipts()
                    .get(key)
                    .filter(known -> !known.receipt().equals(signed.receipt()))
                    .isEmpty();
            return reported(signed, same ? Added.KNOWN : Added.CONTRADICTS);
        });
    }

    private static String key(Receipt receipt) {
        return receipt.job() + "/" + receipt.getClass().getSimpleName();
    }

    private Added reported(SignedReceipt signed, Added added) {
        Receipt receipt = signed.receipt();
        if (added == Added.CONTRADICTS
                && reported.merge(receipt.miner(), 1, Integer::sum) <= MOST_REPORTED_OF_A_MINER) {
            events.record(new SystemEvent(
                    Instant.ofEpochMilli(grid.nowMillis()),
                    EventType.RECEIPT_CONTRADICTS,
                    Map.of(
                            SystemEvent.JOB,
                            receipt.job().value(),
                            SystemEvent.MINER,
                            receipt.miner().value(),
                            "validator",
                            receipt.validator().value()),
                    "a " + receipt.getClass().getSimpleName() + " receipt of job " + receipt.job()
                            + " contradicts an earlier one and is kept out"));
        }
        return added;
    }

    /** Lets go of what no block that is kept needs. */
    CompletionStage<Void> forgetBefore(BlockTable blocks) {
        reported.clear();
        Optional<Instant> before = blocks.record(blocks.oldest())
                .map(oldest -> Instant.ofEpochMilli(oldest.timeMillis()).minus(KEPT_BEYOND_BLOCKS));
        if (before.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        List<String> receipts = grid.records().receipts().entries().entrySet().stream()
                .filter(receipt -> receipt.getValue().receipt().timestamp().isBefore(before.get()))
                .map(Map.Entry::getKey)
                .toList();
        List<String> verdicts = grid.records().verdicts().entries().values().stream()
                .filter(verdict -> verdict.finished().isBefore(before.get()))
                .map(verdict -> ForeignVerdict.key(verdict.validator(), verdict.job()))
                .toList();
        return grid.records()
                .receipts()
                .remove(receipts)
                .thenCompose(gone -> grid.records().verdicts().remove(verdicts));
    }
}
