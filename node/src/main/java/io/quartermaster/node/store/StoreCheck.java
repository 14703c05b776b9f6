package io.quartermaster.node.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Supplier;

/** Looks at a replica's directory without changing it, file by file. */
public final class StoreCheck {
    private StoreCheck() {}

    /** What was found of a file. */
    public enum Verdict {
        /** It is as it was written. */
        GOOD,
        /** The last write was cut short by a crash: what is missing was never on disk, and is left out at the next start. */
        CUT_SHORT,
        /** It can't be used. */
        DAMAGED
    }

    /**
     * A file.
     *
     * @param file its name in the directory
     * @param bytes how long it is; 0 if it is missing
     * @param records how many records or entries it has
     * @param verdict what was found
     * @param words what is wrong, and the way out; empty if nothing is
     */
    public record Finding(String file, long bytes, long records, Verdict verdict, String words) {}

    /**
     * What was found.
     *
     * @param owner whose the files are
     * @param findings each file's
     * @param usable whether a replica could start with them
     * @param words why it could not; empty if it could
     */
    public record Report(String owner, List<Finding> findings, boolean usable, String words) {
        public Report {
            findings = List.copyOf(findings);
        }
    }

    /**
     * Checks a directory.
     *
     * @param directory a replica's
     * @param fresh makes an empty state, in which everything is read
     * @return what was found
     * @throws IOException if there is no such directory, or no replica's files are in it
     */
    public static Report check(Path directory, Supplier<? extends Store.State> fresh) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " is no directory");
        }
        SortedSet<Long> journals = Directories.numbers(directory, Store.JOURNALS);
        SortedSet<Long> snapshots = Directories.numbers(directory, Store.SNAPSHOTS);
        Path first = directory.resolve(FirstJournal.NAME);
        if (journals.isEmpty() && snapshots.isEmpty() && !Files.exists(first)) {
            throw new IOException(directory + " has no replica's files in it");
        }
        String owner = owner(directory, journals, snapshots);
        if (Files.exists(first)) {
            return firstFormat(first, fresh);
        }
        List<Finding> findings = new ArrayList<>();
        for (long number : snapshots) {
            findings.add(finding(
                    Snapshot.data(directory, number),
                    () -> new Batches.Extent(0, 0, 0, Snapshot.read(directory, number, owner, fresh.get()::entry))));
        }
        long from = journals.isEmpty() ? snapshots.first() : journals.first();
        long to = journals.isEmpty() ? snapshots.last() : journals.last();
        for (long number = from; number <= to; number++) {
            Path file = Store.journal(directory, number);
            findings.add(finding(file, () -> Batches.read(file, Store.FORMAT, owner, record -> {})));
        }
        try {
            Recovery.load(directory, owner, fresh, journals, snapshots);
            return new Report(owner, findings, true, "");
        } catch (StoreDamaged e) {
            return new Report(owner, findings, false, String.valueOf(e.getMessage()));
        }
    }

    private static Report firstFormat(Path first, Supplier<? extends Store.State> fresh) throws IOException {
        try {
            String line = Batches.firstLine(first).strip();
            String owner = line.substring(Math.min(line.length(), "quartermaster-journal/1 ".length()));
            FirstJournal.read(first, owner, fresh.get()::record);
            return new Report(
                    owner,
                    List.of(new Finding(FirstJournal.NAME, Files.size(first), 0, Verdict.GOOD, "of the first format")),
                    true,
                    "");
        } catch (StoreDamaged e) {
            Finding finding = new Finding(
                    FirstJournal.NAME, Files.size(first), 0, Verdict.DAMAGED, String.valueOf(e.getMessage()));
            return new Report("", List.of(finding), false, finding.words());
        }
    }

    private interface Reading {
        Batches.Extent read() throws IOException;
    }

    private static Finding finding(Path file, Reading reading) throws IOException {
        String name = String.valueOf(file.getFileName());
        if (!Files.exists(file)) {
            return new Finding(name, 0, 0, Verdict.DAMAGED, "it is missing");
        }
        long bytes = Files.size(file);
        try {
            Batches.Extent extent = reading.read();
            boolean cut = extent.goodBytes() < extent.bytes();
            return new Finding(
                    name,
                    bytes,
                    extent.records(),
                    cut ? Verdict.CUT_SHORT : Verdict.GOOD,
                    cut ? extent.bytes() - extent.goodBytes() + " bytes at the end were never on disk" : "");
        } catch (StoreDamaged e) {
            return new Finding(name, bytes, 0, Verdict.DAMAGED, e.fault());
        }
    }

    private static String owner(Path directory, SortedSet<Long> journals, SortedSet<Long> snapshots)
            throws IOException {
        Optional<String> owner = Optional.empty();
        for (long number : journals) {
            String line = Batches.firstLine(Store.journal(directory, number));
            if (owner.isEmpty() && line.startsWith(Store.FORMAT + " ")) {
                owner = Optional.of(line.substring(Store.FORMAT.length() + 1).strip());
            }
        }
        for (long number : snapshots) {
            if (owner.isEmpty()) {
                owner = Optional.of(Snapshot.owner(directory, number));
            }
        }
        return owner.orElse("");
    }

    /**
     * Everything that is in a replica's directory.
     *
     * @param directory a replica's
     * @param fresh makes an empty state
     * @return the state
     * @throws IOException if it can't be read, or is damaged
     */
    public static Store.State load(Path directory, Supplier<? extends Store.State> fresh) throws IOException {
        Report report = check(directory, fresh);
        if (!report.usable()) {
            throw new IOException(report.words());
        }
        Path first = directory.resolve(FirstJournal.NAME);
        if (Files.exists(first)) {
            Store.State state = fresh.get();
            FirstJournal.read(first, report.owner(), state::record);
            return state;
        }
        return Recovery.load(
                        directory,
                        report.owner(),
                        fresh,
                        Directories.numbers(directory, Store.JOURNALS),
                        Directories.numbers(directory, Store.SNAPSHOTS))
                .state();
    }

    /**
     * Replaces the journals of a replica that is not running by a snapshot.
     *
     * @param directory the replica's
     * @param fresh makes an empty state
     * @return how many bytes its files had before, and have now
     * @throws IOException if they are damaged, or the replica is running
     */
    public static long[] compact(Path directory, Supplier<? extends Store.State> fresh) throws IOException {
        Report report = check(directory, fresh);
        if (!report.usable()) {
            throw new IOException(report.words());
        }
        long before = bytes(directory);
        try (Store store = Store.open(directory, report.owner(), Durability.FSYNC, fresh)) {
            store.compact();
        }
        return new long[] {before, bytes(directory)};
    }

    private static long bytes(Path directory) throws IOException {
        long bytes = 0;
        for (Path file : Directories.files(directory)) {
            bytes += Files.size(file);
        }
        return bytes;
    }
}
