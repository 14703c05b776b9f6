package io.quartermaster.node.store;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of records to which one thread appends, with one fsync for all that wait. What was appended first is durable first.
 * When the file has grown, it is replaced by a snapshot, which is written aside, forced to disk and renamed. Safe for use by
 * several threads.
 *
 * <p>Format: a line of text that names the owner; then for each record its length (4 bytes), the CRC-32C of its bytes
 * (4 bytes), and the bytes. A record that was cut short by a crash at the end of the file is left out, and said so; any other
 * damage refuses the file.
 */
public final class JournalFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalFile.class);
    private static final String FORMAT = "quartermaster-journal/1";
    private static final int RECORD_HEADER = 8;
    private static final int LONGEST_RECORD = 256 << 20;
    private static final long COMPACT_AT_BYTES = 64L << 20;

    private final Path file;
    private final String header;
    private final boolean forced;
    private final FileChannel lockChannel;
    private final FileLock lock;
    private final LinkedBlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private final List<byte[]> contents = new ArrayList<>();
    private FileChannel channel;
    private long compactAtBytes = COMPACT_AT_BYTES;
    private @Nullable Thread writer;
    private volatile long slowMillis;

    private record Waiting(Bytes record, Runnable durable) {}

    /** Bytes, or none for a barrier; the last one ends the writer. */
    private static final class Bytes {
        private static final Bytes BARRIER = new Bytes(new byte[0]);
        private static final Bytes END = new Bytes(new byte[0]);
        private final byte[] bytes;

        private Bytes(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    /** What the journal asks of its owner. Called on the writer's thread. */
    public interface Owner {
        /**
         * Everything that the records so far amount to, as records. It may contain what was appended and is not written yet.
         *
         * @return records to begin a new file with
         */
        List<byte[]> snapshot();

        /** Everything that was waiting is durable, and those who waited were told. */
        void batchDone();

        /**
         * Writing has failed; nothing is durable any more, and nobody is told so.
         *
         * @param failure what went wrong
         */
        void failed(IOException failure);
    }

    private JournalFile(Path directory, String owner, boolean forced) throws IOException {
        Files.createDirectories(directory);
        this.file = directory.resolve("journal");
        this.header = FORMAT + " " + owner + "\n";
        this.forced = forced;
        this.lockChannel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        this.lock = locked(lockChannel, directory);
        this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        read();
    }

    /**
     * Opens a replica's journal, or begins it.
     *
     * @param directory where it is; made if it is not there
     * @param owner whose it is, in one line; the journal of another owner is refused
     * @param forced whether what is durable must survive the machine; else it survives the process
     * @return the journal, with what was in it
     * @throws InvalidArgument if the file is another owner's, or damaged
     * @throws GridUnavailable if another process has it open, or it can't be read
     */
    public static JournalFile open(Path directory, String owner, boolean forced) {
        try {
            return new JournalFile(directory, owner, forced);
        } catch (IOException e) {
            throw new GridUnavailable("The replica's directory " + directory + " can't be used: " + e.getMessage(), e);
        }
    }

    private static FileLock locked(FileChannel channel, Path directory) throws IOException {
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

    private void read() throws IOException {
        long size = Files.size(file);
        byte[] expected = header.getBytes(StandardCharsets.UTF_8);
        long good = 0;
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            byte[] begin = in.readNBytes(expected.length);
            boolean cutShort =
                    begin.length < expected.length && header.startsWith(new String(begin, StandardCharsets.UTF_8));
            if (cutShort) {
                size = 0;
            } else if (!header.equals(new String(begin, StandardCharsets.UTF_8))) {
                throw new InvalidArgument(
                        "directory",
                        file.toString(),
                        "the journal of this replica; it must begin with \"" + header.strip() + "\" and begins with \""
                                + new String(begin, StandardCharsets.UTF_8)
                                        .lines()
                                        .findFirst()
                                        .orElse("") + "\"");
            } else {
                good = expected.length + records(in, size - expected.length);
            }
        }
        if (good < size) {
            LOG.warn("{}: the last record was cut short by a crash; {} bytes are left out", file, size - good);
        }
        channel.truncate(good);
        channel.position(good);
        if (good == 0) {
            write(List.of(ByteBuffer.wrap(expected)));
        }
    }

    /** Reads records while they are whole; returns how many bytes those have. */
    private long records(DataInputStream in, long bytes) throws IOException {
        long good = 0;
        while (bytes - good >= RECORD_HEADER) {
            int length = in.readInt();
            int sum = in.readInt();
            long end = good + RECORD_HEADER + length;
            if (length < 0 || length > LONGEST_RECORD || end > bytes) {
                return good;
            }
            byte[] record = new byte[length];
            try {
                in.readFully(record);
            } catch (EOFException e) {
                return good;
            }
            if (sum != checksum(record)) {
                if (end == bytes) {
                    return good;
                }
                throw new InvalidArgument(
                        "directory",
                        file.toString(),
                        "an undamaged journal: the record at byte " + (header.length() + good)
                                + " does not fit its checksum, and others follow it. Move the directory away and start"
                                + " the replica again: it gets the books from the others");
            }
            contents.add(record);
            good = end;
        }
        return good;
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /**
     * What was in the file when it was opened. To be called once.
     *
     * @return the records, oldest first
     */
    public List<byte[]> contents() {
        List<byte[]> all = List.copyOf(contents);
        contents.clear();
        return all;
    }

    /**
     * Begins to write.
     *
     * @param owner asked and told on the writer's thread
     */
    public void start(Owner owner) {
        Thread thread = new Thread(() -> run(owner), "journal");
        thread.setDaemon(true);
        writer = thread;
        thread.start();
    }

    /**
     * Appends a record; returns at once.
     *
     * @param record the bytes, which must not change any more
     * @param durable called once they are durable
     */
    public void append(byte[] record, Runnable durable) {
        queue.add(new Waiting(new Bytes(record), durable));
    }

    /**
     * Waits for what was appended so far; returns at once.
     *
     * @param durable called once all of that is durable
     */
    public void barrier(Runnable durable) {
        queue.add(new Waiting(Bytes.BARRIER, durable));
    }

    private void run(Owner owner) {
        try {
            List<Waiting> batch = new ArrayList<>();
            boolean ended = false;
            while (!ended) {
                batch.add(queue.take());
                queue.drainTo(batch);
                ended = batch.stream().anyMatch(waiting -> waiting.record() == Bytes.END);
                List<ByteBuffer> records = new ArrayList<>();
                for (Waiting waiting : batch) {
                    if (waiting.record().bytes.length > 0) {
                        records.add(framed(waiting.record().bytes));
                    }
                }
                write(records);
                batch.forEach(waiting -> waiting.durable().run());
                batch.clear();
                owner.batchDone();
                if (!ended && channel.position() > compactAtBytes) {
                    compact(owner.snapshot());
                }
            }
        } catch (IOException e) {
            LOG.error("{} can't be written", file, e);
            owner.failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ByteBuffer framed(byte[] record) {
        return ByteBuffer.allocate(RECORD_HEADER + record.length)
                .putInt(record.length)
                .putInt(checksum(record))
                .put(record)
                .flip();
    }

    private void write(List<ByteBuffer> buffers) throws IOException {
        if (buffers.isEmpty()) {
            return;
        }
        ByteBuffer all = ByteBuffer.allocate(
                buffers.stream().mapToInt(ByteBuffer::remaining).sum());
        buffers.forEach(all::put);
        all.flip();
        while (all.hasRemaining()) {
            channel.write(all);
        }
        if (forced) {
            channel.force(false);
        }
        if (slowMillis > 0) {
            LockSupport.parkNanos(slowMillis * 1_000_000);
        }
    }

    private void compact(List<byte[]> snapshot) throws IOException {
        Path aside = file.resolveSibling("journal.new");
        FileChannel fresh = FileChannel.open(
                aside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        FileChannel old = channel;
        channel = fresh;
        write(List.of(ByteBuffer.wrap(header.getBytes(StandardCharsets.UTF_8))));
        for (byte[] record : snapshot) {
            write(List.of(framed(record)));
        }
        fresh.force(true);
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel parent = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            parent.force(true);
        }
        old.close();
        compactAtBytes = Math.max(COMPACT_AT_BYTES, 4 * fresh.position());
    }

    /**
     * Makes the disk slow, for fault tests.
     *
     * @param millis how much longer each write takes
     */
    public void slowDown(long millis) {
        slowMillis = millis;
    }

    /** Writes what was appended, and closes the file. */
    @Override
    public void close() {
        Thread running = writer;
        try {
            if (running != null) {
                queue.add(new Waiting(Bytes.END, () -> {}));
                running.join(5000);
            }
            channel.close();
            lock.release();
            lockChannel.close();
        } catch (IOException e) {
            LOG.warn("{} was not closed well: {}", file, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
