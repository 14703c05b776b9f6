package io.quartermaster.node.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.node.store.StoreCheck.Finding;
import io.quartermaster.node.store.StoreCheck.Verdict;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
    private static final String FIRST = "journal-000000001";
    private static final long SMALL = 2000;

    @TempDir
    private Path directory;

    /** A list of texts; a snapshot has an entry for each. */
    static class Texts implements Store.State {
        private final List<String> texts = new ArrayList<>();

        @Override
        public void entry(String name, byte[] value) throws IOException {
            if (!name.matches("\\d{6}")) {
                throw new IOException("no number: " + name);
            }
            record(value);
        }

        @Override
        public void record(byte[] bytes) {
            texts.add(new String(bytes, StandardCharsets.UTF_8));
        }

        @Override
        public SortedMap<String, byte[]> entries() {
            SortedMap<String, byte[]> entries = new TreeMap<>();
            texts.forEach(text -> entries.put(String.format("%06d", entries.size()), bytes(text)));
            return entries;
        }
    }

    private Store open(String owner, Durability durability) {
        return Store.open(directory, owner, durability, SMALL, Texts::new);
    }

    private static Store started(Store store) {
        store.start(new Store.Listener() {
            @Override
            public void batchDone() {}

            @Override
            public void failed(Throwable failure) {
                throw new IllegalStateException(failure);
            }
        });
        return store;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void append(Store store, String... records) throws InterruptedException {
        CountDownLatch durable = new CountDownLatch(records.length);
        for (String record : records) {
            store.append(bytes(record), durable::countDown);
        }
        assertThat(durable.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private List<String> reread() {
        try (Store store = open("anna", Durability.FSYNC)) {
            return ((Texts) store.state()).texts;
        }
    }

    private void written(String... records) throws Exception {
        try (Store store = started(open("anna", Durability.FSYNC))) {
            for (String record : records) {
                append(store, record);
            }
        }
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private void flip(String name, long at) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(file(name).toFile(), "rw")) {
            file.seek(at);
            int was = file.read();
            file.seek(at);
            file.write(was ^ 4);
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
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
        try (Store store = started(open("anna", Durability.FSYNC))) {
            CountDownLatch done = new CountDownLatch(1);
            store.append(bytes("one"), () -> told.add("one"));
            store.barrier(() -> told.add("barrier"));
            store.append(bytes("two"), () -> told.add("two"));
            store.barrier(done::countDown);
            assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(told).containsExactly("one", "barrier", "two");
    }

    @Test
    void inReplicatedModeTheDiskFollowsByItselfAndHowFarItWasBehindIsMeasured() throws Exception {
        try (Store store = started(open("anna", Durability.REPLICATED))) {
            append(store, "one");
            await().until(() -> store.worstUnforcedNanos() > 0);
        }
        assertThat(reread()).containsExactly("one");
    }

    /** Otherwise a disk that hangs for half a minute would have half a minute of bookings acknowledged that it does not have. */
    @Test
    void inReplicatedModeADiskThatFallsBehindIsWaitedFor() throws Exception {
        try (Store store = started(Store.open(directory, "anna", Durability.REPLICATED, 64 << 20, Texts::new))) {
            store.slowDown(1000);
            append(store, "first");
            long first = System.nanoTime();
            long last = first;
            long durable = first;
            while (store.worstUnforcedNanos() == 0) {
                last = durable;
                append(store, "more");
                durable = System.nanoTime();
            }
            assertThat(Duration.ofNanos(last - first)).isLessThan(Duration.ofMillis(500));
        }
    }

    /** A force in a thread that is interrupted fails, as one of a broken disk does. */
    @Test
    void ofAForceThatFailedTheStoreSpeaksOnce() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        AtomicInteger failures = new AtomicInteger();
        try (Store store = Store.open(directory, "anna", Durability.REPLICATED, 64 << 20, Texts::new)) {
            store.start(new Store.Listener() {
                @Override
                public void batchDone() {}

                @Override
                public void failed(Throwable failure) {
                    failures.incrementAndGet();
                }
            });
            store.slowDown(50);
            await().until(() -> {
                store.append(bytes("one"), () -> {});
                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> !before.contains(thread))
                        .filter(thread -> thread.getName().equals("journal-forcing"))
                        .forEach(Thread::interrupt);
                return failures.get() > 0;
            });
            await().during(Duration.ofMillis(300)).until(() -> failures.get() == 1);
            assertThat(store.trouble()).get(STRING).contains("can't be written").doesNotContain("could not be forced");
        }
    }

    @Test
    void whatTheNextJournalForcesIsMeasuredToo() throws Exception {
        try (Store store = started(open("anna", Durability.REPLICATED))) {
            append(store, "x".repeat((int) SMALL));
            await().until(() -> files().contains("journal-000000002"));
            assertThat(store.worstUnforcedNanos()).isPositive();
        }
    }

    /** Otherwise nothing would be durable any more, nobody would be told so, and nobody would know why. */
    @Test
    void ifWhoeverWaitsCantBeToldTheStoreSaysThatItHasFailed() {
        CompletableFuture<Throwable> failed = new CompletableFuture<>();
        try (Store store = open("anna", Durability.FSYNC)) {
            store.start(new Store.Listener() {
                @Override
                public void batchDone() {}

                @Override
                public void failed(Throwable failure) {
                    failed.complete(failure);
                }
            });
            store.append(bytes("one"), () -> {
                throw new IllegalStateException("the one who waited is gone");
            });
            assertThat(failed).succeedsWithin(Duration.ofSeconds(20));
            assertThat(store.trouble()).get(STRING).contains("the one who waited is gone");
        }
        assertThat(reread()).containsExactly("one");
    }

    @Test
    void everyPlaceWhereACrashCanCutLeavesAReadableJournalAndWritingGoesOn() throws Exception {
        written("one", "two");
        byte[] whole = Files.readAllBytes(file(FIRST));
        int firstLine = "quartermaster-journal/2 anna\n".length();
        for (int length = firstLine; length < whole.length; length++) {
            Files.write(file(FIRST), Arrays.copyOf(whole, length));
            assertThat(reread()).as("cut at %d", length).isIn(List.of(), List.of("one"));
        }
        written("three");
        assertThat(reread()).containsExactly("one", "three");
    }

    /** A crash may leave any part of the last write on disk, in any order, but none of it was ever confirmed. */
    @Test
    void garbageInPlaceOfTheLastWriteIsLeftOut() throws Exception {
        written("one");
        long good = Files.size(file(FIRST));
        written("two, which is longer");
        Random random = new Random(1);
        byte[] whole = Files.readAllBytes(file(FIRST));
        for (int i = 0; i < 200; i++) {
            byte[] torn = whole.clone();
            torn[(int) good + random.nextInt(torn.length - (int) good)] ^= (byte) (1 + random.nextInt(255));
            Files.write(file(FIRST), torn);
            assertThat(reread()).as("round %d", i).containsExactly("one");
        }
    }

    /** The length, the checksum and the contents are all covered: nothing that was on disk is left out silently. */
    @Test
    void aFlippedBitAnywhereBeforeTheLastWriteIsRefusedWithFileAndWayOut() throws Exception {
        written("one", "two", "three");
        byte[] whole = Files.readAllBytes(file(FIRST));
        int lastBatch = whole.length - Batches.HEADER - 4 - "three".length();
        for (int at = 0; at < lastBatch; at++) {
            Files.write(file(FIRST), whole);
            flip(FIRST, at);
            assertThatThrownBy(this::reread)
                    .as("byte %d", at)
                    .isInstanceOf(GridUnavailable.class)
                    .hasMessageContaining(file(FIRST).toString())
                    .hasMessageMatching("(?s).*(Move the replica's directory away|Use the version|--data).*");
        }
    }

    @Test
    void theFilesOfAnotherReplicaAndOfANewerFormatAreRefused() throws Exception {
        written("one");

        assertThatThrownBy(() -> open("bert", Durability.FSYNC))
                .isInstanceOf(GridUnavailable.class)
                .hasMessageContaining("it belongs to \"anna\", not to \"bert\"");

        byte[] newer = Files.readAllBytes(file(FIRST));
        newer["quartermaster-journal/".length()] = '3';
        Files.write(file(FIRST), newer);
        assertThatThrownBy(this::reread)
                .hasMessageContaining("it is of another format, \"quartermaster-journal/3 anna\"");
    }

    @Test
    void aDirectoryIsUsedByOneReplicaAtATime() {
        try (Store store = open("anna", Durability.FSYNC)) {
            assertThat(store.trouble()).isEmpty();
            assertThatThrownBy(() -> open("anna", Durability.FSYNC))
                    .isInstanceOf(GridUnavailable.class)
                    .hasMessageContaining("in use by another replica");
        }
    }

    /** Records of about a hundred bytes, so that a journal is full after twenty. */
    private List<String> grown(int records) throws Exception {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            texts.add(i + "-" + "x".repeat(60));
        }
        written(texts.toArray(String[]::new));
        return texts;
    }

    /** Two at once would do the same work twice, and leave no thread for the disk to follow with REPLICATED. */
    @Test
    void ofSnapshotsThatAreWantedWhileOneIsMadeOnlyTheNewestFollows() throws Exception {
        CountDownLatch mayGoOn = new CountDownLatch(1);
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger mostAtOnce = new AtomicInteger();
        AtomicInteger made = new AtomicInteger();
        class Slow extends Texts {
            @Override
            public SortedMap<String, byte[]> entries() {
                mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                made.incrementAndGet();
                try {
                    assertThat(mayGoOn.await(20, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                atOnce.decrementAndGet();
                return super.entries();
            }
        }
        try (Store store = started(Store.open(directory, "anna", Durability.REPLICATED, SMALL, Slow::new))) {
            append(store, "1".repeat((int) SMALL));
            await().until(() -> made.get() > 0);
            for (int journal = 2; journal <= 5; journal++) {
                append(store, Integer.toString(journal).repeat((int) SMALL));
                String next = "journal-00000000" + (journal + 1);
                await().until(() -> files().contains(next));
            }
            mayGoOn.countDown();
            await().until(() -> files().contains("snapshot-000000006.sum"));
        }
        assertThat(mostAtOnce).hasValue(1);
        assertThat(made).hasValue(2);
        assertThat(reread()).hasSize(5);
    }

    @Test
    void aJournalThatHasGrownBecomesASnapshotAndTheLastTwoAreKept() throws Exception {
        List<String> texts = new ArrayList<>(grown(100));
        texts.addAll(grown(100));

        assertThat(reread()).isEqualTo(texts);
        SortedSet<Long> snapshots = Directories.numbers(directory, Store.SNAPSHOTS);
        assertThat(snapshots).hasSize(2);
        assertThat(Directories.numbers(directory, Store.JOURNALS).first()).isEqualTo(snapshots.first());
    }

    /** Otherwise a large state would be written again and again for a small change. */
    @Test
    void theLargerTheSnapshotTheLargerTheJournalBeforeTheNextOne() throws Exception {
        try (Store store = started(open("anna", Durability.FSYNC))) {
            append(store, "x".repeat(100_000));
            await().until(() -> store.journalLimit() == 25_000);
            for (int i = 0; i < 20; i++) {
                append(store, "y".repeat(1000));
            }
            assertThat(files()).contains("journal-000000002").doesNotContain("journal-000000003");
            append(store, "z".repeat(10_000));
            await().until(() -> files().contains("journal-000000003"));
        }
    }

    @Test
    void aStoreThatIsOpenedAgainKnowsHowLargeItsSnapshotIs() throws Exception {
        try (Store store = started(open("anna", Durability.FSYNC))) {
            append(store, "x".repeat(100_000));
            await().until(() -> store.journalLimit() == 25_000);
        }
        try (Store again = open("anna", Durability.FSYNC)) {
            assertThat(again.journalLimit()).isEqualTo(25_000);
        }
    }

    @Test
    void aDamagedSnapshotIsReplacedByTheOneBeforeItAndTheJournals() throws Exception {
        List<String> texts = grown(200);
        List<String> snapshots =
                files().stream().filter(name -> name.endsWith(".mapdb")).toList();
        String newest = snapshots.get(snapshots.size() - 1);
        flip(newest, Files.size(file(newest)) / 2);

        List<Finding> findings = StoreCheck.check(directory, Texts::new).findings();
        assertThat(findings)
                .filteredOn(finding -> finding.verdict() == Verdict.DAMAGED)
                .singleElement()
                .satisfies(finding -> assertThat(finding.file()).isEqualTo(newest));
        assertThat(reread()).isEqualTo(texts);
        assertThat(files()).contains(newest.replace(".mapdb", ".sum.damaged"));
        written("more");
        assertThat(reread()).hasSize(201).endsWith("more");
    }

    @Test
    void withBothSnapshotsDamagedTheReplicaDoesNotStart() throws Exception {
        grown(200);
        for (String name : files()) {
            if (name.endsWith(".mapdb")) {
                flip(name, 5000);
            }
        }
        assertThatThrownBy(this::reread)
                .isInstanceOf(GridUnavailable.class)
                .hasMessageContaining("does not fit its SHA-256")
                .hasMessageContaining("restore a backup");
        assertThat(StoreCheck.check(directory, Texts::new).usable()).isFalse();
    }

    @Test
    void aMissingJournalIsNamed() throws Exception {
        grown(200);
        String last = files().stream()
                .filter(name -> name.matches("journal-\\d+"))
                .reduce((a, b) -> b)
                .orElseThrow();
        String missing = files().stream()
                .filter(name -> name.matches("journal-\\d+"))
                .reduce((a, b) -> a)
                .orElseThrow();
        for (String name : files()) {
            if (name.matches("journal-\\d+") && !name.equals(missing)) {
                Files.delete(file(name));
            }
        }
        assertThatThrownBy(this::reread)
                .isInstanceOf(GridUnavailable.class)
                .hasMessageContaining("it is missing")
                .hasMessageContaining("journal-");
        assertThat(last).isNotEqualTo(missing);
    }

    @Test
    void aJournalOfTheFirstFormatIsReadAndConverted() throws Exception {
        Files.write(file("journal"), FirstFormat.journal("anna", List.of("one", "two")));

        assertThat(reread()).containsExactly("one", "two");
        written("three");
        assertThat(reread()).containsExactly("one", "two", "three");
        assertThat(files()).contains("journal.before").doesNotContain("journal");
    }

    @Test
    void compactingLeavesTheSameState() throws Exception {
        List<String> texts = grown(15);
        flip(FIRST, Files.size(file(FIRST)) - 1);

        StoreCheck.compact(directory, Texts::new);

        assertThat(reread()).isEqualTo(texts.subList(0, 14));
        assertThat(files()).contains("snapshot-000000002.mapdb", "journal-000000002");
    }

    @Test
    void aBackupIsRestoredAndOneThatIsNotWholeIsRefused() throws Exception {
        Texts texts = new Texts();
        for (int i = 0; i < 3000; i++) {
            texts.record(bytes("text " + i + "-" + "x".repeat(1000)));
        }
        Path backup = directory.resolve("backup");
        try (var out = Files.newOutputStream(backup)) {
            Backup.write(out, "grid test", texts.entries());
        }
        Path restored = directory.resolve("restored");
        Texts read = new Texts();
        assertThat(Backup.read(backup, read, count -> {})).isEqualTo(3000);
        Backup.restore(restored, "anna", read.entries());
        try (Store store = Store.open(restored, "anna", Durability.FSYNC, Texts::new)) {
            assertThat(((Texts) store.state()).texts).isEqualTo(texts.texts);
        }
        assertThatThrownBy(() -> Backup.restore(restored, "anna", read.entries()))
                .hasMessageContaining("it is not empty");

        byte[] whole = Files.readAllBytes(backup);
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            Files.write(backup, Arrays.copyOf(whole, random.nextInt(whole.length)));
            assertThatThrownBy(() -> Backup.read(backup, new Texts(), count -> {}))
                    .isInstanceOf(StoreDamaged.class)
                    .hasMessageContaining(backup.toString());
            byte[] flipped = whole.clone();
            flipped[random.nextInt(whole.length)] ^= 16;
            Files.write(backup, flipped);
            assertThatThrownBy(() -> Backup.read(backup, new Texts(), count -> {}))
                    .isInstanceOf(StoreDamaged.class);
        }
    }

    @Test
    void whileTheDiskIsFullNothingIsDurableAndAfterwardsEverythingIs() throws Exception {
        Path small = directory.resolve("small");
        assumeMounted(small);
        try (Store store = started(Store.open(small, "anna", Durability.FSYNC, 1 << 20, Texts::new))) {
            append(store, "one");
            Path filler = small.resolve("filler");
            fill(filler);
            CountDownLatch two = new CountDownLatch(1);
            store.append(bytes("two" + "x".repeat(100_000)), two::countDown);
            await().until(() -> store.trouble().isPresent());
            assertThat(store.trouble().orElseThrow()).contains("No space left on device");
            assertThat(two.getCount()).isEqualTo(1);

            Files.delete(filler);
            assertThat(two.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(store.trouble()).isEmpty();
            append(store, "three");
        } finally {
            run("umount", "-l", small.toString());
        }
    }

    private static void assumeMounted(Path small) throws Exception {
        Files.createDirectories(small);
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small.toString()) == 0,
                "A small disk can't be mounted here; that needs root");
    }

    private static int run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
        } catch (IOException e) {
            return 1;
        }
    }

    private static void fill(Path filler) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(filler.toFile(), "rw")) {
            byte[] block = new byte[4096];
            while (true) {
                file.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }
}
