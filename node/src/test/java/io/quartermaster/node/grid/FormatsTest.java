package io.quartermaster.node.grid;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.node.store.Backup;
import io.quartermaster.node.store.Durability;
import io.quartermaster.node.store.Store;
import io.quartermaster.node.store.StoreCheck;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that earlier versions have written, byte for byte, are read for ever, and say what they said then. A new format adds
 * files here; none is ever changed or taken away. Beside each is a list of its books.
 */
class FormatsTest {
    private static final String FIRST_OWNER = "grid quartermaster replica 1";

    @TempDir
    private Path directory;

    private void unpack(String resource, String name) throws IOException {
        try (InputStream in = new GZIPInputStream(
                Objects.requireNonNull(FormatsTest.class.getResourceAsStream("/formats/" + resource), resource))) {
            Files.copy(in, directory.resolve(name));
        }
    }

    /** Each book with its mark, and a sum over its words that does not depend on their order. */
    static List<String> listed(Store.State state) {
        return BookStore.books(state).stream()
                .map(held -> held.key() + " " + held.view() + " " + held.sequence() + " " + sum(held.contents()))
                .toList();
    }

    private static String sum(String contents) {
        String[] words = contents.split("[^\\w.]+", -1);
        Arrays.sort(words);
        CRC32C crc = new CRC32C();
        crc.update(String.join(" ", words).getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }

    private static List<String> expected(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(FormatsTest.class.getResourceAsStream("/formats/" + name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    @Test
    void theFirstJournalIsReadAndConverted() throws Exception {
        unpack("journal-1.gz", "journal");

        assertThat(listed(StoreCheck.load(directory, BookStore::empty))).isEqualTo(expected("journal-1.txt"));
        try (Store store = Store.open(directory, FIRST_OWNER, Durability.FSYNC, BookStore::empty)) {
            assertThat(listed(store.state())).isEqualTo(expected("journal-1.txt"));
        }
        assertThat(listed(StoreCheck.load(directory, BookStore::empty))).isEqualTo(expected("journal-1.txt"));
    }

    @Test
    void theSecondStoreIsRead() throws Exception {
        unpack("store-2/snapshot-000000002.sum.gz", "snapshot-000000002.sum");
        unpack("store-2/snapshot-000000002.mapdb.gz", "snapshot-000000002.mapdb");
        unpack("store-2/journal-000000001.gz", "journal-000000001");
        unpack("store-2/journal-000000002.gz", "journal-000000002");

        assertThat(listed(StoreCheck.load(directory, BookStore::empty))).isEqualTo(expected("store-2.txt"));
    }

    @Test
    void theFirstBackupIsRead() throws Exception {
        unpack("backup-1.gz", "backup");
        Store.State state = BookStore.empty();
        Backup.read(directory.resolve("backup"), state, entries -> {});

        assertThat(listed(state)).isEqualTo(expected("backup-1.txt"));
    }

    /** The same formats, with events and parameters in them. */
    @Test
    void theStoreAndTheBackupWithEventsAndParametersAreRead() throws Exception {
        assertReadAsExpected("store-3", "backup-2");
    }

    /** The same formats, with checkpoints, verdicts, and what foreign receipts have spent. */
    @Test
    void theStoreAndTheBackupWithForeignSpendingsAreRead() throws Exception {
        assertReadAsExpected("store-4", "backup-3");
    }

    /** The same formats, with slots, cycles and a blacklist. */
    @Test
    void theStoreAndTheBackupOfRoutingByCycleAreRead() throws Exception {
        assertReadAsExpected("store-5", "backup-4");
    }

    private void assertReadAsExpected(String store, String backup) throws Exception {
        unpack(store + "/journal-000000001.gz", "journal-000000001");
        assertThat(listed(StoreCheck.load(directory, BookStore::empty))).isEqualTo(expected(store + ".txt"));

        unpack(backup + ".gz", "backup");
        Store.State state = BookStore.empty();
        Backup.read(directory.resolve("backup"), state, entries -> {});
        assertThat(listed(state)).isEqualTo(expected(backup + ".txt"));
    }

    @Test
    void thereIsAFileWithEveryKindOfBook() throws IOException {
        List<String> books = new ArrayList<>(expected("backup-2.txt"));
        books.addAll(expected("backup-3.txt"));
        books.addAll(expected("backup-4.txt"));

        Set<String> kinds = RecordKind.all().stream()
                .map(kind -> Book.RECORDS_PREFIX + kind.name() + "/")
                .collect(Collectors.toSet());
        kinds.addAll(List.of(Book.LOCK_PREFIX, Book.SLOTS_PREFIX));
        assertThat(kinds).allSatisfy(kind -> assertThat(books).anyMatch(book -> book.startsWith(kind)));
    }
}
