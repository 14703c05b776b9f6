package io.quartermaster.node.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalFileTest {
    @TempDir
    private Path directory;

    private final List<String> snapshot = new ArrayList<>();

    private JournalFile open(String owner) {
        return JournalFile.open(directory, owner, true);
    }

    private JournalFile started(JournalFile journal) {
        journal.start(new JournalFile.Owner() {
            @Override
            public List<byte[]> snapshot() {
                return snapshot.stream().map(JournalFileTest::bytes).toList();
            }

            @Override
            public void batchDone() {}

            @Override
            public void failed(IOException failure) {
                throw new IllegalStateException(failure);
            }
        });
        return journal;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void append(JournalFile journal, String... records) throws InterruptedException {
        CountDownLatch durable = new CountDownLatch(records.length);
        for (String record : records) {
            journal.append(bytes(record), durable::countDown);
        }
        assertThat(durable.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private List<String> reread() {
        try (JournalFile journal = open("anna")) {
            return journal.contents().stream()
                    .map(record -> new String(record, StandardCharsets.UTF_8))
                    .toList();
        }
    }

    private void written(String... records) throws Exception {
        try (JournalFile journal = started(open("anna"))) {
            append(journal, records);
        }
    }

    @Test
    void whatWasDurableIsReadBackInOrder() throws Exception {
        written("one", "two");
        written("three");

        assertThat(reread()).containsExactly("one", "two", "three");
    }

    @Test
    void whoeverWaitsIsToldInOrder() throws Exception {
        List<String> told = new ArrayList<>();
        try (JournalFile journal = started(open("anna"))) {
            CountDownLatch done = new CountDownLatch(1);
            journal.append(bytes("one"), () -> told.add("one"));
            journal.barrier(() -> told.add("barrier"));
            journal.append(bytes("two"), () -> told.add("two"));
            journal.barrier(done::countDown);
            assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(told).containsExactly("one", "barrier", "two");
    }

    @Test
    void aRecordThatACrashHasCutShortIsLeftOutAndWritingGoesOn() throws Exception {
        written("one", "two");
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("journal").toFile(), "rw")) {
            file.setLength(file.length() - 1);
        }
        assertThat(reread()).containsExactly("one");

        written("three");
        assertThat(reread()).containsExactly("one", "three");
    }

    @Test
    void everyPlaceWhereACrashCanCutLeavesAReadableJournal() throws Exception {
        written("one", "two");
        byte[] whole = Files.readAllBytes(directory.resolve("journal"));
        for (int length = 0; length < whole.length; length++) {
            Files.write(directory.resolve("journal"), java.util.Arrays.copyOf(whole, length));
            assertThat(reread()).as("cut at %d", length).isIn(List.of(), List.of("one"), List.of("one", "two"));
        }
    }

    @Test
    void aFlippedBitInTheMiddleIsRefusedWithFileAndPlace() throws Exception {
        written("one", "two", "three");
        byte[] whole = Files.readAllBytes(directory.resolve("journal"));
        whole["quartermaster-journal/1 anna\n".length() + 9] ^= 4;
        Files.write(directory.resolve("journal"), whole);

        assertThatThrownBy(this::reread)
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining(directory.resolve("journal").toString())
                .hasMessageContaining("the record at byte 29 does not fit its checksum")
                .hasMessageContaining("it gets the books from the others");
    }

    @Test
    void theJournalOfAnotherReplicaIsRefused() throws Exception {
        written("one");

        assertThatThrownBy(() -> open("bert"))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("begins with \"quartermaster-journal/1 anna\"");
    }

    @Test
    void aDirectoryIsUsedByOneReplicaAtATime() {
        try (JournalFile journal = open("anna")) {
            assertThat(journal.contents()).isEmpty();
            assertThatThrownBy(() -> open("anna"))
                    .isInstanceOf(GridUnavailable.class)
                    .hasMessageContaining("in use by another replica");
        }
    }

    @Test
    void aJournalThatHasGrownBeginsAnewWithASnapshot() throws Exception {
        snapshot.add("all so far");
        String large = "x".repeat(1 << 20);
        try (JournalFile journal = started(open("anna"))) {
            for (int i = 0; i < 70; i++) {
                append(journal, large);
            }
            append(journal, "after");
        }

        List<String> records = reread();
        assertThat(records).startsWith("all so far").endsWith("after").hasSizeLessThan(20);
    }
}
