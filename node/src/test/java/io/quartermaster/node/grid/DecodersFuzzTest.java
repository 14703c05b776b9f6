package io.quartermaster.node.grid;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.node.store.Backup;
import io.quartermaster.node.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The decoders behind the checksums: whatever bytes they get, they end soon, with a result or an {@link IOException}. The long
 * form: {@code -Dquartermaster.fuzz.inputs=10000000}.
 */
class DecodersFuzzTest {
    private static final int INPUTS = Integer.getInteger("quartermaster.fuzz.inputs", 20_000);

    @TempDir
    private Path directory;

    /** Entries as they were written by a replica, the small ones. */
    private List<Map.Entry<String, byte[]>> entries() throws IOException {
        Path file = directory.resolve("backup");
        try (InputStream in = new GZIPInputStream(
                Objects.requireNonNull(DecodersFuzzTest.class.getResourceAsStream("/formats/backup-1.gz")))) {
            Files.copy(in, file);
        }
        List<Map.Entry<String, byte[]>> entries = new ArrayList<>();
        Store.State state = BookStore.empty();
        Backup.read(file, state, count -> {});
        state.entries().forEach((name, value) -> {
            if (value.length < 4000) {
                entries.add(Map.entry(name, value));
            }
        });
        return entries;
    }

    private static byte[] damaged(byte[] good, Random random) {
        byte[] bytes = random.nextInt(5) == 0 ? Arrays.copyOf(good, random.nextInt(2 * good.length + 1)) : good.clone();
        for (int changes = random.nextInt(4); changes > 0 && bytes.length > 0; changes--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    @Test
    void anEntryOfASnapshotIsReadOrRefused() throws IOException {
        List<Map.Entry<String, byte[]>> entries = entries();
        int refused = 0;
        for (int i = 0; i < INPUTS / 2; i++) {
            Random random = new Random(i);
            Map.Entry<String, byte[]> entry = entries.get(random.nextInt(entries.size()));
            String name = random.nextInt(20) == 0 ? entry.getKey() + "?" : entry.getKey();
            try {
                BookStore.empty().entry(name, damaged(entry.getValue(), random));
            } catch (IOException e) {
                refused++;
                assertThat(e).hasMessageContaining("can't be read");
            }
        }
        assertThat(refused).isGreaterThan(INPUTS / 20);
    }

    @Test
    void aRecordOfAJournalIsReadOrRefused() throws IOException {
        List<byte[]> records = Records.journal(new Random(1));
        assertThat(records).hasSizeGreaterThan(100);
        int refused = 0;
        Store.State state = BookStore.empty();
        for (int i = 0; i < INPUTS / 2; i++) {
            Random random = new Random(i);
            try {
                state.record(damaged(records.get(random.nextInt(records.size())), random));
            } catch (IOException e) {
                refused++;
                assertThat(e).hasMessageContaining("can't be read");
            }
            if (i % 100 == 0) {
                state = BookStore.empty();
            }
        }
        assertThat(refused).isGreaterThan(INPUTS / 20);
    }
}
