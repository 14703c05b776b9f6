package io.quartermaster.node.grid;

import io.quartermaster.node.views.Mark;
import io.quartermaster.node.views.Message;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What replicas say to each other, as bytes. */
final class MessageWire {
    private MessageWire() {}

    static byte[] bytes(Message<Book> message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(new DataOutputStream(bytes), message);
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    static Message<Book> message(byte[] bytes) throws IOException {
        return read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    private static void write(DataOutput out, Message<Book> message) throws IOException {
        if (message instanceof Message.Prepare<Book>) {
            begin(out, 1, message);
        } else if (message instanceof Message.Promise<Book> promise) {
            begin(out, 2, message);
            out.writeBoolean(promise.founded());
            out.writeLong(promise.normal());
            out.writeInt(promise.marks().size());
            for (Map.Entry<String, Mark> mark : promise.marks().entrySet()) {
                out.writeUTF(mark.getKey());
                BookWire.writeMark(out, mark.getValue());
            }
        } else if (message instanceof Message.Outrun<Book> outrun) {
            begin(out, 3, message);
            out.writeLong(outrun.promised());
        } else if (message instanceof Message.Found<Book>) {
            begin(out, 4, message);
        } else if (message instanceof Message.Founded<Book>) {
            begin(out, 5, message);
        } else if (message instanceof Message.Fetch<Book> fetch) {
            begin(out, 6, message);
            out.writeInt(fetch.keys().size());
            for (String key : fetch.keys()) {
                out.writeUTF(key);
            }
        } else if (message instanceof Message.Fetched<Book> fetched) {
            begin(out, 7, message);
            BookWire.writeEntries(out, fetched.entries());
        } else if (message instanceof Message.Install<Book> install) {
            begin(out, 8, message);
            BookWire.writeView(out, install.next());
            BookWire.writeEntries(out, install.changed());
        } else if (message instanceof Message.Installed<Book>) {
            begin(out, 9, message);
        } else if (message instanceof Message.Held<Book> held) {
            begin(out, 10, message);
            writeSequences(out, held.sequences());
        } else if (message instanceof Message.Pulse<Book> pulse) {
            begin(out, 11, message);
            out.writeLong(pulse.promised());
            writeSequences(out, pulse.recent());
        } else if (message instanceof Message.Missed<Book> missed) {
            begin(out, 12, message);
            out.writeUTF(missed.key());
        } else if (message instanceof Message.Copy<Book> copy) {
            begin(out, 13, message);
            BookWire.writeEntries(out, List.of(copy.entry()));
        } else if (message instanceof Message.Ask<Book>) {
            begin(out, 14, message);
        } else if (message instanceof Message.Holds<Book> holds) {
            begin(out, 15, message);
            writeSequences(out, holds.sequences());
        }
    }

    private static void begin(DataOutput out, int kind, Message<Book> message) throws IOException {
        out.writeByte(kind);
        out.writeLong(message.view());
    }

    private static Message<Book> read(DataInput in) throws IOException {
        int kind = in.readByte();
        long view = in.readLong();
        return switch (kind) {
            case 1 -> new Message.Prepare<>(view);
            case 2 -> new Message.Promise<>(view, in.readBoolean(), in.readLong(), readMarks(in));
            case 3 -> new Message.Outrun<>(view, in.readLong());
            case 4 -> new Message.Found<>(view);
            case 5 -> new Message.Founded<>(view);
            case 6 -> new Message.Fetch<>(view, readKeys(in));
            case 7 -> new Message.Fetched<>(view, BookWire.readEntries(in));
            case 8 -> new Message.Install<>(BookWire.readView(in), BookWire.readEntries(in));
            case 9 -> new Message.Installed<>(view);
            case 10 -> new Message.Held<>(view, readSequences(in));
            case 11 -> new Message.Pulse<>(view, in.readLong(), readSequences(in));
            case 12 -> new Message.Missed<>(view, in.readUTF());
            case 13 ->
                new Message.Copy<>(
                        view,
                        BookWire.readEntries(in).stream()
                                .findFirst()
                                .orElseThrow(() -> new IOException("A copy without a book")));
            case 14 -> new Message.Ask<>(view);
            case 15 -> new Message.Holds<>(view, readSequences(in));
            default -> throw new IOException("Unknown kind of message: " + kind);
        };
    }

    private static Map<String, Mark> readMarks(DataInput in) throws IOException {
        Map<String, Mark> marks = new HashMap<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            marks.put(in.readUTF(), BookWire.readMark(in));
        }
        return marks;
    }

    private static List<String> readKeys(DataInput in) throws IOException {
        List<String> keys = new ArrayList<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            keys.add(in.readUTF());
        }
        return keys;
    }

    private static void writeSequences(DataOutput out, Map<String, Long> sequences) throws IOException {
        out.writeInt(sequences.size());
        for (Map.Entry<String, Long> sequence : sequences.entrySet()) {
            out.writeUTF(sequence.getKey());
            out.writeLong(sequence.getValue());
        }
    }

    private static Map<String, Long> readSequences(DataInput in) throws IOException {
        Map<String, Long> sequences = new HashMap<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            sequences.put(in.readUTF(), in.readLong());
        }
        return sequences;
    }
}
