package io.quartermaster.ops;

import io.quartermaster.node.grid.BookStore;
import io.quartermaster.node.store.Backup;
import io.quartermaster.node.store.Store;
import io.quartermaster.node.store.StoreCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "store",
        mixinStandardHelpOptions = true,
        versionProvider = Qm.Version.class,
        description = "Looks after a replica's files.",
        subcommands = {
            StoreCommand.VerifyCommand.class,
            StoreCommand.DumpCommand.class,
            StoreCommand.CompactCommand.class,
            HelpCommand.class
        })
final class StoreCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing what to do: verify, dump or compact");
    }

    @Command(
            name = "verify",
            description = {
                "Reads everything in a replica's directory, or in a backup, and says what is good and what is not.",
                "Changes nothing; exit code 1 if something is damaged.",
                "While the replica runs, the end of its newest journal may look cut short."
            })
    static final class VerifyCommand extends LocalCommand<StoreCheck.Report> {
        @Parameters(paramLabel = "PATH", description = "A replica's directory, or a backup.")
        private Path path = Path.of("data");

        @Override
        StoreCheck.Report work(PrintWriter progress) throws IOException {
            if (!Files.isRegularFile(path)) {
                return StoreCheck.check(path, BookStore::empty);
            }
            long entries = Backup.read(path, BookStore.empty(), BookFiles.toldTo(progress));
            StoreCheck.Finding finding = new StoreCheck.Finding(
                    String.valueOf(path.getFileName()), Files.size(path), entries, StoreCheck.Verdict.GOOD, "");
            return new StoreCheck.Report("backup", List.of(finding), true, "");
        }

        @Override
        void print(StoreCheck.Report report, PrintWriter out) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("file", "bytes", "records", "verdict", ""));
            report.findings()
                    .forEach(finding -> rows.add(List.of(
                            finding.file(),
                            Long.toString(finding.bytes()),
                            Long.toString(finding.records()),
                            finding.verdict().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                            finding.words())));
            AskingCommand.table(out, rows);
            out.println(
                    report.usable()
                            ? "Good: these are the files of \"" + report.owner() + "\"."
                            : "Not usable: " + report.words());
        }

        @Override
        int code(StoreCheck.Report report) {
            boolean damaged =
                    report.findings().stream().anyMatch(finding -> finding.verdict() == StoreCheck.Verdict.DAMAGED);
            return damaged || !report.usable() ? ExitCodes.REFUSED : ExitCodes.OK;
        }
    }

    @Command(
            name = "dump",
            description =
                    "Prints the books in a replica's directory, or in a backup: what the replica would start with.")
    static final class DumpCommand extends LocalCommand<DumpCommand.Dump> {
        @Parameters(paramLabel = "PATH", description = "A replica's directory, or a backup.")
        private Path path = Path.of("data");

        @Option(names = "--book", paramLabel = "KEY", description = "Only the book with this key, whole.")
        private @Nullable String book;

        /** What is there. */
        record Dump(String view, List<BookStore.Held> books) {}

        @Override
        Dump work(PrintWriter progress) throws IOException {
            Store.State state = BookFiles.read(path, progress);
            List<BookStore.Held> books = BookStore.books(state).stream()
                    .filter(held ->
                            Optional.ofNullable(book).map(held.key()::equals).orElse(true))
                    .toList();
            if (book != null && books.isEmpty()) {
                throw new IOException("There is no book \"" + book + "\" in " + path);
            }
            return new Dump(BookStore.view(state), books);
        }

        @Override
        void print(Dump dump, PrintWriter out) {
            out.println(dump.view());
            if (book != null) {
                out.println(dump.books().get(0).contents());
                return;
            }
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("book", "view", "decisions", "contents"));
            dump.books()
                    .forEach(held -> rows.add(List.of(
                            held.key(),
                            Long.toString(held.view()),
                            Long.toString(held.sequence()),
                            shortened(held.contents()))));
            AskingCommand.table(out, rows);
        }

        private static String shortened(String contents) {
            return contents.length() <= 100 ? contents : contents.substring(0, 97) + "...";
        }
    }

    @Command(
            name = "compact",
            description =
                    "Replaces the journals of a replica that is not running by a snapshot, and converts old formats.")
    static final class CompactCommand extends LocalCommand<CompactCommand.Compacted> {
        @Parameters(paramLabel = "DIRECTORY", description = "The replica's directory.")
        private Path directory = Path.of("data");

        /** How large it was and is. */
        record Compacted(long bytesBefore, long bytesNow) {}

        @Override
        Compacted work(PrintWriter progress) throws IOException {
            long[] bytes = StoreCheck.compact(directory, BookStore::empty);
            return new Compacted(bytes[0], bytes[1]);
        }

        @Override
        void print(Compacted compacted, PrintWriter out) {
            out.println(compacted.bytesBefore() + " bytes before, " + compacted.bytesNow()
                    + " now; the snapshot before is kept, too");
        }
    }
}
