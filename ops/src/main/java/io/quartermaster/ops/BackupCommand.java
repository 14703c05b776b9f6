package io.quartermaster.ops;

import io.quartermaster.node.grid.BookStore;
import io.quartermaster.node.store.Backup;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "backup",
        description = {
            "Writes all that the grid keeps into a file, while it is running.",
            "Everything that was acknowledged before the command was given is in it, through whichever replica.",
            "The file is read back before it counts."
        })
final class BackupCommand extends LocalCommand<BackupCommand.Result> {
    @Mixin
    private ReplicaOptions replica = new ReplicaOptions();

    @Option(names = "--force", description = "Replace the file if it is there.")
    private boolean force;

    @Parameters(paramLabel = "FILE", description = "Where to write the backup.")
    private Path file = Path.of("backup");

    /** What came of it. */
    record Result(String file, long entries, long bytes, long millis) {}

    @Override
    Result work(PrintWriter progress) throws IOException {
        if (Files.exists(file) && !force) {
            throw new IOException(file + " is there already: name another file, or give --force");
        }
        long began = System.nanoTime();
        Path aside = file.resolveSibling(file.getFileName() + ".new");
        try {
            long bytes = replica.client().download("/v1/backup", aside);
            progress.println("Received " + bytes + " bytes; reading them back");
            long entries = Backup.read(aside, BookStore.empty(), BookFiles.toldTo(progress));
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return new Result(file.toString(), entries, bytes, (System.nanoTime() - began) / 1_000_000);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    @Override
    void print(Result result, PrintWriter out) {
        out.println(String.format(
                Locale.ROOT,
                "%s: %d entries, %d bytes, %.1f MB a second",
                result.file(),
                result.entries(),
                result.bytes(),
                result.bytes() / 1000.0 / Math.max(1, result.millis())));
    }
}
