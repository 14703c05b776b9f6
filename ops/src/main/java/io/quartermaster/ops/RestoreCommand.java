package io.quartermaster.ops;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.grid.BookStore;
import io.quartermaster.node.store.Backup;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "restore",
        description = {
            "Puts a backup into the directory of a replica that is to begin a new grid.",
            "Do so for each replica of the grid, with the same backup, before any of them is started.",
            "The directory must be empty."
        })
final class RestoreCommand extends LocalCommand<RestoreCommand.Result> {
    @Parameters(paramLabel = "FILE", description = "The backup.")
    private Path file = Path.of("backup");

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIRECTORY",
            description = "The replica's directory, as given to 'qm run'.")
    private Path data = Path.of("data");

    @Option(
            names = "--grid",
            defaultValue = "quartermaster",
            paramLabel = "NAME",
            description = "The grid's name, as given to 'qm run' (default: ${DEFAULT-VALUE}).")
    private String grid = "quartermaster";

    @Option(
            names = "--replica",
            required = true,
            paramLabel = "ID/COUNT",
            description = "The replica's id and how many there are, as given to 'qm run', such as 1/3.")
    private String replica = "";

    /** What came of it. */
    record Result(String directory, String owner, long entries, long millis) {}

    @Override
    Result work(PrintWriter progress) throws IOException {
        if (!replica.matches("[1-7]/[1-7]")) {
            throw new InvalidArgument("--replica", replica, "its id and the number of replicas, such as 2/3");
        }
        long began = System.nanoTime();
        String owner = BookStore.owner(grid, Integer.parseInt(replica.substring(0, 1)));
        long entries = Backup.restore(file, data, owner, BookStore.empty(), Progress.every(10_000, progress));
        return new Result(data.toString(), owner, entries, (System.nanoTime() - began) / 1_000_000);
    }

    @Override
    void print(Result result, PrintWriter out) {
        out.println(String.format(
                Locale.ROOT,
                "%s: %d entries for %s, %d ms. Start it once all replicas of the grid have theirs.",
                result.directory(),
                result.entries(),
                result.owner(),
                result.millis()));
    }
}
