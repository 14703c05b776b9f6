package io.quartermaster.node.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.LongConsumer;

/**
 * All that a grid keeps, in one file, whose layout is that of a journal: batches of records, each a name and its bytes, and at
 * the end one without a name that says how many there were. A file without that end is not whole, and is refused.
 */
public final class Backup {
    /** The format of backups. */
    public static final String FORMAT = "quartermaster-backup/1";

    private static final int BATCH_BYTES = 1 << 20;

    private Backup() {}

    /**
     * Writes a backup.
     *
     * @param out where to; not closed
     * @param owner whose books they are, in one line
     * @param entries what is kept, by name
     * @throws IOException if it can't be written
     */
    public static void write(OutputStream out, String owner, SortedMap<String, byte[]> entries) throws IOException {
        out.write(Batches.firstLine(FORMAT, owner));
        List<byte[]> records = new ArrayList<>();
        int bytes = 0;
        long batch = 0;
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
            byte[] record = record(entry.getKey(), entry.getValue());
            records.add(record);
            bytes += record.length;
            if (bytes >= BATCH_BYTES) {
                out.write(Batches.batch(batch + 1, batch, records).array());
                batch++;
                records.clear();
                bytes = 0;
            }
        }
        records.add(record(
                "", ByteBuffer.allocate(Long.BYTES).putLong(entries.size()).array()));
        out.write(Batches.batch(batch + 1, batch, records).array());
    }

    private static byte[] record(String name, byte[] value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF(name);
        out.write(value);
        return bytes.toByteArray();
    }

    /**
     * Reads a backup.
     *
     * @param file the backup
     * @param state takes the entries in
     * @param progress told after each entry how many there were
     * @return how many entries it has
     * @throws StoreDamaged if it is damaged, not whole, or of another format
     * @throws IOException if it can't be read
     */
    public static long read(Path file, Store.State state, LongConsumer progress) throws IOException {
        long[] count = {0};
        boolean[] ended = {false};
        Batches.Extent extent = Batches.read(file, FORMAT, "", record -> {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(record));
            try {
                String name = in.readUTF();
                byte[] value = in.readAllBytes();
                if (name.isEmpty()) {
                    ended[0] =
                            value.length == Long.BYTES && ByteBuffer.wrap(value).getLong() == count[0];
                } else {
                    state.entry(name, value);
                    progress.accept(++count[0]);
                }
            } catch (EOFException | UTFDataFormatException e) {
                throw new IOException("a record without a name", e);
            }
        });
        if (!ended[0] || extent.goodBytes() < extent.bytes()) {
            throw new StoreDamaged(
                    file,
                    "it is not whole: it is good for " + count[0] + " entries and " + extent.goodBytes() + " of "
                            + extent.bytes() + " bytes",
                    "Take another backup");
        }
        return count[0];
    }

    /**
     * Begins the directory of a replica that has not been started yet.
     *
     * @param directory the replica's directory, which must be empty or not there
     * @param owner whose it becomes
     * @param entries what the replica begins with, by name
     * @throws IOException if the directory is not empty or can't be written
     */
    public static void restore(Path directory, String owner, SortedMap<String, byte[]> entries) throws IOException {
        Files.createDirectories(directory);
        if (!Directories.files(directory).isEmpty()) {
            throw new StoreDamaged(
                    directory, "it is not empty", "A backup is restored into an empty directory: move this one away");
        }
        Files.write(Store.journal(directory, 1), Batches.firstLine(Store.FORMAT, owner));
        Snapshot.write(directory, 1, owner, entries);
    }
}
