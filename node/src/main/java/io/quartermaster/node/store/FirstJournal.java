package io.quartermaster.node.store;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The first format that a journal ever had, which is still read: one file, a line of text that names the owner, then for each
 * record its length (4 bytes), the CRC-32C of its bytes (4 bytes), and the bytes.
 */
final class FirstJournal {
    static final String NAME = "journal";
    private static final String FORMAT = "quartermaster-journal/1";
    private static final int RECORD_HEADER = 8;

    private FirstJournal() {}

    static void read(Path file, String owner, Batches.Taking taking) throws IOException {
        String header = FORMAT + " " + owner + "\n";
        long size = Files.size(file);
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            String begin = new String(in.readNBytes(header.length()), StandardCharsets.UTF_8);
            if (!header.equals(begin)) {
                throw new StoreDamaged(
                        file,
                        "it must begin with \"" + header.strip() + "\" and begins with \""
                                + begin.lines().findFirst().orElse("") + "\"",
                        Store.OTHER_OWNER);
            }
            long good = header.length();
            while (size - good >= RECORD_HEADER) {
                int length = in.readInt();
                int sum = in.readInt();
                long end = good + RECORD_HEADER + length;
                if (length < 0 || end > size) {
                    return;
                }
                byte[] record = in.readNBytes(length);
                if (sum != Batches.checksum(record, 0, length)) {
                    if (end == size) {
                        return;
                    }
                    throw new StoreDamaged(
                            file,
                            "the record at byte " + good + " does not fit its checksum, and others follow it",
                            Store.WAY_OUT);
                }
                taking.take(record);
                good = end;
            }
        }
    }
}
