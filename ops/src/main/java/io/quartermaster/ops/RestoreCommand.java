package io.quartermaster.ops;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.grid.BookStore;
import io.quartermaster.node.store.Backup;
import io.quartermaster.node.store.Store;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedMap;
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
    @Parameters(
            paramLabel = "PATH",
            description = {
                "The backup; or the directory of the only replica that is left of a grid, to go on with what it knows.",
                "What it did not know is gone then."
            })
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
        Store.State state = BookFiles.read(file, progress);
        SortedMap<String, byte[]> entries = state.entries();
        Backup.restore(data, owner, entries);
        return new Result(data.toString(), owner, entries.size(), (System.nanoTime() - began) / 1_000_000);
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
