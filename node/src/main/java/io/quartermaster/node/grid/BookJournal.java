package io.quartermaster.node.grid;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.node.store.JournalFile;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What a replica must not forget, as records of its journal. A record's kind, once given out, is never used for anything else. */
final class BookJournal implements Journal<Book, Ruling> {
    private static final int PROMISED = 1;
    private static final int FOUNDED = 2;
    private static final int INSTALLED = 3;
    private static final int DECIDED = 4;
    private static final int COPIED = 5;

    private final BiConsumer<byte[], Runnable> append;
    private final Consumer<Runnable> barrier;

    BookJournal(JournalFile file) {
        this(file::append, file::barrier);
    }

    BookJournal(BiConsumer<byte[], Runnable> append, Consumer<Runnable> barrier) {
        this.append = append;
        this.barrier = barrier;
    }

    private interface Writing {
        void to(DataOutput out) throws IOException;
    }

    private static byte[] record(int kind, Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            out.writeByte(kind);
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
        append.accept(installation(view, changed), durable);
    }

    private static byte[] installation(View view, List<? extends Entry<Book>> changed) {
        return record(INSTALLED, out -> {
            BookWire.writeView(out, view);
            BookWire.writeEntries(out, changed);
        });
    }

    @Override
    public void decided(Decided<Ruling> decided, Runnable durable) {
        append.accept(record(DECIDED, out -> BookWire.writeDecided(out, decided)), durable);
    }

    @Override
    public void copied(Entry<Book> entry, Runnable durable) {
        append.accept(record(COPIED, out -> BookWire.writeEntries(out, List.of(entry))), durable);
    }

    @Override
    public void barrier(Runnable durable) {
        barrier.accept(durable);
    }

    /** All that a replica remembers, as the beginning of a new journal. */
    static List<byte[]> snapshot(Memory<Book> memory) {
        List<byte[]> records = new ArrayList<>();
        if (memory.founded()) {
            records.add(record(FOUNDED, out -> {}));
        }
        if (memory.normal().number() > 0) {
            records.add(installation(memory.normal(), List.of()));
        }
        for (Entry<Book> entry : memory.entries().values()) {
            records.add(record(COPIED, out -> BookWire.writeEntries(out, List.of(entry))));
        }
        records.add(record(PROMISED, out -> out.writeLong(memory.promised())));
        return records;
    }

    /**
     * Reads what a replica remembers. What follows a snapshot may be in it already: a decision is applied only next to the one
     * before it, and a view is entered only once.
     */
    static Memory<Book> memory(List<byte[]> records, BookMachine machine) {
        boolean founded = false;
        long promised = 0;
        View normal = View.NONE;
        Map<String, Entry<Book>> entries = new HashMap<>();
        try {
            for (byte[] record : records) {
                DataInputStream in = new DataInputStream(new ByteArrayInputStream(record));
                int kind = in.readByte();
                if (kind == PROMISED) {
                    promised = Math.max(promised, in.readLong());
                } else if (kind == FOUNDED) {
                    founded = true;
                } else if (kind == INSTALLED) {
                    View view = BookWire.readView(in);
                    if (view.number() > normal.number()) {
                        founded = true;
                        normal = view;
                        promised = Math.max(promised, view.number());
                        BookWire.readEntries(in).forEach(entry -> entries.put(entry.key(), entry));
                    }
                } else if (kind == DECIDED) {
                    apply(BookWire.readDecided(in), normal, entries, machine);
                } else if (kind == COPIED) {
                    for (Entry<Book> entry : BookWire.readEntries(in)) {
                        Entry<Book> known = entries.get(entry.key());
                        if (known == null
                                || known.mark().sequence() < entry.mark().sequence()) {
                            entries.put(entry.key(), entry);
                        }
                    }
                } else {
                    throw new IOException("Unknown kind of journal record: " + kind);
                }
            }
        } catch (IOException e) {
            throw new GridUnavailable("The journal holds what this version can't read: " + e.getMessage(), e);
        }
        return new Memory<>(founded, promised, normal, entries);
    }

    private static void apply(
            Decided<Ruling> decided, View normal, Map<String, Entry<Book>> entries, BookMachine machine) {
        String key = decided.key();
        Entry<Book> known = entries.getOrDefault(key, new Entry<>(key, Mark.NONE, machine.fresh(key)));
        boolean next = decided.mark().sequence() == known.mark().sequence() + 1;
        if (next && decided.mark().view() == normal.number()) {
            entries.put(key, new Entry<>(key, decided.mark(), machine.apply(known.state(), decided.decision())));
        }
    }
}
