package io.quartermaster.node.store;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The layout of journals and backups: a line of text that names format and owner, then batches of records. A batch is what was
 * written at once.
 *
 * <p>A batch: a mark (4 bytes), its number (8), the number of the newest batch that was known to be on disk when it was written
 * (8), the length of its body (4), the CRC-32C of the body (4), the CRC-32C of all that (4); then the body: for each record its
 * length (4) and its bytes. The number of what was on disk tells a crash from damage: a batch that a crash has cut short was
 * never on disk, so no later batch says that it was.
 */
final class Batches {
    static final int HEADER = 32;
    static final int LONGEST_BODY = 1 << 30;
    private static final int MARK = 0x514D4252;
    private static final int LONGEST_OWNER = 300;

    private Batches() {}

    /** Records as one batch. */
    static ByteBuffer batch(long number, long onDisk, List<byte[]> records) {
        int length = 0;
        for (byte[] record : records) {
            length = Math.addExact(length, Integer.BYTES + record.length);
        }
        ByteBuffer batch = ByteBuffer.allocate(HEADER + length);
        batch.position(HEADER);
        for (byte[] record : records) {
            batch.putInt(record.length).put(record);
        }
        int sum = checksum(batch.array(), HEADER, length);
        batch.putInt(0, MARK)
                .putLong(4, number)
                .putLong(12, onDisk)
                .putInt(20, length)
                .putInt(24, sum);
        batch.putInt(28, checksum(batch.array(), 0, 28));
        return batch.rewind();
    }

    static byte[] firstLine(String format, String owner) {
        return (format + " " + owner + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Takes records in, in order. */
    interface Taking {
        void take(byte[] record) throws IOException;
    }

    /**
     * How far a file is good.
     *
     * @param goodBytes where the first byte is that was not taken
     * @param bytes how long the file is
     * @param lastBatch the number of the last batch that was taken; 0 for none
     * @param records how many records were taken
     */
    record Extent(long goodBytes, long bytes, long lastBatch, long records) {
        /** Of a file that was not read. */
        static final Extent NONE = new Extent(0, 0, 0, 0);
    }

    /**
     * Reads a file as far as it is good.
     *
     * @param file the file
     * @param format what its first line must begin with, and whose files are read
     * @param owner whose it must be; empty for anybody's
     * @param taking takes the records
     * @return how far it is good; less than the file's length if a crash has cut the rest short
     * @throws StoreDamaged if it is of another format or another owner, or damaged where no crash can have damaged it
     * @throws IOException if it can't be read
     */
    static Extent read(Path file, String format, String owner, Taking taking) throws IOException {
        long size = Files.size(file);
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            String line = firstLine(in);
            long good = line.getBytes(StandardCharsets.UTF_8).length;
            requireOwn(file, line, format, owner);
            long number = 0;
            long records = 0;
            while (good < size) {
                Head head = Head.read(in.readNBytes(HEADER));
                boolean follows = head.valid() && head.number() == number + 1;
                byte[] body = follows && head.length() <= size - good - HEADER ? in.readNBytes(head.length()) : null;
                if (body == null || checksum(body, 0, body.length) != head.bodySum()) {
                    requireTorn(file, good, number + 1);
                    break;
                }
                records += split(file, good, body, taking);
                number = head.number();
                good += HEADER + body.length;
            }
            return new Extent(good, size, number, records);
        }
    }

    private record Head(boolean valid, long number, long onDisk, int length, int bodySum) {
        static final Head NONE = new Head(false, 0, 0, 0, 0);

        static Head read(byte[] bytes) {
            return bytes.length < HEADER ? NONE : read(bytes, 0);
        }

        static Head read(byte[] bytes, int at) {
            ByteBuffer in = ByteBuffer.wrap(bytes, at, HEADER).slice();
            int length = in.getInt(20);
            boolean valid = in.getInt(0) == MARK
                    && length >= 0
                    && length <= LONGEST_BODY
                    && in.getInt(28) == checksum(bytes, at, 28);
            return valid ? new Head(true, in.getLong(4), in.getLong(12), length, in.getInt(24)) : NONE;
        }
    }

    /** The first line of a file, with its end; whatever is there of it. */
    static String firstLine(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), LONGEST_OWNER)) {
            return firstLine(in);
        }
    }

    private static String firstLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int next;
        while (line.length() < LONGEST_OWNER && (next = in.read()) >= 0) {
            line.append((char) next);
            if (next == '\n') {
                break;
            }
        }
        return line.toString();
    }

    private static void requireOwn(Path file, String line, String format, String owner) throws IOException {
        String expected = format + " " + owner + "\n";
        boolean own = owner.isEmpty() ? line.startsWith(format + " ") && line.endsWith("\n") : line.equals(expected);
        if (own) {
            return;
        }
        String name = format.substring(0, format.indexOf('/') + 1);
        String shown = line.strip().replaceAll("\\P{Print}", "?");
        if (!line.startsWith(name)) {
            throw new StoreDamaged(
                    file,
                    "it does not begin with \"" + expected.strip() + "\" but with \"" + shown + "\"",
                    Store.WAY_OUT);
        }
        if (!line.startsWith(format + " ")) {
            throw new StoreDamaged(
                    file,
                    "it is of another format, \"" + shown + "\"; this version writes \"" + format + "\"",
                    Store.OTHER_VERSION);
        }
        throw new StoreDamaged(
                file,
                "it belongs to \"" + shown.substring(format.length()).strip() + "\", not to \"" + owner + "\"",
                Store.OTHER_OWNER);
    }

    /** What a crash cuts short is the end, and was never on disk. */
    private static void requireTorn(Path file, long at, long number) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(at);
            byte[] rest = in.readAllBytes();
            for (int i = 1; i + HEADER <= rest.length; i++) {
                if (rest[i] == (byte) (MARK >> 24)) {
                    Head later = Head.read(rest, i);
                    if (later.valid() && later.onDisk() >= number) {
                        throw new StoreDamaged(
                                file,
                                "what is at byte " + at + " does not fit its checksum, although it was on disk before"
                                        + " what is at byte " + (at + i),
                                Store.WAY_OUT);
                    }
                }
            }
        }
    }

    private static int split(Path file, long at, byte[] body, Taking taking) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(body);
        List<byte[]> records = new ArrayList<>();
        try {
            while (in.hasRemaining()) {
                int length = in.getInt();
                if (length < 0 || length > in.remaining()) {
                    throw new BufferUnderflowException();
                }
                byte[] record = new byte[length];
                in.get(record);
                records.add(record);
            }
        } catch (BufferUnderflowException e) {
            throw new StoreDamaged(file, "the records of the batch at byte " + at + " do not fill it", Store.WAY_OUT);
        }
        for (byte[] record : records) {
            try {
                taking.take(record);
            } catch (StoreDamaged e) {
                throw e;
            } catch (IOException e) {
                throw new StoreDamaged(
                        file,
                        "the batch at byte " + at + " holds what this version can't read: " + e.getMessage(),
                        Store.OTHER_VERSION);
            }
        }
        return records.size();
    }

    static int checksum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
