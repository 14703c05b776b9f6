package io.quartermaster.node.app;

import io.quartermaster.api.HeldLock;
import io.quartermaster.api.QuartermasterException;
import io.quartermaster.node.chain.AskingChain;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.CollateralChain;
import io.quartermaster.node.chain.CollateralSource;
import io.quartermaster.node.chain.Follower;
import io.quartermaster.node.chain.FollowerProgress;
import io.quartermaster.node.chain.MinerSource;
import io.quartermaster.node.chain.RecordingWriter;
import io.quartermaster.node.events.EventLog;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that one replica at a time follows the chain: the one that holds the lock. The others watch, and one of them goes
 * on when the lock is free. A follower that loses the lock stops; what it still sends is refused by its token.
 */
final class Following implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Following.class);

    /** The name of the lock, as operators see it. */
    static final String LOCK = "follow-the-chain";

    /** A follower that dies is replaced after this and a moment. */
    private static final Duration LEASE = Duration.ofSeconds(3);

    private static final Duration RENEW_EVERY = Duration.ofSeconds(1);
    private static final Duration WATCH = Duration.ofMillis(50);
    private static final Duration TRY_EVERY = Duration.ofMillis(300);

    private final StandbyChain chain;
    private final Ingest ingest;
    private final GridLocks locks;
    private final Optional<RecordingWriter> recording;
    private final BooleanSupplier manifestsFromCommitments;
    private final EventLog events;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "following");
    private volatile Optional<Follower> follower = Optional.empty();
    private FollowerProgress lastProgress = FollowerProgress.none();

    Following(
            StandbyChain chain,
            Ingest ingest,
            GridLocks locks,
            Optional<RecordingWriter> recording,
            BooleanSupplier manifestsFromCommitments,
            EventLog events) {
        this.chain = chain;
        this.manifestsFromCommitments = manifestsFromCommitments;
        this.events = events;
        this.ingest = ingest;
        this.locks = locks;
        this.recording = recording;
    }

    void start() {
        thread.start();
    }

    /** How far this replica has followed; it stands still while another one follows. */
    FollowerProgress progress() {
        return follower.map(Follower::progress).orElse(lastProgress);
    }

    /** Whether this replica follows now. */
    boolean active() {
        return follower.isPresent();
    }

    private void run() {
        try {
            while (closing.getCount() > 0) {
                Optional<HeldLock> lock = acquired();
                if (lock.isPresent()) {
                    follow(lock.get());
                } else {
                    watch();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<HeldLock> acquired() {
        try {
            return locks.tryAcquire(LOCK, LEASE, "takes blocks and manifests in");
        } catch (QuartermasterException e) {
            LOG.debug("Who follows the chain can't be settled now", e);
            return Optional.empty();
        }
    }

    private void watch() throws InterruptedException {
        long until = System.nanoTime() + TRY_EVERY.toNanos();
        while (System.nanoTime() - until < 0 && closing.getCount() > 0) {
            long began = System.nanoTime();
            chain.watch(WATCH);
            if (chain.ended()
                    && System.nanoTime() - began < WATCH.toNanos() / 2
                    && closing.await(WATCH.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }

    private void follow(HeldLock lock) throws InterruptedException {
        LOG.info("This replica follows the chain, with token {}", lock.fence().token());
        ingest.under(lock.fence());
        Follower mine = new Follower(asking(), ingest, recording);
        follower = Optional.of(mine);
        mine.start();
        try (lock) {
            long heldUntil = System.nanoTime() + LEASE.toNanos();
            while (System.nanoTime() - heldUntil < 0
                    && !closing.await(RENEW_EVERY.toMillis(), TimeUnit.MILLISECONDS)
                    && !mine.lostItsLock()) {
                long asked = System.nanoTime();
                try {
                    lock.renew(LEASE);
                    // From when it was asked for: the answer may have been long on its way.
                    heldUntil = asked + LEASE.toNanos();
                } catch (QuartermasterException e) {
                    LOG.warn("The lock on following the chain could not be renewed: {}", e.getMessage());
                }
            }
            LOG.info("This replica follows the chain no longer");
        } finally {
            mine.stop();
            lastProgress = mine.progress();
            follower = Optional.empty();
        }
    }

    /** Only one replica asks the miners, and reads their collateral: the one that follows. */
    private Chain asking() {
        Optional<MinerSource> miners = chain.miners();
        Chain asking =
                miners.isEmpty() ? chain : new AskingChain(chain, miners.get(), manifestsFromCommitments, events);
        Optional<CollateralSource> collateral = chain.collateral();
        return collateral.isEmpty() ? asking : new CollateralChain(asking, collateral.get(), events);
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
        recording.ifPresent(RecordingWriter::close);
    }
}
