package io.quartermaster.node.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files with random damage. Whatever it is, reading ends, and ends in one of two ways: the file is refused, or what is read is
 * what was written, without what a crash can have cut off the end. The long form: {@code -Dquartermaster.fuzz.inputs=10000000}.
 */
class FilesFuzzTest {
    private static final int INPUTS = Integer.getInteger("quartermaster.fuzz.inputs", 20_000);

    @TempDir
    private Path directory;

    private final List<String> written = new ArrayList<>();
    private byte[] journal = {};
    private byte[] firstJournal = {};
    private byte[] backup = {};

    @BeforeEach
    void write() throws IOException {
        Random random = new Random(1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(Batches.firstLine(Store.FORMAT, "anna"));
        StoreTest.Texts texts = new StoreTest.Texts();
        for (int batch = 1; batch <= 12; batch++) {
            List<byte[]> records = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                String text = "record " + written.size() + " " + "x".repeat(random.nextInt(40));
                written.add(text);
                records.add(text.getBytes(StandardCharsets.UTF_8));
                texts.record(text.getBytes(StandardCharsets.UTF_8));
            }
            out.write(Batches.batch(batch, batch - 1, records).array());
        }
        journal = out.toByteArray();
        firstJournal = FirstFormat.journal("anna", written);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        Backup.write(whole, "grid test", texts.entries());
        backup = whole.toByteArray();
    }

    private static byte[] damaged(byte[] good, Random random) {
        byte[] bytes = good.clone();
        switch (random.nextInt(6)) {
            case 0 -> {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            case 1 -> {
                return Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(200));
            }
            case 2 -> {
                // A piece is missing, or there twice.
                int from = random.nextInt(bytes.length);
                int to = random.nextInt(bytes.length);
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                out.write(bytes, 0, from);
                out.write(bytes, to, bytes.length - to);
                return out.toByteArray();
            }
            case 3 -> {
                int length = 1 + random.nextInt(64);
                int at = random.nextInt(bytes.length - length);
                System.arraycopy(bytes, random.nextInt(bytes.length - length), bytes, at, length);
                return bytes;
            }
            default -> {
                for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                return bytes;
            }
        }
    }

    private List<String> read(Path file, byte[] bytes, boolean first) throws IOException {
        Files.write(file, bytes);
        List<String> read = new ArrayList<>();
        Batches.Taking taking = record -> read.add(new String(record, StandardCharsets.UTF_8));
        if (first) {
            FirstJournal.read(file, "anna", taking);
        } else {
            Batches.read(file, Store.FORMAT, "anna", taking);
        }
        return read;
    }

    @Test
    void aDamagedJournalIsRefusedOrReadAsFarAsItWasWritten() throws IOException {
        Path file = directory.resolve("journal");
        int refused = 0;
        for (int i = 0; i < INPUTS / 4; i++) {
            byte[] bytes = damaged(journal, new Random(i));
            try {
                List<String> read = read(file, bytes, false);
                assertThat(read).as("input %d", i).isEqualTo(written.subList(0, read.size()));
            } catch (StoreDamaged damage) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(INPUTS / 20);
    }

    /** A change that leaves the length as it was is never taken for a crash, but in the last batch. */
    @Test
    void bitsThatFlipBeforeTheLastBatchAreNeverTakenForACrash() throws IOException {
        Path file = directory.resolve("journal");
        int last = journal.length - Batches.HEADER - 250;
        for (int i = 0; i < INPUTS / 4; i++) {
            Random random = new Random(i);
            byte[] bytes = journal.clone();
            bytes[random.nextInt(last)] ^= (byte) (1 << random.nextInt(8));
            try {
                read(file, bytes, false);
                assertThat(bytes).as("input %d is accepted", i).isEqualTo(journal);
            } catch (StoreDamaged damage) {
                assertThat(damage).hasMessageContaining(file.toString());
            }
        }
    }

    @Test
    void aDamagedJournalOfTheFirstFormatIsRefusedOrReadAsFarAsItWasWritten() throws IOException {
        Path file = directory.resolve("first");
        int refused = 0;
        for (int i = 0; i < INPUTS / 4; i++) {
            byte[] bytes = damaged(firstJournal, new Random(i));
            try {
                List<String> read = read(file, bytes, true);
                read.removeIf(String::isEmpty);
                assertThat(read).as("input %d", i).allMatch(written::contains);
            } catch (StoreDamaged damage) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(INPUTS / 20);
    }

    @Test
    void aDamagedBackupIsRefused() throws IOException {
        Path file = directory.resolve("backup");
        for (int i = 0; i < INPUTS / 4; i++) {
            byte[] bytes = damaged(backup, new Random(i));
            Files.write(file, bytes);
            StoreTest.Texts texts = new StoreTest.Texts();
            try {
                Backup.read(file, texts, count -> {});
                // The first line says whose it was, for people; what counts is all there.
                assertThat(texts.entries().values().stream()
                                .map(text -> new String(text, StandardCharsets.UTF_8))
                                .toList())
                        .as("input %d is accepted", i)
                        .isEqualTo(written);
            } catch (StoreDamaged damage) {
                assertThat(damage).hasMessageContaining(file.toString());
            }
        }
    }

    @Test
    void aDamagedSnapshotIsRefused() throws IOException {
        StoreTest.Texts texts = new StoreTest.Texts();
        written.forEach(text -> texts.record(text.getBytes(StandardCharsets.UTF_8)));
        Snapshot.write(directory, 7, "anna", texts.entries());
        byte[] sum = Files.readAllBytes(Snapshot.sum(directory, 7));
        byte[] data = Files.readAllBytes(Snapshot.data(directory, 7));
        for (int i = 0; i < Math.min(INPUTS / 200, 2000); i++) {
            Random random = new Random(i);
            boolean inSum = random.nextBoolean();
            byte[] bytes = damaged(inSum ? sum : data, random);
            boolean same = Arrays.equals(bytes, inSum ? sum : data);
            Files.write(inSum ? Snapshot.sum(directory, 7) : Snapshot.data(directory, 7), bytes);
            StoreTest.Texts read = new StoreTest.Texts();
            try {
                Snapshot.read(directory, 7, "anna", read::entry);
                assertThat(same).as("input %d is accepted", i).isTrue();
            } catch (StoreDamaged damage) {
                assertThat(damage).hasMessageContaining("snapshot-000000007");
            }
            Files.write(Snapshot.sum(directory, 7), sum);
            Files.write(Snapshot.data(directory, 7), data);
        }
    }
}
