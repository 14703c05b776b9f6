package io.quartermaster.node.app.web;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.events.EventBatch;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.SystemEvent;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Events as they happen, for many readers. One thread looks four times a second for batches that have arrived here, writes each
 * event down once, and hands every reader as much as the connection takes without waiting; all readers together get so many bytes
 * a second and no more, so that they never slow down what the replica is for. A reader that falls behind further than
 * {@value #MOST_KEPT} events is told how many it has missed; one that takes nothing for {@value #PATIENCE_SECONDS} s is dropped.
 */
final class EventStreams implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);
    private static final int MOST_READERS = 2_000;
    private static final int MOST_KEPT = 10_000;
    private static final int LOOK_EVERY_MILLIS = 250;
    private static final long PATIENCE_SECONDS = 20;

    /** All readers together, in each look: 4 MB a second. */
    private static final int BYTES_A_LOOK = 1 << 20;

    private static final int LEAST_BYTES_A_READER = 2_048;

    /** Batches of several replicas arrive in an order that is not quite that of time. */
    private static final long OVERLAP_MILLIS = 5_000;

    private static final Pattern ID = Pattern.compile("(\\d{13})-([A-Za-z0-9-]{1,80})\\.(\\d{1,4})@([a-z0-9]{8})");

    private final Replica replica;
    private final List<EventReader> readers = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread named = new Thread(task, "event-streams");
        named.setDaemon(true);
        return named;
    });

    /** Positions in the order of arrival mean something to this process only. */
    private final String process = UUID.randomUUID().toString().substring(0, 8);

    private final Set<String> seen = new HashSet<>();
    private final Deque<Frame> frames = new ArrayDeque<>();
    private long nextPosition;
    private boolean started;

    EventStreams(Replica replica) {
        this.replica = replica;
    }

    /** An event as it goes out. */
    record Frame(long position, String key, int index, SystemEvent event, ByteBuffer bytes) {
        private long time() {
            return Long.parseLong(key.substring(0, 13));
        }
    }

    /** Begins to send; what comes after the event of the id, if one is given, else what comes from now on. */
    void open(EventQuery query, Optional<String> lastId, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Optional<Matcher> last = lastId.map(EventStreams::parsed);
        if (readers.size() >= MOST_READERS) {
            throw new RequestRefused(
                    ProblemType.TOO_MANY_REQUESTS,
                    "There are " + MOST_READERS + " readers of events, the most there may be");
        }
        synchronized (this) {
            start();
            look();
            long from = last.map(this::after).orElse(nextPosition);
            readers.add(new EventReader(request, response, query, from, TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)));
        }
    }

    int readers() {
        return readers.size();
    }

    private static Matcher parsed(String id) {
        Matcher parts = ID.matcher(id);
        if (!parts.matches()) {
            throw new InvalidArgument("Last-Event-ID", id, "the id of an event of this stream");
        }
        return parts;
    }

    private void start() {
        if (!started) {
            started = true;
            var unused = thread.scheduleWithFixedDelay(
                    this::lookAndSend, LOOK_EVERY_MILLIS, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Where to go on after an event: exactly after it if it was sent from here, else with some that may have been seen. */
    private long after(Matcher id) {
        String key = id.group(1) + "-" + id.group(2);
        int index = Integer.parseInt(id.group(3));
        if (id.group(4).equals(process)) {
            for (Frame frame : frames) {
                if (frame.key().equals(key) && frame.index() == index) {
                    return frame.position() + 1;
                }
            }
        }
        long since = Long.parseLong(id.group(1)) - OVERLAP_MILLIS;
        return frames.stream()
                .filter(frame -> frame.time() >= since)
                .map(Frame::position)
                .findFirst()
                .orElse(nextPosition);
    }

    private void lookAndSend() {
        try {
            synchronized (this) {
                if (readers.isEmpty()) {
                    return;
                }
                look();
                int share = Math.max(LEAST_BYTES_A_READER, BYTES_A_LOOK / readers.size());
                for (EventReader reader : readers) {
                    reader.send(frames, nextPosition, share);
                }
                readers.removeIf(EventReader::gone);
            }
        } catch (RuntimeException e) {
            LOG.warn("Events could not be sent to those who read them: {}", e.toString());
        }
    }

    private void look() {
        Map<String, EventBatch> batches = replica.eventBatches();
        List<String> fresh = batches.keySet().stream()
                .filter(key -> !seen.contains(key))
                .sorted()
                .toList();
        seen.addAll(fresh);
        if (seen.size() > 2 * batches.size()) {
            seen.retainAll(batches.keySet());
        }
        // At the first look all that is kept is new, and only the newest is of use.
        int first = fresh.size();
        for (int events = 0; first > 0 && events < MOST_KEPT; first--) {
            @Nullable EventBatch batch = batches.get(fresh.get(first - 1));
            events += batch == null ? 0 : batch.count();
        }
        for (String key : fresh.subList(first, fresh.size())) {
            @Nullable EventBatch batch = batches.get(key);
            if (batch != null) {
                take(key, batch);
            }
        }
    }

    private void take(String key, EventBatch batch) {
        int index = 0;
        for (SystemEvent event : batch.events()) {
            frames.addLast(new Frame(nextPosition, key, index, event, written(key, index, event)));
            nextPosition++;
            index++;
        }
        Iterator<Frame> oldest = frames.iterator();
        for (int tooMany = frames.size() - MOST_KEPT; tooMany > 0; tooMany--) {
            oldest.next();
            oldest.remove();
        }
    }

    private ByteBuffer written(String key, int index, SystemEvent event) {
        try {
            String text = "id: " + key + "." + index + "@" + process + "\nevent: " + event.type() + "\ndata: "
                    + Json.MAPPER.writeValueAsString(event) + "\n\n";
            return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        } catch (JacksonException e) {
            throw new IllegalStateException("Every event can be written", e);
        }
    }

    /** Ends all streams: who reads them comes again, and finds another replica or this one when it is back. */
    @Override
    public void close() {
        thread.shutdownNow();
        readers.forEach(EventReader::end);
        readers.clear();
    }
}
