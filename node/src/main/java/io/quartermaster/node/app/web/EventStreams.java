package io.quartermaster.node.app.web;

import io.quartermaster.node.app.Replica;
import io.quartermaster.node.events.EventQuery;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events as they happen, for many readers. One thread looks some times a second for what has arrived here and hands every reader as
 * much as the connection takes without waiting, in one piece; all readers together get so many bytes a second and no more, so that
 * they never slow down what the replica is for. A reader that falls too far behind is told how many events it has missed; one that
 * takes nothing for long is dropped.
 */
final class EventStreams implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);
    private static final int MOST_READERS = 2_000;
    private static final int LEAST_BYTES_A_READER = 2_048;

    /** So many are sent to without a pause, or so many parts of all, whichever are more. */
    private static final int READERS_AT_ONCE = 50;

    private static final int MOST_PARTS = 10;

    /** Of the time between two looks the pauses take up no more than half. */
    private static final int PAUSES_OF_A_LOOK = 2;

    private final StreamPace pace;
    private final EventFeed feed;
    private final List<EventReader> readers = new CopyOnWriteArrayList<>();
    private final AtomicBoolean started = new AtomicBoolean();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread named = new Thread(task, "event-streams");
        named.setDaemon(true);
        return named;
    });

    EventStreams(Replica replica, StreamPace pace) {
        this.pace = pace;
        this.feed = new EventFeed(replica::eventBatches, pace.mostKept());
    }

    /** Begins to send; what comes after the event of the id, if one is given, else what comes from now on. */
    void open(EventQuery query, Optional<String> lastId, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Optional<EventId> last = lastId.map(EventId::of);
        if (readers.size() >= MOST_READERS) {
            throw new RequestRefused(
                    ProblemType.TOO_MANY_REQUESTS,
                    "There are " + MOST_READERS + " readers of events, the most there may be");
        }
        EventFeed.Kept kept = feed.look();
        long from = last.map(kept::after).orElse(kept.end());
        readers.add(new EventReader(request, response, query, from, pace));
        if (started.compareAndSet(false, true)) {
            long millis = pace.lookEvery().toMillis();
            var unused = thread.scheduleAtFixedRate(this::lookAndSend, millis, millis, TimeUnit.MILLISECONDS);
        }
    }

    int readers() {
        return readers.size();
    }

    private void lookAndSend() {
        try {
            List<EventReader> all = List.copyOf(readers);
            if (all.isEmpty()) {
                return;
            }
            EventFeed.Kept kept = feed.look();
            int share = Math.max(LEAST_BYTES_A_READER, pace.bytesALook() / all.size());
            int part = Math.max(READERS_AT_ONCE, (all.size() + MOST_PARTS - 1) / MOST_PARTS);
            for (int i = 0; i < all.size(); i++) {
                if (i > 0 && i % part == 0) {
                    // Many at once would keep the processors from those who wait for an answer.
                    TimeUnit.NANOSECONDS.sleep(pace.lookEvery().toNanos() / PAUSES_OF_A_LOOK / MOST_PARTS);
                }
                all.get(i).send(kept, share);
            }
            readers.removeIf(EventReader::gone);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("Events could not be sent to those who read them: {}", e.toString());
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
