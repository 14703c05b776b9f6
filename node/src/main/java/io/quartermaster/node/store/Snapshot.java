package io.quartermaster.node.store;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.mapdb.BTreeMap;
import org.mapdb.DB;
import org.mapdb.DBException;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;

/**
 * All that a replica keeps, at one moment, as a MapDB file: a map "entries" from name to bytes. Beside it lies a text file with
 * its length and SHA-256, which makes it count: without that it was not finished. MapDB itself notices little of what can
 * happen to a file, so it is not let near one whose digest is wrong.
 */
final class Snapshot {
    private static final String FORMAT = "quartermaster-snapshot/2";
    private static final String MAP = "entries";
    private static final String DATA = ".mapdb";
    private static final String SUM = ".sum";

    private Snapshot() {}

    static Path data(Path directory, long number) {
        return directory.resolve(name(number) + DATA);
    }

    static Path sum(Path directory, long number) {
        return directory.resolve(name(number) + SUM);
    }

    private static String name(long number) {
        return String.format("snapshot-%09d", number);
    }

    /**
     * Writes a snapshot aside, reads it back, and makes it count.
     *
     * @param directory where
     * @param number which
     * @param owner whose
     * @param entries what
     * @return how many bytes the file has
     * @throws IOException if it can't be written, or is not the same when read back
     */
    static long write(Path directory, long number, String owner, SortedMap<String, byte[]> entries) throws IOException {
        Path aside = directory.resolve(name(number) + DATA + ".new");
        Files.deleteIfExists(aside);
        try {
            try (DB db = DBMaker.fileDB(aside.toFile())
                    .fileChannelEnable()
                    .fileLockDisable()
                    .make()) {
                var sink = db.treeMap(MAP, Serializer.STRING, Serializer.BYTE_ARRAY)
                        .valuesOutsideNodesEnable()
                        .createFromSink();
                entries.forEach(sink::put);
                sink.create();
            }
            requireSame(aside, entries);
        } catch (DBException e) {
            throw new IOException("The snapshot " + aside + " can't be written: " + e.getMessage(), e);
        }
        try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(aside, data(directory, number), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        long bytes = Files.size(data(directory, number));
        String text = FORMAT + " " + owner + "\nnumber " + number + "\nentries " + entries.size() + "\nbytes " + bytes
                + "\nsha256 " + digest(data(directory, number)) + "\n";
        Path sumAside = directory.resolve(name(number) + SUM + ".new");
        byte[] sum = (text + "crc32c " + crc(text) + "\n").getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel = FileChannel.open(
                sumAside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(sum));
            channel.force(true);
        }
        Files.move(sumAside, sum(directory, number), StandardCopyOption.ATOMIC_MOVE);
        Directories.force(directory);
        return bytes;
    }

    private static void requireSame(Path file, SortedMap<String, byte[]> entries) throws IOException {
        try (DB db = open(file)) {
            Iterator<Map.Entry<String, byte[]>> written = map(db).getEntries().iterator();
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                Map.Entry<String, byte[]> same = written.hasNext() ? written.next() : null;
                if (same == null
                        || !same.getKey().equals(entry.getKey())
                        || !Arrays.equals(same.getValue(), entry.getValue())) {
                    throw new IOException("The snapshot " + file + " is not what was written: at " + entry.getKey());
                }
            }
            if (written.hasNext()) {
                throw new IOException("The snapshot " + file + " has more than was written");
            }
        }
    }

    private static DB open(Path file) {
        return DBMaker.fileDB(file.toFile())
                .fileChannelEnable()
                .fileLockDisable()
                .readOnly()
                .make();
    }

    private static BTreeMap<String, byte[]> map(DB db) {
        return db.treeMap(MAP, Serializer.STRING, Serializer.BYTE_ARRAY)
                .valuesOutsideNodesEnable()
                .open();
    }

    /** Takes entries in, in order of their names. */
    interface Taking {
        void take(String name, byte[] value) throws IOException;
    }

    /**
     * Reads a snapshot.
     *
     * @param owner whose it must be; empty for anybody's
     * @return how many entries it has
     * @throws StoreDamaged if it is damaged, of another format, or another owner's
     * @throws IOException if it can't be read
     */
    static long read(Path directory, long number, String owner, Taking taking) throws IOException {
        Path sumFile = sum(directory, number);
        Path file = data(directory, number);
        Map<String, String> sum = sum(sumFile);
        if (!owner.isEmpty() && !owner.equals(sum.get(FORMAT))) {
            throw new StoreDamaged(
                    sumFile, "it belongs to \"" + sum.get(FORMAT) + "\", not to \"" + owner + "\"", Store.OTHER_OWNER);
        }
        if (!Files.exists(file)) {
            throw new StoreDamaged(
                    file, "it is missing, although " + sumFile.getFileName() + " is there", Store.WAY_OUT);
        }
        long bytes = Files.size(file);
        if (!Long.toString(bytes).equals(sum.get("bytes"))) {
            throw new StoreDamaged(
                    file, "it has " + bytes + " bytes and should have " + sum.get("bytes"), Store.WAY_OUT);
        }
        if (!digest(file).equals(sum.get("sha256"))) {
            throw new StoreDamaged(file, "it does not fit its SHA-256", Store.WAY_OUT);
        }
        long count = 0;
        try (DB db = open(file)) {
            for (Map.Entry<String, byte[]> entry : map(db).getEntries()) {
                taking.take(entry.getKey(), entry.getValue());
                count++;
            }
        } catch (DBException e) {
            throw new StoreDamaged(file, "MapDB can't read it: " + e.getMessage(), Store.WAY_OUT);
        } catch (StoreDamaged e) {
            throw e;
        } catch (IOException e) {
            throw new StoreDamaged(
                    file, "it holds what this version can't read: " + e.getMessage(), Store.OTHER_VERSION);
        }
        return count;
    }

    /** The lines of a sum file, by their first word; the owner by the format. */
    private static Map<String, String> sum(Path file) throws IOException {
        if (Files.size(file) > 4096) {
            throw new StoreDamaged(file, "it is too long to be what it should be", Store.WAY_OUT);
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        if (text.startsWith("quartermaster-snapshot/") && !text.startsWith(FORMAT + " ")) {
            throw new StoreDamaged(
                    file,
                    "it is of another format, \"" + text.lines().findFirst().orElse("") + "\"; this version writes \""
                            + FORMAT + "\"",
                    Store.OTHER_VERSION);
        }
        int end = text.lastIndexOf("crc32c ");
        if (end < 0 || !text.substring(end).equals("crc32c " + crc(text.substring(0, end)) + "\n")) {
            throw new StoreDamaged(file, "it does not fit its checksum", Store.WAY_OUT);
        }
        Map<String, String> lines = new LinkedHashMap<>();
        for (String line : List.of(text.substring(0, end).split("\n", -1))) {
            int space = line.indexOf(' ');
            if (space > 0) {
                lines.put(line.substring(0, space), line.substring(space + 1));
            }
        }
        return lines;
    }

    /** Whether it is a snapshot's own file that is damaged. */
    static boolean isOf(Path directory, long number, StoreDamaged damage) {
        return damage.file().equals(data(directory, number)) || damage.file().equals(sum(directory, number));
    }

    /** Whose a snapshot is. */
    static String owner(Path directory, long number) throws IOException {
        return String.valueOf(sum(sum(directory, number)).get(FORMAT));
    }

    private static String crc(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return String.format("%08x", Batches.checksum(bytes, 0, bytes.length));
    }

    private static String digest(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            int read;
            while ((read = in.read(buffer)) >= 0) {
                sha.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
