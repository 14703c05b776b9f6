package io.quartermaster.node.receipts;

import io.quartermaster.node.receipts.TransferCheckpoint.Mark;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a transfer remembers of a miner: how far its pages have been read, and how well it answers. Safe for use by several threads. */
final class MinerState {
    private static final long FIRST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int REPORTED_FROM = 3;
    private static final int LARGEST_SHIFT = 10;

    /** Taken while the miner's active pages are asked for. */
    final AtomicBoolean keepingUp = new AtomicBoolean();

    /** Taken while its older pages are. */
    final AtomicBoolean catchingUp = new AtomicBoolean();

    private TransferCheckpoint checkpoint;
    private int failures;
    private long notBeforeNanos;

    MinerState(TransferCheckpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    synchronized Mark at(long page) {
        return checkpoint.at(page);
    }

    synchronized TransferCheckpoint reached(Mark mark, long oldest) {
        checkpoint = checkpoint.with(mark, oldest);
        return checkpoint;
    }

    synchronized boolean mayAsk(long nowNanos) {
        return failures == 0 || nowNanos - notBeforeNanos >= 0;
    }

    synchronized void behaved() {
        failures = 0;
    }

    /** Whether this is worth a report: it has failed several times, and was not reported since it last behaved. */
    synchronized boolean failed(long nowNanos) {
        long pause = FIRST_PAUSE_NANOS << Math.min(failures, LARGEST_SHIFT);
        failures++;
        notBeforeNanos = nowNanos + Math.min(pause, LONGEST_PAUSE_NANOS);
        return failures == REPORTED_FROM;
    }
}
