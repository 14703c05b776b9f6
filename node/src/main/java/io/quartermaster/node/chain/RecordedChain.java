package io.quartermaster.node.chain;

import io.quartermaster.node.chain.Observation.BlockSeen;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Plays a recording, strictly in the order of the file. A block comes when the clock reaches its time, or that of the latest
 * block before it in the file; all else comes with the block that it follows.
 *
 * <p>The clock stands at the time of the first block until {@link #next} is called for the first time. At infinite speed it
 * shows the time of the newest block so far.
 *
 * <p>{@link #block} answers from the blocks already played. A line that is wrong makes {@code next} fail with a
 * {@link RecordingException} once all before it has been given, and ever after.
 */
public final class RecordedChain implements Chain {
    /** Nothing older is ever asked for: BLOCK_EVICTION_THRESHOLD of the domain, 1.5 cycles of two epochs. */
    static final int KEPT_BLOCKS = 2166;

    private final RecordingReader recording;
    private final ChainClock clock;
    private final ConcurrentSkipListMap<Long, BlockSeen> played = new ConcurrentSkipListMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** What was read ahead of its time. */
    private final Deque<Observation> ahead = new ArrayDeque<>();

    private @Nullable RecordingException failure;
    private long dueMillis;
    private volatile long head = -1;
    private volatile boolean ended;

    /**
     * Plays a recording.
     *
     * @param recording what to play; closed with the chain
     * @param speed 1 is as recorded, 60 is sixty times as fast, {@link Double#POSITIVE_INFINITY} is without waiting
     */
    public RecordedChain(RecordingReader recording, double speed) {
        this(recording, speed, System::nanoTime);
    }

    RecordedChain(RecordingReader recording, double speed, LongSupplier nanoTime) {
        ChainClock.checked(speed);
        this.recording = recording;
        this.dueMillis = readToFirstBlock();
        this.clock = new ChainClock(dueMillis, speed, nanoTime);
    }

    /**
     * Plays a recording.
     *
     * @param file the recording
     * @param speed 1 is as recorded, 60 is sixty times as fast, {@link Double#POSITIVE_INFINITY} is without waiting
     * @return a chain at the recording's beginning
     * @throws RecordingException if the file does not begin as a recording does
     */
    public static RecordedChain open(Path file, double speed) {
        ChainClock.checked(speed);
        return new RecordedChain(RecordingReader.open(file), speed);
    }

    private long readToFirstBlock() {
        while (readAhead()) {
            if (ahead.getLast() instanceof BlockSeen block) {
                return block.timeMillis();
            }
        }
        return 0;
    }

    /** Reads one observation more; false if there is none, or it is wrong. */
    private boolean readAhead() {
        try {
            if (failure != null || !recording.hasNext()) {
                return false;
            }
            ahead.add(recording.next());
            return true;
        } catch (RecordingException e) {
            failure = e;
            return false;
        }
    }

    @Override
    public ChainInfo info() {
        return recording.header();
    }

    @Override
    public PacedClock clock() {
        return clock;
    }

    @Override
    public Optional<Observation> next(Duration patience) throws InterruptedException {
        clock.start();
        if (closed.getCount() == 0 || (ahead.isEmpty() && !readAhead())) {
            return nothingMore();
        }
        Observation next = ahead.getFirst();
        if (next instanceof BlockSeen block) {
            dueMillis = Math.max(dueMillis, block.timeMillis());
        }
        if (!waited(patience)) {
            return Optional.empty();
        }
        ahead.removeFirst();
        if (next instanceof BlockSeen block) {
            play(block);
        }
        if (ahead.isEmpty() && !readAhead() && failure == null) {
            ended = true;
        }
        return Optional.of(next);
    }

    private Optional<Observation> nothingMore() {
        ended = true;
        if (failure != null && closed.getCount() > 0) {
            throw failure;
        }
        return Optional.empty();
    }

    private boolean waited(Duration patience) throws InterruptedException {
        long wait = clock.nanosUntil(dueMillis);
        if (wait == 0) {
            return true;
        }
        return !closed.await(Math.min(wait, patience.toNanos()), TimeUnit.NANOSECONDS)
                && clock.nanosUntil(dueMillis) == 0;
    }

    private void play(BlockSeen block) {
        played.put(block.block(), block);
        clock.shown(block.timeMillis());
        head = Math.max(head, block.block());
        played.headMap(head - KEPT_BLOCKS, true).clear();
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public long head() {
        return head;
    }

    @Override
    public Optional<BlockSeen> block(long number) {
        return Optional.ofNullable(played.get(number));
    }

    /** The oldest block played that is still kept. */
    @Override
    public long oldestReachable() {
        var oldest = played.firstEntry();
        return oldest == null ? 0 : oldest.getKey();
    }

    @Override
    public void close() {
        closed.countDown();
        ended = true;
        recording.close();
    }
}
