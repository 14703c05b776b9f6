package io.quartermaster.node.events;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Some events of one replica, in the order in which they were recorded. There are many events and they are seldom looked at, so
 * they are kept as compressed bytes, a fifth of their size. The bytes are also the form in which they are sent and stored: it is
 * never changed. Immutable.
 */
public final class EventBatch {
    /** How many events a batch has at most. */
    public static final int MOST_EVENTS = 256;

    /** Longer texts are cut: nobody reads further. */
    private static final int LONGEST_TEXT = 8_000;

    private static final int MOST_FIELDS = 64;

    /** What a batch of the longest texts could have, compressed or not; whatever is larger was not written here. */
    public static final int MOST_BYTES = 4 << 20;

    private static final String CUT = "...";

    private final byte[] bytes;
    private final int count;
    private final Instant newest;

    private EventBatch(byte[] bytes, List<SystemEvent> events) {
        this.bytes = bytes;
        this.count = events.size();
        this.newest =
                events.stream().map(SystemEvent::time).max(Instant::compareTo).orElse(Instant.EPOCH);
    }

    /**
     * A batch of the first few of some events: as many as there is room for.
     *
     * @param events at least one, in the order in which they were recorded
     * @return a batch of one or more of them
     */
    public static EventBatch ofFirst(List<SystemEvent> events) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        List<SystemEvent> taken = new ArrayList<>();
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(whole, deflater))) {
            for (SystemEvent event : events) {
                if (taken.size() == MOST_EVENTS || out.size() > MOST_BYTES / 2) {
                    break;
                }
                write(out, event);
                taken.add(event);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Memory can be written", e);
        } finally {
            deflater.end();
        }
        return new EventBatch(whole.toByteArray(), taken);
    }

    /**
     * A batch as it was stored.
     *
     * @param bytes as {@link #bytes} gave them
     * @return the batch
     * @throws IOException if they are not those of a batch
     */
    public static EventBatch read(byte[] bytes) throws IOException {
        return new EventBatch(bytes.clone(), decoded(bytes));
    }

    /**
     * The batch as bytes.
     *
     * @return a copy
     */
    public byte[] bytes() {
        return bytes.clone();
    }

    /**
     * How large it is.
     *
     * @return in bytes
     */
    public int size() {
        return bytes.length;
    }

    /**
     * How many events there are.
     *
     * @return at least 1
     */
    public int count() {
        return count;
    }

    /**
     * The time of the newest event.
     *
     * @return to the millisecond
     */
    public Instant newest() {
        return newest;
    }

    /**
     * The events.
     *
     * @return in the order in which they were recorded
     */
    public List<SystemEvent> events() {
        try {
            return decoded(bytes);
        } catch (IOException e) {
            throw new IllegalStateException("These bytes were read before", e);
        }
    }

    private static void write(DataOutputStream out, SystemEvent event) throws IOException {
        out.writeLong(event.time().toEpochMilli());
        out.writeUTF(event.type().name());
        out.writeUTF(cut(event.message()));
        List<Map.Entry<String, String>> fields =
                event.fields().entrySet().stream().limit(MOST_FIELDS).toList();
        out.writeByte(fields.size());
        for (Map.Entry<String, String> field : fields) {
            out.writeUTF(cut(field.getKey()));
            out.writeUTF(cut(field.getValue()));
        }
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + CUT;
    }

    private static List<SystemEvent> decoded(byte[] bytes) throws IOException {
        byte[] plain;
        try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(bytes))) {
            plain = in.readNBytes(MOST_BYTES + 1);
        }
        if (plain.length > MOST_BYTES) {
            throw new IOException("A batch of events of more than " + MOST_BYTES + " bytes");
        }
        List<SystemEvent> events = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(plain))) {
            while (in.available() > 0) {
                events.add(event(in));
            }
        }
        if (events.isEmpty() || events.size() > MOST_EVENTS) {
            throw new IOException("A batch of " + events.size() + " events");
        }
        return List.copyOf(events);
    }

    private static SystemEvent event(DataInputStream in) throws IOException {
        Instant time = Instant.ofEpochMilli(in.readLong());
        String name = in.readUTF();
        String message = in.readUTF();
        Map<String, String> fields = new LinkedHashMap<>();
        int left = in.readByte();
        if (left < 0 || left > MOST_FIELDS) {
            throw new IOException("An event with " + left + " fields");
        }
        for (; left > 0; left--) {
            fields.put(in.readUTF(), in.readUTF());
        }
        try {
            return new SystemEvent(time, EventType.valueOf(name), fields, message);
        } catch (IllegalArgumentException e) {
            throw new IOException("Unknown type of event: " + name, e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EventBatch that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return events().toString();
    }
}
