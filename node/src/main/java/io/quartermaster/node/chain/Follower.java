package io.quartermaster.node.chain;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.LockLost;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.QuartermasterException;
import io.quartermaster.node.chain.Observation.BlockSeen;
import java.time.Duration;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds what a chain shows to a sink, and fetches what the chain did not show.
 *
 * <p>A block is held back until it is the chain's finality lag behind the head; if it is shown twice by then, the later version
 * counts. Everything else passes at once. Of the last {@value #BLOCK_LOOKBACK} blocks each gap is repaired; then older blocks
 * are fetched, newest first, as far back as they are of use. Between two fetches the follower looks for a new head, so that
 * neither delays it. A block that can't be had is asked for again, ever less often; it stays in the progress, and is warned
 * about once.
 *
 * <p>What the sink refuses is warned about and counted. While the grid is unavailable the follower waits, and loses nothing.
 *
 * <p>{@link #start}, {@link #stop}, {@link #progress} and {@link #close} are safe for use by several threads. The work is done
 * by one thread named "follower", which keeps the virtual machine alive. The chain is not closed by the follower.
 */
public final class Follower implements AutoCloseable {
    /** The live scan repairs gaps this many blocks back: BLOCK_LOOKBACK of ComputeHorde's allowance module. */
    public static final int BLOCK_LOOKBACK = 100;

    /** The back-fill begins this many blocks back: ARCHIVE_START_OFFSET of the same. */
    public static final int ARCHIVE_START_OFFSET = 101;

    /** The back-fill ends this many blocks back, four epochs of 361 blocks: ARCHIVE_MAX_LOOKBACK of the same. */
    public static final int ARCHIVE_MAX_LOOKBACK = 4 * 361;

    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    /** Short enough that stopping is quick. */
    private static final Duration PATIENCE = Duration.ofMillis(200);

    /** So many are taken in before anything is fetched: where that is slow, the newest blocks are not to wait for it. */
    private static final int SEEN_BATCH = 32;

    private static final int FETCH_BATCH = 4;
    private static final Duration LONGEST_BATCH = Duration.ofMillis(500);
    private static final int WARN_AFTER_ASKED = 3;

    /** Half the time between two blocks, by the chain's clock. */
    private static final Duration FIRST_BACK_OFF = Duration.ofSeconds(6);

    private static final Duration SAY_GIVEN_UP_EVERY = Duration.ofMinutes(1);
    private static final long RETRY_MILLIS = 200;
    private static final int MOST_DOUBLINGS = 5;
    private static final double NANOS_PER_SECOND = 1e9;

    private final Chain chain;
    private final ObservationSink sink;
    private final boolean fetching;
    private final int finalityLag;
    private final BlockGaps gaps;
    private final NavigableMap<Long, BlockSeen> held = new TreeMap<>();

    private final Optional<RecordingWriter> recording;

    private @Nullable Thread thread;
    private boolean closed;
    private CountDownLatch stopping = new CountDownLatch(1);
    private volatile FollowerProgress progress = FollowerProgress.none();

    /** What the sink had not taken in when the follower was stopped. */
    private @Nullable Observation unfinished;

    private long head = -1;
    private long blocks;
    private long observations;
    private long refused;
    private boolean ended;
    private Optional<String> error = Optional.empty();
    private long markNanos;
    private long markObservations;
    private long beganNanos;
    private int marks;
    private double perSecond;
    private long sayGivenUpFromNanos = System.nanoTime();
    private int failures;
    private boolean recordingFailed;
    private volatile boolean lostItsLock;

    /**
     * A follower that has not begun.
     *
     * @param chain where to look; used by this follower alone
     * @param sink where to put what is seen; called by the follower's thread alone
     */
    public Follower(Chain chain, ObservationSink sink) {
        this(chain, sink, Optional.empty());
    }

    /**
     * A follower that has not begun, and that records.
     *
     * @param chain where to look; used by this follower alone
     * @param sink where to put what is seen; called by the follower's thread alone
     * @param recording where to record what the sink took in, in that order; closed with the follower. If writing fails, that
     *     is an error in the log, and following goes on without
     */
    public Follower(Chain chain, ObservationSink sink, Optional<RecordingWriter> recording) {
        this(chain, sink, recording, true);
    }

    private Follower(Chain chain, ObservationSink sink, Optional<RecordingWriter> recording, boolean fetching) {
        this.chain = chain;
        this.sink = sink;
        this.recording = recording;
        this.fetching = fetching;
        this.finalityLag = chain.info().finalityLag();
        this.gaps =
                new BlockGaps(sink::has, chain.clock().realTime(FIRST_BACK_OFF).toNanos());
    }

    /**
     * Takes a whole chain in, on the calling thread, as fast as it comes. Nothing is fetched: blocks that the chain does not
     * show stay missing.
     *
     * @param chain a chain that ends, such as a {@link RecordedChain} at infinite speed
     * @param sink where to put what is seen
     * @return how it ended; {@code ended} is false if the thread was interrupted, whose flag is then set
     */
    public static FollowerProgress drain(Chain chain, ObservationSink sink) {
        return onThisThread(new Follower(chain, sink, Optional.empty(), false));
    }

    /** The whole work of a follower, on the calling thread; for a chain that ends. */
    static FollowerProgress followToTheEnd(Chain chain, ObservationSink sink) {
        return onThisThread(new Follower(chain, sink));
    }

    private static FollowerProgress onThisThread(Follower follower) {
        follower.run(follower.stopping);
        return follower.progress();
    }

    /**
     * Begins, or goes on after {@link #stop}. Does nothing if it is running.
     *
     * @throws IllegalStateException if the follower is closed
     */
    public synchronized void start() {
        if (closed) {
            throw new IllegalStateException("the follower is closed");
        }
        Thread before = thread;
        if (before != null && before.isAlive() && stopping.getCount() > 0) {
            return;
        }
        CountDownLatch stop = new CountDownLatch(1);
        stopping = stop;
        thread = new Thread(
                () -> {
                    if (before == null || joined(before)) {
                        run(stop);
                    }
                },
                "follower");
        thread.setDaemon(false);
        thread.start();
    }

    /**
     * Stops after the observation at hand, and waits for that. Does nothing if it is not running. If the waiting thread is
     * interrupted it returns at once, with its flag set; the follower stops all the same.
     */
    public void stop() {
        Thread running;
        synchronized (this) {
            stopping.countDown();
            running = thread;
        }
        if (running != null && running != Thread.currentThread()) {
            joined(running);
        }
    }

    /** Stops for good, and closes the recording. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        stop();
        recording.ifPresent(RecordingWriter::close);
    }

    /**
     * How far it is.
     *
     * @return a snapshot, at most an observation old
     */
    public FollowerProgress progress() {
        return progress;
    }

    /**
     * Whether the sink has refused this follower because another one has taken its place.
     *
     * @return true if so; it has stopped
     */
    public boolean lostItsLock() {
        return lostItsLock;
    }

    private static boolean joined(Thread thread) {
        try {
            thread.join();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void run(CountDownLatch stop) {
        markNanos = System.nanoTime();
        markObservations = observations;
        if (observations == 0) {
            beganNanos = markNanos;
        }
        try {
            while (stop.getCount() > 0 && !ended) {
                step(stop);
                publish();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (LockLost e) {
            LOG.info("Another replica follows now: {}", e.getMessage());
            lostItsLock = true;
        } catch (RecordingException | QuartermasterException e) {
            LOG.info("Following has ended: {}", e.getMessage());
            endWith(e);
        } catch (RuntimeException e) {
            LOG.error("Following has ended by an error of the program", e);
            endWith(e);
        }
        publish();
    }

    private void endWith(RuntimeException e) {
        String message = e.getMessage();
        error = Optional.of(message == null ? e.getClass().getSimpleName() : message);
        ended = true;
    }

    private void step(CountDownLatch stop) throws InterruptedException {
        Observation before = unfinished;
        if (before != null) {
            unfinished = null;
            see(before, stop);
            return;
        }
        boolean work = fetching && gaps.due(System.nanoTime()).isPresent();
        Optional<Observation> seen = next(work ? Duration.ZERO : PATIENCE, stop);
        for (int i = 1; seen.isPresent() && i < SEEN_BATCH && unfinished == null && stop.getCount() > 0; i++) {
            see(seen.get(), stop);
            seen = next(Duration.ZERO, stop);
        }
        if (seen.isPresent()) {
            see(seen.get(), stop);
        } else if (chain.ended()) {
            finish(stop);
            return;
        }
        long began = System.nanoTime();
        for (int i = 0; fetching && i < FETCH_BATCH && stop.getCount() > 0; i++) {
            OptionalLong due = gaps.due(System.nanoTime());
            if (due.isEmpty() || System.nanoTime() - began > LONGEST_BATCH.toNanos()) {
                return;
            }
            fetch(due.getAsLong(), stop);
        }
    }

    private Optional<Observation> next(Duration patience, CountDownLatch stop) throws InterruptedException {
        try {
            Optional<Observation> seen = chain.next(patience);
            failures = 0;
            return seen;
        } catch (RecordingException e) {
            throw e;
        } catch (RuntimeException e) {
            if (!fetching) {
                throw e;
            }
            LOG.warn("The chain can't be followed now, and is asked again: {}", e.toString());
            pause(failures++, stop);
            return Optional.empty();
        }
    }

    private static void pause(int before, CountDownLatch stop) throws InterruptedException {
        stop.await(RETRY_MILLIS << Math.min(before, MOST_DOUBLINGS), TimeUnit.MILLISECONDS);
    }

    private void see(Observation seen, CountDownLatch stop) throws InterruptedException {
        if (!(seen instanceof BlockSeen block)) {
            if (ingest(seen, stop) == Intake.STOPPED) {
                unfinished = seen;
            }
            return;
        }
        head = Math.max(head, block.block());
        held.put(block.block(), block);
        long current = head - finalityLag;
        while (!held.isEmpty() && held.firstKey() <= current) {
            if (ingest(held.firstEntry().getValue(), stop) == Intake.STOPPED) {
                unfinished = held.remove(block.block());
                return;
            }
            held.pollFirstEntry();
        }
        if (current >= 0) {
            gaps.moveTo(current, chain.oldestReachable());
            sayWhatIsGivenUp();
        }
    }

    private void sayWhatIsGivenUp() {
        long now = System.nanoTime();
        if (now - sayGivenUpFromNanos < 0) {
            return;
        }
        List<Long> givenUp = gaps.givenUp();
        if (!givenUp.isEmpty()) {
            sayGivenUpFromNanos = now + SAY_GIVEN_UP_EVERY.toNanos();
            LOG.warn(
                    "Blocks {} to {} are given up, {} in all: they were missing, and can no longer be had",
                    givenUp.get(0),
                    givenUp.get(givenUp.size() - 1),
                    givenUp.size());
        }
    }

    private void fetch(long number, CountDownLatch stop) throws InterruptedException {
        if (sink.has(number)) {
            // Another replica may have fetched it.
            gaps.takenIn(number);
            return;
        }
        Optional<BlockSeen> block = fetched(number);
        Intake intake = block.isPresent() ? ingest(block.get(), stop) : Intake.REFUSED;
        if (intake == Intake.REFUSED) {
            int asked = gaps.notHad(number, System.nanoTime());
            if (asked >= WARN_AFTER_ASKED) {
                report(number);
            }
        }
    }

    private Optional<BlockSeen> fetched(long number) {
        try {
            // Another block than the one that was asked for is none.
            return chain.block(number).filter(block -> block.block() == number);
        } catch (RecordingException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.debug("Block {} could not be fetched: {}", number, e.toString());
            return Optional.empty();
        }
    }

    private void report(long block) {
        if (gaps.reportOnce(block)) {
            LOG.warn("Block {} is missing: it can't be had so far", block);
        }
    }

    /** Nothing new will come, so what is missing is asked for once more, without regard to back-off. */
    private void finish(CountDownLatch stop) throws InterruptedException {
        List<Long> missing = gaps.all();
        if (fetching) {
            for (long block : missing) {
                if (stop.getCount() == 0) {
                    return;
                }
                fetch(block, stop);
            }
            gaps.all().forEach(this::report);
        } else if (!missing.isEmpty()) {
            LOG.warn("{} blocks are missing, the newest of them {}", missing.size(), missing.get(0));
        }
        ended = true;
    }

    private enum Intake {
        TAKEN,
        REFUSED,
        STOPPED
    }

    private Intake ingest(Observation observation, CountDownLatch stop) throws InterruptedException {
        for (int attempt = 0; stop.getCount() > 0; attempt++) {
            try {
                sink.ingest(observation);
                taken(observation);
                return Intake.TAKEN;
            } catch (InvalidArgument e) {
                refused++;
                LOG.warn("An observation was refused: {}", e.getMessage());
                return Intake.REFUSED;
            } catch (GridUnavailable | OutcomeUnknown e) {
                if (!fetching) {
                    throw e;
                }
                if (attempt == 0) {
                    LOG.warn("Following waits for the grid: {}", e.getMessage());
                }
                pause(attempt, stop);
            }
        }
        return Intake.STOPPED;
    }

    private void taken(Observation observation) {
        observations++;
        if (observation instanceof BlockSeen block) {
            blocks++;
            gaps.takenIn(block.block());
        }
        if (recording.isPresent() && !recordingFailed) {
            try {
                recording.get().write(observation);
            } catch (RecordingException e) {
                recordingFailed = true;
                LOG.error("Recording has stopped, following goes on: {}", e.getMessage());
            }
        }
    }

    private void publish() {
        long now = System.nanoTime();
        double seconds = Math.max((now - markNanos) / NANOS_PER_SECOND, 1e-6);
        if (ended) {
            perSecond = observations / Math.max((now - beganNanos) / NANOS_PER_SECOND, 1e-6);
        } else if (seconds >= 1 || marks == 0) {
            perSecond = (observations - markObservations) / seconds;
        }
        if (seconds >= 1 && !ended) {
            marks++;
            markNanos = now;
            markObservations = observations;
        }
        boolean begun = head - finalityLag >= 0;
        progress = new FollowerProgress(
                head,
                sink.newestBlock(),
                gaps.missingInLookback(),
                gaps.missingInArchive(),
                gaps.missing(FollowerProgress.MOST_MISSING_NAMED),
                begun ? gaps.floor() : -1,
                gaps.scanPosition(),
                begun && gaps.scanned(),
                blocks,
                observations,
                refused,
                perSecond,
                ended,
                error);
    }
}
