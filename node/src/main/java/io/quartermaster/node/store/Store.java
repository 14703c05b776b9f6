package io.quartermaster.node.store;

import io.quartermaster.api.GridUnavailable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a replica must not forget, in a directory of its own: a journal of records, to which one thread appends, with one fsync
 * for all that wait; and snapshots of what the records amount to, so that a start need not read them all.
 *
 * <p>Journals are numbered. Snapshot n is what the journals before journal n amount to. When a journal has grown to a quarter of
 * the last snapshot, so that at most five bytes are written for each that is appended, the next one is begun; in the
 * background the last snapshot and the journal are then read back from disk, and what they amount to is written as the next
 * snapshot, checked, and counts from then on. So a snapshot never depends on what is in memory, and one that can't be read
 * leaves everything as it was. The last two are kept with the journals that follow them: if the newer one is damaged, the older
 * one says the same.
 *
 * <p>If the disk can't be written to, because it is full for example, nothing is durable meanwhile and nobody is told so; the
 * writer tries again until it can. Safe for use by several threads.
 */
public final class Store implements AutoCloseable {
    /** The format of journals. */
    public static final String FORMAT = "quartermaster-journal/2";

    static final String WAY_OUT =
            "Move the replica's directory away and start the replica again: it gets its books from the"
                    + " others. If no majority of the replicas has good files, restore a backup";

    static final String OTHER_OWNER = "Each replica has a directory of its own: see --data, --grid and --replica";
    static final String OTHER_VERSION = "Use the version that has written it, or a newer one";

    static final Pattern JOURNALS = Pattern.compile("journal-(\\d{9})");
    static final Pattern SNAPSHOTS = Pattern.compile("snapshot-(\\d{9})\\.sum");

    private static final Logger LOG = LoggerFactory.getLogger(Store.class);
    private static final long LEAST_JOURNAL_BYTES = 64L << 20;

    /** A snapshot is written whole, however little has changed, so it is not worth its while before the journal has grown so much. */
    private static final int JOURNALS_TO_A_SNAPSHOT = 4;

    private static final int LARGEST_BATCH = 8 << 20;
    private static final long MOST_QUEUED_BYTES = 512L << 20;
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** Between two forces that nobody waits for. A promise of 100 ms has to hold a force that is under way, this, and a force. */
    private static final long FORCE_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** With a disk that falls behind by more than that, nothing is called durable that it does not have. */
    private static final long MOST_UNFORCED_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long UNFINISHED_SECONDS = 30;

    private final Path directory;
    private final String owner;
    private final Durability durability;
    private final Supplier<? extends State> fresh;
    private final FileChannel lockChannel;
    private final FileLock lock;
    private final LinkedBlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final ScheduledExecutorService forcing;
    private final Snapshots snapshots;
    private final Unforced unforced = new Unforced();
    private final long leastJournalBytes;
    private @Nullable State state;
    private FileChannel channel;
    private long journal;
    private volatile long batch;
    private volatile long batchOnDisk;
    private volatile @Nullable Thread writer;
    private volatile long slowMillis;
    private volatile boolean closing;
    private volatile Optional<String> trouble = Optional.empty();

    /** Trouble that does not pass. */
    private volatile Optional<String> failed = Optional.empty();

    private final AtomicBoolean failing = new AtomicBoolean();

    private volatile long journalPosition;

    /** What records and snapshots amount to. Used by one thread. */
    public interface State {
        /**
         * Takes in an entry of a snapshot, before any record.
         *
         * @param name its name
         * @param value its bytes
         * @throws IOException if it can't be understood
         */
        void entry(String name, byte[] value) throws IOException;

        /**
         * Takes in a record.
         *
         * @param bytes its bytes
         * @throws IOException if it can't be understood
         */
        void record(byte[] bytes) throws IOException;

        /**
         * All that is known, as a snapshot. To be called once, at the end: the state may be used up by it.
         *
         * @return bytes by name
         */
        SortedMap<String, byte[]> entries();
    }

    /** Told by the store what happens. Called on the store's threads. */
    public interface Listener {
        /** Everything that was waiting is durable, and those who waited were told. */
        void batchDone();

        /**
         * A batch is durable.
         *
         * @param records how many records were in it
         * @param nanos how long that took, with all attempts
         */
        default void written(int records, long nanos) {}

        /**
         * What was promised can't be kept any more, or nobody can be told of it; nothing more is written. {@link Store#trouble} says
         * so, too, from now on.
         *
         * @param failure what went wrong
         */
        void failed(Throwable failure);
    }

    private record Waiting(Kind kind, Bytes record, Runnable durable) {}

    private enum Kind {
        RECORD,
        BARRIER,
        END
    }

    /** An array with the identity of an object. */
    private static final class Bytes {
        private static final Bytes NONE = new Bytes(new byte[0]);
        private final byte[] array;

        private Bytes(byte[] array) {
            this.array = array;
        }
    }

    private Store(
            Path directory,
            String owner,
            Durability durability,
            long leastJournalBytes,
            Supplier<? extends State> fresh)
            throws IOException {
        this.directory = directory;
        this.owner = owner;
        this.durability = durability;
        this.leastJournalBytes = leastJournalBytes;
        this.fresh = fresh;
        Files.createDirectories(directory);
        this.lockChannel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        this.lock = locked(lockChannel, directory);
        this.forcing = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "journal-forcing");
            thread.setDaemon(true);
            return thread;
        });
        this.snapshots = new Snapshots(directory, owner, fresh);
        try {
            Recovery.Loaded loaded = load();
            this.state = loaded.state();
            this.journal = loaded.lastJournal();
            this.channel = Files.exists(journal(directory, journal)) ? goOn(loaded.end()) : begin(journal);
            this.journalPosition = channel.position();
            snapshots.found(loaded.entriesBytes());
        } catch (IOException | RuntimeException e) {
            lock.release();
            lockChannel.close();
            throw e;
        }
    }

    /**
     * Opens a replica's store, or begins it.
     *
     * @param directory where it is; made if it is not there
     * @param owner whose it is, in one line; the files of another owner are refused
     * @param durability when what is appended counts as durable
     * @param fresh makes an empty state
     * @return the store, with what was in it
     * @throws GridUnavailable if another process has it open, a file is damaged or another owner's, or it can't be read
     */
    public static Store open(Path directory, String owner, Durability durability, Supplier<? extends State> fresh) {
        return open(directory, owner, durability, LEAST_JOURNAL_BYTES, fresh);
    }

    static Store open(
            Path directory,
            String owner,
            Durability durability,
            long leastJournalBytes,
            Supplier<? extends State> fresh) {
        try {
            return new Store(directory, owner, durability, leastJournalBytes, fresh);
        } catch (StoreDamaged e) {
            throw new GridUnavailable(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new GridUnavailable("The replica's directory " + directory + " can't be used: " + e.getMessage(), e);
        }
    }

    static FileLock locked(FileChannel channel, Path directory) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return lock;
            }
        } catch (OverlappingFileLockException e) {
            LOG.debug("The directory is open in this process", e);
        }
        channel.close();
        throw new GridUnavailable("The replica's directory " + directory + " is in use by another replica");
    }

    static Path journal(Path directory, long number) {
        return directory.resolve(String.format("journal-%09d", number));
    }

    // Reading

    private Recovery.Loaded load() throws IOException {
        SortedSet<Long> journals = Directories.numbers(directory, JOURNALS);
        SortedSet<Long> known = Directories.numbers(directory, SNAPSHOTS);
        Path first = directory.resolve(FirstJournal.NAME);
        if (Files.exists(first)) {
            return new Recovery.Loaded(convert(first, journals, known), 0, 1, Batches.Extent.NONE, List.of());
        }
        if (journals.isEmpty() && known.isEmpty()) {
            return new Recovery.Loaded(fresh.get(), 0, 1, Batches.Extent.NONE, List.of());
        }
        Recovery.Loaded loaded = Recovery.load(directory, owner, fresh, journals, known);
        for (long damaged : loaded.damagedSnapshots()) {
            // It does not count any more, and whoever wants to know what happened can look at it.
            Path sum = Snapshot.sum(directory, damaged);
            LOG.warn("{} is renamed to {}.damaged; an older snapshot and the journals say the same", sum, sum);
            Files.move(sum, sum.resolveSibling(sum.getFileName() + ".damaged"), StandardCopyOption.REPLACE_EXISTING);
        }
        if (loaded.end().goodBytes() < loaded.end().bytes()) {
            LOG.warn(
                    "{}: the last write was cut short by a crash; {} bytes that were never on disk are left out",
                    journal(directory, loaded.lastJournal()),
                    loaded.end().bytes() - loaded.end().goodBytes());
        }
        return loaded;
    }

    /** From the first format to this one. A crash on the way leaves the old file, from which it is done again. */
    private State convert(Path first, SortedSet<Long> journals, SortedSet<Long> known) throws IOException {
        for (long number : journals) {
            Files.delete(journal(directory, number));
        }
        for (long number : known) {
            Files.delete(Snapshot.sum(directory, number));
        }
        State old = fresh.get();
        FirstJournal.read(first, owner, old::record);
        Snapshot.write(directory, 1, owner, old.entries());
        State converted = fresh.get();
        Snapshot.read(directory, 1, owner, converted::entry);
        begin(1).close();
        Files.move(first, directory.resolve("journal.before"), StandardCopyOption.ATOMIC_MOVE);
        Directories.force(directory);
        LOG.info("{} was of the first format and has been converted; it is kept as journal.before", first);
        return converted;
    }

    /** Goes on where the last journal ends. */
    private FileChannel goOn(Batches.Extent end) throws IOException {
        FileChannel last = FileChannel.open(journal(directory, journal), StandardOpenOption.WRITE);
        if (end.goodBytes() > 0) {
            last.truncate(end.goodBytes());
        }
        last.position(last.size());
        last.force(true);
        batch = end.lastBatch();
        batchOnDisk = batch;
        return last;
    }

    /** Begins a journal; it is there with its first line, or not at all. */
    private FileChannel begin(long number) throws IOException {
        Path aside = directory.resolve("journal.new");
        FileChannel next = FileChannel.open(
                aside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        try {
            writeFully(next, ByteBuffer.wrap(Batches.firstLine(FORMAT, owner)));
            next.force(true);
            Files.move(aside, journal(directory, number), StandardCopyOption.ATOMIC_MOVE);
            Directories.force(directory);
            return next;
        } catch (IOException e) {
            next.close();
            throw e;
        }
    }

    /**
     * What was in the store when it was opened. To be called once.
     *
     * @return the state
     */
    public State state() {
        State found = state;
        if (found == null) {
            throw new IllegalStateException("What was in the store was taken before");
        }
        state = null;
        return found;
    }

    // Writing

    /**
     * Begins to write.
     *
     * @param listener told what happens
     */
    public void start(Listener listener) {
        Thread thread = new Thread(() -> run(listener), "journal");
        thread.setDaemon(true);
        writer = thread;
        thread.start();
        if (durability == Durability.REPLICATED) {
            var unusedForcing = forcing.scheduleWithFixedDelay(
                    () -> forceNowAndThen(listener), FORCE_AFTER_NANOS, FORCE_AFTER_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    /**
     * Appends a record; returns at once.
     *
     * @param record the bytes, which must not change any more
     * @param durable called once they are durable
     */
    public void append(byte[] record, Runnable durable) {
        queuedBytes.addAndGet(record.length);
        queue.add(new Waiting(Kind.RECORD, new Bytes(record), durable));
    }

    /**
     * Waits for what was appended so far; returns at once.
     *
     * @param durable called once all of that is durable
     */
    public void barrier(Runnable durable) {
        queue.add(new Waiting(Kind.BARRIER, Bytes.NONE, durable));
    }

    /**
     * Why nothing becomes durable now.
     *
     * @return in words; empty if all is well
     */
    public Optional<String> trouble() {
        return failed.isPresent() ? failed : trouble;
    }

    /**
     * With {@link Durability#REPLICATED}, the longest time that anything was not on disk after it was called durable.
     *
     * @return nanoseconds
     */
    public long worstUnforcedNanos() {
        return unforced.worstNanos();
    }

    /**
     * How the store does.
     *
     * @return as of now
     */
    public StoreFigures figures() {
        return new StoreFigures(
                queue.size(),
                queuedBytes.get(),
                journalPosition,
                snapshots.bytes(),
                snapshots.atMillis(),
                snapshots.failed(),
                directory.toFile().getUsableSpace(),
                trouble().isPresent());
    }

    private void run(Listener listener) {
        try {
            List<Waiting> waiting = new ArrayList<>();
            boolean ended = false;
            while (!ended) {
                waiting.add(queue.take());
                int bytes = waiting.get(0).record().array.length;
                Waiting next = queue.peek();
                while (next != null && bytes + next.record().array.length <= LARGEST_BATCH) {
                    waiting.add(queue.remove());
                    bytes += next.record().array.length;
                    next = queue.peek();
                }
                if (failed.isPresent()) {
                    return;
                }
                ended = waiting.stream().anyMatch(one -> one.kind() == Kind.END);
                List<byte[]> records = waiting.stream()
                        .filter(one -> one.kind() == Kind.RECORD)
                        .map(one -> one.record().array)
                        .toList();
                if (!records.isEmpty()) {
                    long began = System.nanoTime();
                    write(records);
                    journalPosition = channel.position();
                    listener.written(records.size(), System.nanoTime() - began);
                }
                waiting.forEach(one -> one.durable().run());
                waiting.clear();
                queuedBytes.addAndGet(-bytes);
                listener.batchDone();
                if (!ended && channel.position() > journalLimit()) {
                    rotate();
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            // Also what whoever was told has thrown: a journal whose thread is gone would look as if all were well.
            fail(e, listener);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The first reason counts, and is told once: that of the writer, or of whoever forces what it wrote. */
    private void fail(Throwable e, Listener listener) {
        if (!failing.compareAndSet(false, true)) {
            return;
        }
        LOG.error("{} is written no more", journal(directory, journal), e);
        failed = Optional.of(words(e));
        listener.failed(e);
    }

    private String words(Throwable e) {
        return "this replica's journal in " + directory + " can't be written: " + e.getMessage();
    }

    /** Writes a batch, however often that must be tried. */
    private void write(List<byte[]> records) throws IOException {
        long number = batch + 1;
        ByteBuffer bytes = Batches.batch(number, batchOnDisk, records);
        long begin = channel.position();
        boolean written = false;
        while (!written) {
            try {
                writeFully(channel, bytes.rewind());
                if (durability == Durability.FSYNC) {
                    channel.force(false);
                    slowly();
                }
                written = true;
            } catch (IOException e) {
                if (trouble.isEmpty()) {
                    LOG.error("{}; this will be tried again", words(e));
                }
                trouble = Optional.of(words(e));
                if (closing || queuedBytes.get() > MOST_QUEUED_BYTES) {
                    throw e;
                }
                takeBack(begin);
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
        batch = number;
        if (durability == Durability.FSYNC) {
            batchOnDisk = batch;
        } else {
            unforced.written();
            if (unforced.nanos() > MOST_UNFORCED_NANOS) {
                force();
            }
        }
        if (trouble.isPresent()) {
            LOG.info("The journal in {} can be written again", directory);
            trouble = Optional.empty();
        }
    }

    /** Part of a batch may have been written; what follows must not come after it. */
    private void takeBack(long begin) {
        try {
            channel.truncate(begin);
            channel.position(begin);
        } catch (IOException e) {
            LOG.debug("The part that was written will be written over", e);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private void slowly() {
        if (slowMillis > 0) {
            LockSupport.parkNanos(slowMillis * 1_000_000);
        }
    }

    private void forceNowAndThen(Listener listener) {
        try {
            do {
                force();
            } while (unforced.nanos() > FORCE_AFTER_NANOS);
        } catch (IOException | RuntimeException e) {
            // What was called durable may be gone, and can't be told from what is not.
            fail(e, listener);
        }
    }

    private synchronized void force() throws IOException {
        if (unforced.begin()) {
            long written = batch;
            channel.force(false);
            slowly();
            batchOnDisk = Math.max(batchOnDisk, written);
            unforced.done();
        }
    }

    // From journal to journal

    /** Replaces the journals by a snapshot. Only before {@link #start}. */
    void compact() throws IOException {
        nextJournal();
        snapshots.make(journal);
    }

    /** How large a journal becomes before the next one is begun, in bytes. */
    long journalLimit() {
        return Math.max(leastJournalBytes, snapshots.entriesBytes() / JOURNALS_TO_A_SNAPSHOT);
    }

    private void rotate() throws IOException {
        // A disk that can't do this is worse than one that has no room for another file.
        force();
        try {
            nextJournal();
        } catch (IOException e) {
            LOG.warn("The next journal can't be begun yet, this one goes on: {}", e.toString());
            return;
        }
        snapshots.want(journal);
    }

    /** All of the old one is on disk, and nothing is forced to it meanwhile. */
    private synchronized void nextJournal() throws IOException {
        FileChannel full = channel;
        channel = begin(journal + 1);
        full.close();
        journal++;
        batch = 0;
        batchOnDisk = 0;
    }

    /**
     * Makes the disk slow, for fault tests.
     *
     * @param millis how much longer each write to it takes
     */
    public void slowDown(long millis) {
        slowMillis = millis;
    }

    /** Writes what was appended, and closes the files. */
    @Override
    public void close() {
        Thread running = writer;
        try {
            if (running != null) {
                queue.add(new Waiting(Kind.END, Bytes.NONE, () -> {}));
                closing = trouble.isPresent();
                running.join(5000);
            }
            closing = true;
            forcing.shutdown();
            if (!forcing.awaitTermination(UNFINISHED_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("The disk of {} still does not answer", directory);
            }
            snapshots.finish();
            FileChannel last = channel;
            // Whatever the disk says, the directory is free for the next who opens it.
            try (lockChannel;
                    last) {
                if (last.isOpen()) {
                    last.force(false);
                }
            }
        } catch (IOException e) {
            LOG.warn("{} was not closed well: {}", directory, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
