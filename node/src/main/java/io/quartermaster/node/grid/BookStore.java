package io.quartermaster.node.grid;

import io.quartermaster.node.store.Store;
import io.quartermaster.node.views.Entry;
import io.quartermaster.node.views.Journal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What tools need to know to read a replica's files, or a backup, without a grid. */
public final class BookStore {
    private BookStore() {}

    /**
     * An empty state, into which a replica's files can be read.
     *
     * @return a new one
     */
    public static Store.State empty() {
        return new BookJournal.Remembered(new BookMachine());
    }

    /**
     * Whose a replica's files are.
     *
     * @param grid the grid's name
     * @param replica the replica's id
     * @return what is written at the beginning of its files
     */
    public static String owner(String grid, int replica) {
        return Grid.owner(grid, replica);
    }

    /**
     * A book as it is on disk.
     *
     * @param key which: a miner's hotkey, "slots/" and that, "lock/" and its name, or "records/", their kind and a page
     * @param view the view of its newest decision
     * @param sequence that decision's number
     * @param contents in words
     */
    public record Held(String key, long view, long sequence, String contents) {}

    /**
     * What a state holds.
     *
     * @param state made by {@link #empty}
     * @return its books, by key
     */
    public static List<Held> books(Store.State state) {
        List<Held> books = new ArrayList<>();
        for (Entry<Book> entry : memory(state).entries().values()) {
            books.add(new Held(
                    entry.key(),
                    entry.mark().view(),
                    entry.mark().sequence(),
                    String.valueOf(entry.state().shown())));
        }
        books.sort(Comparator.comparing(Held::key));
        return books;
    }

    /**
     * The view that a replica was in last.
     *
     * @param state made by {@link #empty}
     * @return in words
     */
    public static String view(Store.State state) {
        Journal.Memory<Book> memory = memory(state);
        return memory.normal() + ", promised " + memory.promised()
                + (memory.founded() ? "" : ", without a vote: it knows nothing of the grid yet");
    }

    private static Journal.Memory<Book> memory(Store.State state) {
        return ((BookJournal.Remembered) state).memory();
    }
}
