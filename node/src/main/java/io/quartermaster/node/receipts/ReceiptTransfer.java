package io.quartermaster.node.receipts;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.QuartermasterException;
import io.quartermaster.node.receipts.TransferCheckpoint.Mark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches receipts from all miners, for as long as it is not closed: the pages of the last minutes again and again, and beside
 * that those of the last hours, newest first. A miner that fails is asked less and less often, and never holds more than one of
 * the threads that ask, so that it costs the others nothing.
 *
 * <p>A page's mark is moved on once all that is before it is safe: whoever goes on after a crash reads some lines twice, and none
 * is lost.
 */
public final class ReceiptTransfer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReceiptTransfer.class);

    /** The newest pages: new lines may be added to them. */
    private static final int ACTIVE_PAGES = 2;

    private static final int CATCH_UP_PAGES = 60;
    private static final int ACTIVE_THREADS = 50;
    private static final int CATCH_UP_THREADS = 10;
    private static final Duration ACTIVE_PATIENCE = Duration.ofSeconds(1);
    private static final Duration CATCH_UP_PATIENCE = Duration.ofSeconds(3);

    /** After this a slow miner lets others go first. */
    private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int REMEMBER_EVERY_PAGES = 10;
    private static final long LOOK_AGAIN_MILLIS = 1_000;
    private static final long CLOSE_SECONDS = 5;

    private final TransferPorts ports;
    private final TransferFigures figures;
    private final PageTransfer pages;
    private final Map<Hotkey, MinerState> states = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExecutorService active = threads(ACTIVE_THREADS, "receipts");
    private final ExecutorService catchUp = threads(CATCH_UP_THREADS, "receipts-catch-up");
    private final Thread keepingUp = thread(() -> run(this::keepUp), "receipts-rounds");
    private final Thread catchingUp = thread(() -> run(this::catchUp), "receipts-catching-up");

    /**
     * Prepares a transfer.
     *
     * @param ports what it asks and tells
     * @param figures where it counts
     */
    public ReceiptTransfer(TransferPorts ports, TransferFigures figures) {
        this.ports = ports;
        this.figures = figures;
        this.pages = new PageTransfer(ports, figures);
    }

    private static ExecutorService threads(int count, String name) {
        return Executors.newFixedThreadPool(count, task -> thread(task, name));
    }

    private static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Begins. */
    public void start() {
        keepingUp.start();
        catchingUp.start();
    }

    private interface Loop {
        void run() throws InterruptedException;
    }

    private static void run(Loop loop) {
        try {
            loop.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private MinerState state(Hotkey miner) {
        return states.computeIfAbsent(miner, key -> new MinerState(ports.checkpoint(key)));
    }

    /** The oldest page that may still be written to. */
    private long firstActive() {
        return ReceiptPages.pageOf(ports.now()) - ACTIVE_PAGES + 1;
    }

    private void keepUp() throws InterruptedException {
        long waitMillis = 0;
        while (!closing.await(waitMillis, TimeUnit.MILLISECONDS)) {
            long began = System.nanoTime();
            List<Miner> miners = ports.miners();
            figures.miners(miners.size());
            states.keySet().retainAll(miners.stream().map(Miner::hotkey).collect(Collectors.toSet()));
            long first = firstActive();
            List<Future<?>> round = new ArrayList<>();
            for (Miner miner : miners) {
                MinerState state = state(miner.hotkey());
                if (state.mayAsk(System.nanoTime())) {
                    round.add(active.submit(
                            () -> turn(miner, state, state.keepingUp, () -> keepUp(miner, state, first))));
                }
            }
            awaitAll(round);
            waitMillis =
                    Math.max(1, ports.interval().toMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
        }
    }

    private void keepUp(Miner miner, MinerState state, long first) throws TransferFailure {
        for (long page = first; page < first + ACTIVE_PAGES && !over(); page++) {
            Mark before = state.at(page);
            Mark reached = pages.transfer(miner, before, false, ACTIVE_PATIENCE);
            if (!reached.equals(before)) {
                remember(miner, state.reached(reached, first - CATCH_UP_PAGES));
            }
        }
    }

    private void catchUp() throws InterruptedException {
        long began = System.nanoTime();
        boolean done = false;
        while (!closing.await(done ? LOOK_AGAIN_MILLIS : LOOK_AGAIN_MILLIS / 10, TimeUnit.MILLISECONDS)) {
            long first = firstActive();
            List<Future<?>> sweep = new ArrayList<>();
            int left = 0;
            for (Miner miner : ports.miners()) {
                MinerState state = state(miner.hotkey());
                List<Mark> pending = pending(state, first);
                left += pending.size();
                if (!pending.isEmpty() && state.mayAsk(System.nanoTime())) {
                    sweep.add(catchUp.submit(
                            () -> turn(miner, state, state.catchingUp, () -> catchUp(miner, state, pending))));
                }
            }
            figures.catchUpPagesLeft(left);
            if (left == 0 && !done && figures.snapshot().miners() > 0) {
                ports.caughtUp("all pages of the last 5 hours have been read in "
                        + Duration.ofNanos(System.nanoTime() - began).toSeconds() + " s");
                done = true;
            }
            awaitAll(sweep);
        }
    }

    private static List<Mark> pending(MinerState state, long first) {
        List<Mark> pending = new ArrayList<>();
        for (long page = first - 1; page >= Math.max(0, first - CATCH_UP_PAGES); page--) {
            Mark mark = state.at(page);
            if (!mark.done()) {
                pending.add(mark);
            }
        }
        return pending;
    }

    /** Marks are remembered a few at a time: what a crash costs is reading some pages twice. */
    private void catchUp(Miner miner, MinerState state, List<Mark> pending) throws TransferFailure {
        long began = System.nanoTime();
        long oldest = pending.get(0).page() - CATCH_UP_PAGES;
        TransferCheckpoint reached = TransferCheckpoint.NONE;
        try {
            for (int i = 0; i < pending.size(); i++) {
                if (System.nanoTime() - began > TURN_NANOS || over()) {
                    break;
                }
                reached = state.reached(pages.transfer(miner, pending.get(i), true, CATCH_UP_PATIENCE), oldest);
                if (i % REMEMBER_EVERY_PAGES == REMEMBER_EVERY_PAGES - 1) {
                    remember(miner, reached);
                }
            }
        } finally {
            if (!reached.equals(TransferCheckpoint.NONE)) {
                remember(miner, reached);
            }
        }
    }

    private interface Turn {
        void take() throws TransferFailure;
    }

    /** Whether miners may still be asked. */
    private boolean over() {
        return closing.getCount() == 0 || !ports.mayAsk();
    }

    /** A miner's turn, unless it is still at the one before. */
    private void turn(Miner miner, MinerState state, AtomicBoolean seat, Turn turn) {
        if (over() || !seat.compareAndSet(false, true)) {
            return;
        }
        try {
            turn.take();
            state.behaved();
        } catch (TransferFailure e) {
            if (closing.getCount() == 0) {
                // Broken off from here.
                return;
            }
            figures.failed(e.kind());
            if (state.failed(System.nanoTime())) {
                ports.trouble(
                        miner.hotkey(),
                        "receipts of miner " + miner.hotkey() + " can't be fetched: it " + e.getMessage());
            }
        } catch (QuartermasterException e) {
            // Nothing of the miner's doing: what was not taken in is fetched once more.
            LOG.debug("Receipts of {} are not taken in yet", miner.hotkey(), e);
        } catch (RuntimeException e) {
            LOG.error("The receipts of miner {} failed in a way that should not be possible", miner.hotkey(), e);
            state.failed(System.nanoTime());
        } finally {
            seat.set(false);
        }
    }

    private void remember(Miner miner, TransferCheckpoint reached) {
        PageTransfer.await(ports.remember(miner.hotkey(), reached));
    }

    private static void awaitAll(List<Future<?>> futures) throws InterruptedException {
        for (Future<?> future : futures) {
            try {
                future.get();
            } catch (ExecutionException e) {
                LOG.error("A transfer failed in a way that should not be possible", e.getCause());
            }
        }
    }

    /** When this returns, no miner is asked any more, and none will be. */
    @Override
    public void close() {
        closing.countDown();
        // These first: whoever hands out turns must not wait for turns that nobody takes any more.
        keepingUp.interrupt();
        catchingUp.interrupt();
        try {
            keepingUp.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
            catchingUp.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
            active.shutdownNow();
            catchUp.shutdownNow();
            if (!active.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)
                    || !catchUp.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("Some receipts are still being taken in, though their transfer ends");
            }
        } catch (InterruptedException e) {
            active.shutdownNow();
            catchUp.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
