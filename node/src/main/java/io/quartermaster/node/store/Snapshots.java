package io.quartermaster.node.store;

import io.quartermaster.node.store.Store.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the snapshots of a store, one at a time, in the background. Each is made of what can be read back from disk. Safe for use by
 * several threads.
 */
final class Snapshots {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);
    private static final long NONE = 0;
    private static final long UNFINISHED_SECONDS = 30;

    private final Path directory;
    private final String owner;
    private final Supplier<? extends State> fresh;
    private final ExecutorService maker = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "snapshots");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicLong wanted = new AtomicLong(NONE);
    private final LongAdder failed = new LongAdder();
    private volatile long entriesBytes;
    private volatile long bytes;
    private volatile long atMillis;

    /**
     * Makes nothing yet.
     *
     * @param directory the store's
     * @param owner whose it is
     * @param fresh makes an empty state
     */
    Snapshots(Path directory, String owner, Supplier<? extends State> fresh) {
        this.directory = directory;
        this.owner = owner;
        this.fresh = fresh;
    }

    /**
     * Looks at what is there.
     *
     * @param entriesBytes how many bytes the entries of the newest have
     */
    void found(long entriesBytes) throws IOException {
        this.entriesBytes = entriesBytes;
        SortedSet<Long> snapshots = Directories.numbers(directory, Store.SNAPSHOTS);
        if (!snapshots.isEmpty()) {
            Path newest = Snapshot.data(directory, snapshots.last());
            bytes = Files.size(newest);
            atMillis = Files.getLastModifiedTime(newest).toMillis();
        }
    }

    /**
     * Asks for a snapshot; returns at once. If another one is being made meanwhile, only the newest that was asked for follows it:
     * it has all that those before it would have.
     *
     * @param number the first journal that is not in it
     */
    void want(long number) {
        wanted.set(number);
        maker.execute(() -> {
            long newest = wanted.getAndSet(NONE);
            if (newest == NONE) {
                return;
            }
            try {
                make(newest);
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                failed.increment();
                LOG.error("Snapshot {} was not made; the journals are kept: {}", newest, e.getMessage(), e);
            }
        });
    }

    /**
     * Makes a snapshot of all journals before one, and leaves out what two snapshots don't need.
     *
     * @param number the first journal that is not in it
     */
    void make(long number) throws IOException {
        long began = System.nanoTime();
        SortedMap<String, byte[]> entries = Recovery.load(
                        directory,
                        owner,
                        fresh,
                        Directories.numbers(directory, Store.JOURNALS).headSet(number),
                        Directories.numbers(directory, Store.SNAPSHOTS))
                .state()
                .entries();
        long size = entries.values().stream().mapToLong(value -> value.length).sum();
        Snapshot.write(directory, number, owner, entries);
        LOG.info(
                "Snapshot {}: {} entries, {} bytes, {} ms",
                number,
                entries.size(),
                size,
                (System.nanoTime() - began) / 1_000_000);
        leaveOutOld();
        found(size);
    }

    private void leaveOutOld() throws IOException {
        SortedSet<Long> snapshots = Directories.numbers(directory, Store.SNAPSHOTS);
        if (snapshots.size() < 2) {
            return;
        }
        long oldest = new ArrayList<>(snapshots).get(snapshots.size() - 2);
        for (long old : snapshots.headSet(oldest)) {
            Files.delete(Snapshot.sum(directory, old));
            Files.deleteIfExists(Snapshot.data(directory, old));
        }
        for (long old : Directories.numbers(directory, Store.JOURNALS).headSet(oldest)) {
            Files.delete(Store.journal(directory, old));
        }
    }

    /** Of the newest one's entries, before they are put into a file; 0 before the first. */
    long entriesBytes() {
        return entriesBytes;
    }

    /** Of the newest one's file; 0 before the first. */
    long bytes() {
        return bytes;
    }

    /** When the newest one was made, in Unix milliseconds; 0 before the first. */
    long atMillis() {
        return atMillis;
    }

    /** How many could not be made. */
    long failed() {
        return failed.sum();
    }

    /** Finishes what was asked for, if that does not take too long. */
    void finish() throws InterruptedException {
        maker.shutdown();
        if (!maker.awaitTermination(UNFINISHED_SECONDS, TimeUnit.SECONDS)) {
            LOG.warn("A snapshot is left unfinished");
        }
    }
}
