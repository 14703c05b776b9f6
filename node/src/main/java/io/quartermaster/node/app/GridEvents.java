package io.quartermaster.node.app;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.node.events.EventBatch;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.grid.Shared;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happened on all replicas. An event is shown here at once. Within a quarter of a second it goes to the others in a batch,
 * and is then kept as every other record: by a majority, on disk. One that is killed earlier takes its last quarter of a second
 * with it; while there is no majority, the newest {@value #MOST_WAITING} wait. The oldest batches are let go, so that all of them
 * together take no more room than is given. Safe for use by several threads.
 */
final class GridEvents implements EventLog, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GridEvents.class);
    private static final int MOST_WAITING = 20_000;
    private static final int TIME_DIGITS = 13;
    private static final long SEND_EVERY_MILLIS = 250;
    private static final long CLOSE_SECONDS = 2;

    /** What a batch takes up besides its bytes, about. */
    private static final int BATCH_OVERHEAD_BYTES = 400;

    /** So much is let go at once, that it is seldom done. */
    private static final double KEPT_WHEN_FULL = 0.9;

    private static final int LOOK_FOR_ROOM_EVERY_BATCHES = 100;

    private final Grid grid;
    private final Shared<EventBatch> shared;
    private final long roomBytes;
    private final ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "events");
        thread.setDaemon(true);
        return thread;
    });

    /** Oldest first. Guards what follows, too. */
    private final Deque<SystemEvent> waiting = new ArrayDeque<>();

    private long dropped;
    private long droppedInAll;
    private Sending underWay = Sending.NOTHING;

    private int sent;

    /** A batch that may already be there, and under which key: it is sent until it is known to be. */
    private record Sending(String key, List<SystemEvent> events) {
        private static final Sending NOTHING = new Sending("", List.of());
    }

    GridEvents(Grid grid, long roomBytes) {
        this.grid = grid;
        this.shared = grid.records().events();
        this.roomBytes = roomBytes;
        var unused =
                sender.scheduleWithFixedDelay(this::send, SEND_EVERY_MILLIS, SEND_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void record(SystemEvent event) {
        synchronized (waiting) {
            waiting.addLast(event);
            if (waiting.size() > MOST_WAITING) {
                waiting.removeFirst();
                dropped++;
                droppedInAll++;
            }
        }
    }

    /** How many events wait to be sent. */
    int waiting() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

    /** How many events were dropped since the start. */
    long dropped() {
        synchronized (waiting) {
            return droppedInAll;
        }
    }

    /** What has been sent and is kept, by a key that begins with the time of its newest event. */
    Map<String, EventBatch> batches() {
        return shared.entries();
    }

    /**
     * Finds events.
     *
     * @param query which
     * @return newest first
     */
    List<SystemEvent> find(EventQuery query) {
        List<SystemEvent> found = new ArrayList<>();
        List<String> keys;
        synchronized (waiting) {
            // What goes out from here after this moment is looked at here, and not there.
            keys = new ArrayList<>(shared.entries().keySet());
            keys.remove(underWay.key());
            waiting.stream().filter(query::matches).forEach(found::add);
            underWay.events().stream().filter(query::matches).forEach(found::add);
        }
        keys.sort(Comparator.reverseOrder());
        for (String key : keys) {
            @Nullable EventBatch batch = shared.entries().get(key);
            if (batch == null) {
                continue;
            }
            boolean before = query.since().filter(newest(key)::isBefore).isPresent();
            if (before || (found.size() >= query.limit() && allNewerThan(newest(key), found, query.limit()))) {
                break;
            }
            batch.events().stream().filter(query::matches).forEach(found::add);
        }
        found.sort(Comparator.comparing(SystemEvent::time).reversed());
        return List.copyOf(found.subList(0, Math.min(query.limit(), found.size())));
    }

    private static boolean allNewerThan(Instant time, List<SystemEvent> found, int many) {
        return found.stream().filter(event -> event.time().isAfter(time)).count() >= many;
    }

    private void send() {
        try {
            while (sendOne()) {
                sent++;
                if (sent % LOOK_FOR_ROOM_EVERY_BATCHES == 0) {
                    makeRoom();
                }
            }
        } catch (GridUnavailable | OutcomeUnknown e) {
            LOG.debug("Events wait until a majority of the replicas is there", e);
        } catch (RuntimeException e) {
            LOG.warn("Events could not be sent and will be sent again: {}", e.toString());
        }
    }

    /** False if there is nothing to send. */
    private boolean sendOne() {
        List<SystemEvent> first = underWay.events().isEmpty() ? takeFirst() : underWay.events();
        if (first.isEmpty()) {
            return false;
        }
        EventBatch batch = EventBatch.ofFirst(first);
        takeBackAllBut(batch.count());
        GridAllowance.await(grid.newCall(), shared.put(underWay.key(), batch));
        synchronized (waiting) {
            underWay = Sending.NOTHING;
        }
        return true;
    }

    private List<SystemEvent> takeFirst() {
        synchronized (waiting) {
            List<SystemEvent> first = new ArrayList<>();
            if (dropped > 0) {
                first.add(SystemEvent.of(
                        waiting.getFirst().time(),
                        EventType.EVENTS_DROPPED,
                        dropped + " events before this were dropped: there were more than could be kept"));
                dropped = 0;
            }
            while (first.size() < EventBatch.MOST_EVENTS && !waiting.isEmpty()) {
                first.add(waiting.removeFirst());
            }
            // Whoever looks for them meanwhile finds them here, and by the key does not find them twice.
            underWay = first.isEmpty() ? Sending.NOTHING : new Sending(key(first), first);
            return first;
        }
    }

    /** A batch may have no room for all that was taken for it. */
    private void takeBackAllBut(int many) {
        synchronized (waiting) {
            List<SystemEvent> taken = underWay.events();
            for (int i = taken.size() - 1; i >= many; i--) {
                waiting.addFirst(taken.get(i));
            }
            underWay = new Sending(underWay.key(), List.copyOf(taken.subList(0, many)));
        }
    }

    /** In the order of time as text, too: such years have 13 digits of milliseconds. */
    private String key(List<SystemEvent> events) {
        long newest = events.stream()
                .mapToLong(event -> event.time().toEpochMilli())
                .max()
                .orElse(0);
        return String.format(Locale.ROOT, "%0" + TIME_DIGITS + "d", Math.max(0, newest)) + "-" + grid.newCall();
    }

    /** No event of the batch, nor of any whose key comes before, is newer. */
    private static Instant newest(String key) {
        return Instant.ofEpochMilli(Long.parseLong(key.substring(0, TIME_DIGITS)));
    }

    private void makeRoom() {
        Map<String, EventBatch> batches = shared.entries();
        long used = batches.values().stream()
                .mapToLong(batch -> batch.size() + BATCH_OVERHEAD_BYTES)
                .sum();
        if (used <= roomBytes) {
            return;
        }
        List<String> oldest = new ArrayList<>();
        Iterator<String> keys = batches.keySet().stream().sorted().iterator();
        while (used > roomBytes * KEPT_WHEN_FULL && keys.hasNext()) {
            String key = keys.next();
            @Nullable EventBatch batch = batches.get(key);
            used -= batch == null ? 0 : batch.size() + BATCH_OVERHEAD_BYTES;
            oldest.add(key);
        }
        GridAllowance.await(grid.newCall(), shared.remove(oldest));
    }

    /** Sends what is left, if that can be done soon. */
    @Override
    public void close() {
        sender.execute(this::send);
        sender.shutdown();
        try {
            if (!sender.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                sender.shutdownNow();
            }
        } catch (InterruptedException e) {
            sender.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
