package io.quartermaster.node.app.web;

import io.quartermaster.node.events.EventBatch;
import io.quartermaster.node.events.SystemEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest events in the order in which their batches arrived here, each with a position that only grows. A batch is unpacked,
 * and its events are written down, once, and only when somebody reads as far. Safe for use by several threads.
 */
final class EventFeed {
    /** Batches of several replicas arrive in an order that is not quite that of time. */
    private static final long OVERLAP_MILLIS = 5_000;

    private final Supplier<Map<String, EventBatch>> batches;
    private final int mostKept;

    /** Positions in the order of arrival mean something to this process only. */
    private final String process = UUID.randomUUID().toString().substring(0, 8);

    private final Set<String> seen = new HashSet<>();
    private final Deque<Arrival> arrivals = new ArrayDeque<>();
    private long end;

    /** Keeps that many events, or somewhat fewer. */
    EventFeed(Supplier<Map<String, EventBatch>> batches, int mostKept) {
        this.batches = batches;
        this.mostKept = mostKept;
    }

    /** An event, and how it goes out. */
    record Frame(SystemEvent event, ByteBuffer bytes) {}

    /** A batch that arrived, and the position of its first event. */
    private final class Arrival {
        private final String key;
        private final EventBatch batch;
        private final long first;
        private @Nullable List<Frame> unpacked;

        Arrival(String key, EventBatch batch, long first) {
            this.key = key;
            this.batch = batch;
            this.first = first;
        }

        private synchronized List<Frame> frames() {
            @Nullable List<Frame> known = unpacked;
            if (known == null) {
                known = new ArrayList<>(batch.count());
                for (SystemEvent event : batch.events()) {
                    known.add(new Frame(event, written(known.size(), event)));
                }
                unpacked = known;
            }
            return known;
        }

        private ByteBuffer written(int index, SystemEvent event) {
            String text = "id: " + new EventId(key, index, process) + "\nevent: " + event.type() + "\ndata: "
                    + Json.MAPPER.writeValueAsString(event) + "\n\n";
            return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** What is kept at a moment. Immutable. */
    final class Kept {
        private final List<Arrival> arrivals;
        private final long end;

        private Kept(List<Arrival> arrivals, long end) {
            this.arrivals = arrivals;
            this.end = end;
        }

        /** The position of the oldest event, or of the next one if there is none. */
        long first() {
            return arrivals.isEmpty() ? end : arrivals.get(0).first;
        }

        /** The position that the next event will have. */
        long end() {
            return end;
        }

        /** Events that follow each other, beginning with the one at a position: as many as are at hand, at least one. */
        List<Frame> from(long position) {
            int low = 0;
            for (int high = arrivals.size() - 1; low < high; ) {
                int middle = (low + high + 1) >>> 1;
                if (arrivals.get(middle).first <= position) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            List<Frame> frames = arrivals.get(low).frames();
            return frames.subList((int) (position - arrivals.get(low).first), frames.size());
        }

        /** Where to go on after an event: exactly after it if it was sent from here, else with some that may have been seen. */
        long after(EventId id) {
            if (id.process().equals(process)) {
                for (Arrival arrival : arrivals) {
                    if (arrival.key.equals(id.key()) && id.index() < arrival.batch.count()) {
                        return arrival.first + id.index() + 1;
                    }
                }
            }
            long since = EventId.timeOf(id.key()) - OVERLAP_MILLIS;
            return arrivals.stream()
                    .filter(arrival -> EventId.timeOf(arrival.key) >= since)
                    .map(arrival -> arrival.first)
                    .findFirst()
                    .orElse(end);
        }
    }

    /** Takes in what has arrived. */
    synchronized Kept look() {
        Map<String, EventBatch> all = batches.get();
        List<String> fresh = all.keySet().stream()
                .filter(key -> !seen.contains(key))
                .sorted()
                .toList();
        seen.addAll(fresh);
        if (seen.size() > 2 * all.size()) {
            seen.retainAll(all.keySet());
        }
        for (String key : fresh) {
            @Nullable EventBatch batch = all.get(key);
            if (batch != null) {
                arrivals.addLast(new Arrival(key, batch, end));
                end += batch.count();
            }
        }
        while (arrivals.size() > 1 && end - arrivals.getFirst().first > mostKept) {
            arrivals.removeFirst();
        }
        return new Kept(List.copyOf(arrivals), end);
    }
}
