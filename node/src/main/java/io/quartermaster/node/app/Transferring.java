package io.quartermaster.node.app;

import io.quartermaster.api.HeldLock;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.LockLost;
import io.quartermaster.api.Miner;
import io.quartermaster.api.QuartermasterException;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.params.ParameterSource;
import io.quartermaster.node.receipts.ReceiptIndex;
import io.quartermaster.node.receipts.ReceiptIndex.Added;
import io.quartermaster.node.receipts.ReceiptTransfer;
import io.quartermaster.node.receipts.TransferCheckpoint;
import io.quartermaster.node.receipts.TransferFigures;
import io.quartermaster.node.receipts.TransferPorts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that one replica at a time fetches receipts from miners, while the dynamic parameters say that they are to be
 * fetched: the one that holds the lock.
 */
final class Transferring implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Transferring.class);

    /** The name of the lock, as operators see it. */
    static final String LOCK = "transfer-receipts";

    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final long RENEW_EVERY_MILLIS = 1_000;
    private static final long TRY_EVERY_MILLIS = 300;

    private final GridLocks locks;
    private final ParameterSource parameters;
    private final Ports ports;
    private final AtomicLong heldUntilNanos = new AtomicLong();
    private final TransferFigures figures = new TransferFigures();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "transferring");
    private volatile boolean active;

    Transferring(
            Grid grid,
            GridAllowance allowance,
            GridReceipts receipts,
            GridLocks locks,
            ParameterSource parameters,
            EventLog events) {
        this.locks = locks;
        this.parameters = parameters;
        this.ports = new Ports(grid, allowance, receipts, parameters, events, heldUntilNanos);
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    TransferFigures figures() {
        return figures;
    }

    TransferReport report() {
        return new TransferReport(
                parameters.current().receiptTransferEnabled(),
                active,
                ports.grid().records().receipts().entries().size(),
                figures.snapshot());
    }

    private void run() {
        try {
            while (!closing.await(TRY_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
                if (wanted()) {
                    long asked = System.nanoTime();
                    Optional<HeldLock> lock = acquired();
                    if (lock.isPresent()) {
                        transfer(lock.get(), asked);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean wanted() {
        return parameters.current().receiptTransferEnabled();
    }

    private Optional<HeldLock> acquired() {
        try {
            return locks.tryAcquire(LOCK, LEASE, "fetches receipts from miners");
        } catch (QuartermasterException e) {
            LOG.debug("Who fetches receipts can't be settled now", e);
            return Optional.empty();
        }
    }

    /**
     * Once the lease is over nobody is asked, also while it can't be settled whether the lock is still held. What a holder that was
     * paused still takes in is harmless: receipts are taken in once, however often they come.
     */
    private void transfer(HeldLock lock, long askedNanos) throws InterruptedException {
        LOG.info("This replica fetches receipts from miners");
        heldUntilNanos.set(askedNanos + LEASE.toNanos());
        try (lock;
                ReceiptTransfer transfer = new ReceiptTransfer(ports, figures)) {
            transfer.start();
            active = true;
            while (ports.mayAsk() && wanted() && !closing.await(RENEW_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
                long asked = System.nanoTime();
                try {
                    lock.renew(LEASE);
                    heldUntilNanos.set(asked + LEASE.toNanos());
                } catch (LockLost e) {
                    LOG.warn("Another replica fetches receipts now: {}", e.getMessage());
                    return;
                } catch (QuartermasterException e) {
                    LOG.warn("The lock on fetching receipts could not be renewed: {}", e.getMessage());
                }
            }
        } finally {
            active = false;
            LOG.info("This replica fetches receipts no longer");
        }
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            if (thread.isAlive()) {
                thread.join(TimeUnit.SECONDS.toMillis(15));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Ports(
            Grid grid,
            GridAllowance allowance,
            GridReceipts receipts,
            ParameterSource parameters,
            EventLog events,
            AtomicLong heldUntilNanos)
            implements TransferPorts {
        @Override
        public boolean mayAsk() {
            return System.nanoTime() - heldUntilNanos.get() < 0;
        }

        @Override
        public List<Miner> miners() {
            return allowance.miners().stream().filter(Miner::serving).toList();
        }

        @Override
        public boolean knows(Hotkey validator) {
            Optional<BlockRecord> newest = grid.blocks().record(grid.blocks().newest());
            return newest.filter(block -> block.validators().stake(validator) > 0)
                    .or(() -> newest.filter(
                            block -> allowance.neurons(grid.blocks()).byHotkey().containsKey(validator)))
                    .isPresent();
        }

        @Override
        public Duration interval() {
            return Duration.ofSeconds(parameters.current().receiptTransferIntervalSeconds());
        }

        @Override
        public Instant now() {
            return Instant.ofEpochMilli(grid.nowMillis());
        }

        @Override
        public ReceiptIndex index() {
            return receipts.index();
        }

        @Override
        public CompletionStage<Added> take(SignedReceipt receipt) {
            return receipts.take(receipt);
        }

        @Override
        public TransferCheckpoint checkpoint(Hotkey miner) {
            return grid.records().checkpoints().get(miner.value()).orElse(TransferCheckpoint.NONE);
        }

        @Override
        public CompletionStage<?> remember(Hotkey miner, TransferCheckpoint checkpoint) {
            return grid.records().checkpoints().put(miner.value(), checkpoint);
        }

        @Override
        public void trouble(Hotkey miner, String words) {
            events.record(SystemEvent.ofMiner(now(), EventType.RECEIPTS_NOT_FETCHED, miner, words));
        }

        @Override
        public void caughtUp(String words) {
            events.record(SystemEvent.of(now(), EventType.RECEIPTS_CAUGHT_UP, words));
        }
    }
}
