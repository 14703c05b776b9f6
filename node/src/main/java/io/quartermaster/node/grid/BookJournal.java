package io.quartermaster.node.grid;

import io.quartermaster.node.store.Store;
import io.quartermaster.node.views.Decided;
import io.quartermaster.node.views.Entry;
import io.quartermaster.node.views.Journal;
import io.quartermaster.node.views.Mark;
import io.quartermaster.node.views.View;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What a replica must not forget, as records of its journal. A record's kind, once given out, is never used for anything else. */
final class BookJournal implements Journal<Book, Ruling> {
    private static final int PROMISED = 1;
    private static final int FOUNDED = 2;
    private static final int INSTALLED = 3;
    private static final int DECIDED = 4;

    /** A book in place of the one that is there, if it is newer: no longer written, since it does not say in which view. */
    private static final int COPIED_ONCE = 5;

    private static final int COPIED = 6;

    // The names of a snapshot's entries.
    private static final String FOUNDED_ENTRY = "founded";
    private static final String PROMISED_ENTRY = "promised";
    private static final String VIEW_ENTRY = "view";
    private static final String BOOK_ENTRY = "book:";

    private final BiConsumer<byte[], Runnable> append;
    private final Consumer<Runnable> barrier;

    BookJournal(Store store) {
        this(store::append, store::barrier);
    }

    BookJournal(BiConsumer<byte[], Runnable> append, Consumer<Runnable> barrier) {
        this.append = append;
        this.barrier = barrier;
    }

    private interface Writing {
        void to(DataOutput out) throws IOException;
    }

    private static byte[] record(int kind, Writing writing) {
        return bytes(out -> {
            out.writeByte(kind);
            writing.to(out);
        });
    }

    private static byte[] bytes(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    @Override
    public void promised(long view, Runnable durable) {
        append.accept(record(PROMISED, out -> out.writeLong(view)), durable);
    }

    @Override
    public void founded(Runnable durable) {
        append.accept(record(FOUNDED, out -> {}), durable);
    }

    @Override
    public void installed(View view, List<? extends Entry<Book>> changed, Runnable durable) {
        append.accept(
                record(INSTALLED, out -> {
                    BookWire.writeView(out, view);
                    BookWire.writeEntries(out, changed);
                }),
                durable);
    }

    @Override
    public void decided(Decided<Ruling> decided, Runnable durable) {
        append.accept(record(DECIDED, out -> BookWire.writeDecided(out, decided)), durable);
    }

    @Override
    public void copied(long view, Entry<Book> entry, Runnable durable) {
        append.accept(
                record(COPIED, out -> {
                    out.writeLong(view);
                    BookWire.writeEntries(out, List.of(entry));
                }),
                durable);
    }

    @Override
    public void barrier(Runnable durable) {
        barrier.accept(durable);
    }

    /**
     * What a replica remembers, read from its disk. Lenient where records say what is known already; a record that makes no
     * sense is an error.
     */
    static final class Remembered implements Store.State {
        private final BookMachine machine;
        private final Map<String, Entry<Book>> entries = new HashMap<>();
        private boolean founded;
        private long promised;
        private View normal = View.NONE;

        Remembered(BookMachine machine) {
            this.machine = machine;
        }

        Memory<Book> memory() {
            return new Memory<>(founded, promised, normal, entries);
        }

        @Override
        public void entry(String name, byte[] value) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(value));
            understood("entry " + name, () -> {
                if (name.startsWith(BOOK_ENTRY)) {
                    String key = name.substring(BOOK_ENTRY.length());
                    entries.put(key, new Entry<>(key, BookWire.readMark(in), BookWire.readBook(in)));
                } else {
                    switch (name) {
                        case FOUNDED_ENTRY -> founded = in.readBoolean();
                        case PROMISED_ENTRY -> promised = in.readLong();
                        case VIEW_ENTRY -> normal = BookWire.readView(in);
                        default -> throw new IOException("it is unknown");
                    }
                }
            });
        }

        @Override
        public void record(byte[] bytes) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            understood("record", () -> {
                int kind = in.readByte();
                switch (kind) {
                    case PROMISED -> promised = Math.max(promised, in.readLong());
                    case FOUNDED -> founded = true;
                    case INSTALLED -> install(BookWire.readView(in), BookWire.readEntries(in));
                    case DECIDED -> apply(BookWire.readDecided(in));
                    case COPIED_ONCE -> BookWire.readEntries(in).forEach(this::copy);
                    case COPIED -> {
                        boolean inThisView = in.readLong() == normal.number();
                        BookWire.readEntries(in).stream()
                                .filter(entry -> inThisView)
                                .forEach(this::copy);
                    }
                    default -> throw new IOException("its kind, " + kind + ", is unknown");
                }
            });
        }

        private interface Reading {
            void read() throws IOException;
        }

        private static void understood(String what, Reading reading) throws IOException {
            try {
                reading.read();
            } catch (IOException | RuntimeException e) {
                throw new IOException(what + " can't be read: " + e.getMessage(), e);
            }
        }

        private void install(View view, List<Entry<Book>> changed) {
            if (view.number() > normal.number()) {
                founded = true;
                normal = view;
                promised = Math.max(promised, view.number());
                changed.forEach(entry -> entries.put(entry.key(), entry));
            }
        }

        private void copy(Entry<Book> entry) {
            Entry<Book> known = entries.get(entry.key());
            if (known == null || known.mark().sequence() < entry.mark().sequence()) {
                entries.put(entry.key(), entry);
            }
        }

        private void apply(Decided<Ruling> decided) {
            String key = decided.key();
            Entry<Book> known = entries.getOrDefault(key, new Entry<>(key, Mark.NONE, machine.fresh(key)));
            boolean next = decided.mark().sequence() == known.mark().sequence() + 1;
            if (next && decided.mark().view() == normal.number()) {
                entries.put(key, new Entry<>(key, decided.mark(), machine.apply(known.state(), decided.decision())));
            }
        }

        @Override
        public SortedMap<String, byte[]> entries() {
            SortedMap<String, byte[]> snapshot = withoutBooks(memory());
            // Books take several times the room of their bytes; all of both at once would be the most that a replica
            // ever needs.
            for (Iterator<Entry<Book>> left = entries.values().iterator(); left.hasNext(); left.remove()) {
                put(snapshot, left.next());
            }
            return snapshot;
        }
    }

    /** A memory as the entries of a snapshot. */
    static SortedMap<String, byte[]> asEntries(Memory<Book> memory) {
        SortedMap<String, byte[]> snapshot = withoutBooks(memory);
        memory.entries().values().forEach(entry -> put(snapshot, entry));
        return snapshot;
    }

    private static SortedMap<String, byte[]> withoutBooks(Memory<Book> memory) {
        SortedMap<String, byte[]> snapshot = new TreeMap<>();
        snapshot.put(FOUNDED_ENTRY, bytes(out -> out.writeBoolean(memory.founded())));
        snapshot.put(PROMISED_ENTRY, bytes(out -> out.writeLong(memory.promised())));
        snapshot.put(VIEW_ENTRY, bytes(out -> BookWire.writeView(out, memory.normal())));
        return snapshot;
    }

    private static void put(SortedMap<String, byte[]> snapshot, Entry<Book> entry) {
        snapshot.put(BOOK_ENTRY + entry.key(), bytes(out -> {
            BookWire.writeMark(out, entry.mark());
            BookWire.writeBook(out, entry.state());
        }));
    }
}
