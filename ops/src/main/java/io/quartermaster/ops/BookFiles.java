package io.quartermaster.ops;

import io.quartermaster.node.grid.BookStore;
import io.quartermaster.node.store.Backup;
import io.quartermaster.node.store.Store;
import io.quartermaster.node.store.StoreCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** Reads books from files, without a grid. */
final class BookFiles {
    private static final long TOLD_EVERY = 10_000;

    private BookFiles() {}

    /** All that is in a backup, or in a replica's directory. */
    static Store.State read(Path path, PrintWriter progress) throws IOException {
        if (Files.isDirectory(path)) {
            return StoreCheck.load(path, BookStore::empty);
        }
        Store.State state = BookStore.empty();
        Backup.read(path, state, toldTo(progress));
        return state;
    }

    /** A line now and then. */
    static LongConsumer toldTo(PrintWriter progress) {
        return count -> {
            if (count % TOLD_EVERY == 0) {
                progress.println(count + " entries");
                progress.flush();
            }
        };
    }
}
