package io.quartermaster.node.app;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.grid.GridListeners;
import io.quartermaster.node.ledger.Booking;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes events of what the grid's own threads see: reservations that run out, replicas that come and go. Those threads only note
 * it, and never wait. The one replica that decides about a miner tells of its reservations, once they are gone from the ledger:
 * what it decided may have come to nothing, and is decided again. Safe for use by several threads.
 */
final class Occurrences implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Occurrences.class);
    private static final long LOOK_EVERY_MILLIS = 500;
    private static final int MOST_WAITING = 10_000;

    /** What a single storm of expiries may take up of the room that all events have. The others are only counted. */
    static final int MOST_TOLD_A_MINUTE = 100;

    private final ScheduledExecutorService teller = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "occurrences");
        thread.setDaemon(true);
        return thread;
    });

    private final Queue<Expiry> expiries = new ConcurrentLinkedQueue<>();
    private final Queue<Change> changes = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();

    /** Those for which there was no room. */
    private final AtomicInteger overflown = new AtomicInteger();

    // The teller's own.
    private int seen;
    private int told;
    private int untold;
    private long minuteBegan = System.nanoTime();
    private final long minuteNanos;

    private record Expiry(Hotkey miner, Booking reservation, long atMillis) {}

    private record Change(Set<Integer> joined, Set<Integer> left) {}

    Occurrences() {
        this(Duration.ofMinutes(1));
    }

    /** For tests, which have no minute. */
    Occurrences(Duration minute) {
        this.minuteNanos = minute.toNanos();
    }

    /** A reservation is being released; see {@link GridListeners#expiring}. */
    void expiring(Hotkey miner, Booking reservation, long atMillis) {
        if (waiting.get() >= MOST_WAITING) {
            overflown.incrementAndGet();
            return;
        }
        waiting.incrementAndGet();
        expiries.add(new Expiry(miner, reservation, atMillis));
    }

    /** Other replicas than before take part. */
    void replicasChanged(Set<Integer> joined, Set<Integer> left) {
        changes.add(new Change(joined, left));
    }

    /** Begins to tell, also of what was noted before. */
    void tell(Grid grid, EventLog events) {
        var unused = teller.scheduleWithFixedDelay(
                () -> {
                    try {
                        look(grid, events);
                    } catch (RuntimeException e) {
                        LOG.warn("What happened could not be told and will be told later: {}", e.toString());
                    }
                },
                LOOK_EVERY_MILLIS,
                LOOK_EVERY_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    private void look(Grid grid, EventLog events) {
        Instant now = Instant.ofEpochMilli(grid.nowMillis());
        for (Change change = changes.poll(); change != null; change = changes.poll()) {
            new TreeSet<>(change.left())
                    .forEach(replica -> tell(events, now, EventType.REPLICA_LEFT, replica, "has left the grid"));
            new TreeSet<>(change.joined())
                    .forEach(replica -> tell(events, now, EventType.REPLICA_JOINED, replica, "has joined the grid"));
        }
        if (System.nanoTime() - minuteBegan >= minuteNanos) {
            tellOfThoseUntold(events, now);
            minuteBegan = System.nanoTime();
            told = 0;
        }
        if (grid.waitingFor().isPresent()) {
            // Whether they are gone is settled by the next view.
            return;
        }
        // Those that came since the last look may not have arrived in the ledger yet.
        for (; seen > 0; seen--) {
            Expiry expiry = expiries.remove();
            waiting.decrementAndGet();
            boolean there = grid.shelf()
                    .ledger(expiry.miner())
                    .flatMap(ledger -> ledger.booking(expiry.reservation().id()))
                    .isPresent();
            if (!there) {
                tell(events, expiry);
            }
        }
        seen = waiting.get();
    }

    private static void tell(EventLog events, Instant now, EventType type, int replica, String what) {
        events.record(new SystemEvent(
                now, type, Map.of("replica", Integer.toString(replica)), "replica " + replica + " " + what));
    }

    private void tell(EventLog events, Expiry expiry) {
        if (told == MOST_TOLD_A_MINUTE) {
            untold++;
            return;
        }
        told++;
        Booking reservation = expiry.reservation();
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put(SystemEvent.JOB, reservation.job().value());
        fields.put(SystemEvent.MINER, expiry.miner().value());
        fields.put("class", reservation.executorClass().name());
        fields.put("reservation", Long.toString(reservation.id()));
        fields.put("blocks", Integer.toString(reservation.blocks().size()));
        fields.put(
                "deadline", Instant.ofEpochMilli(reservation.deadlineMillis()).toString());
        events.record(new SystemEvent(
                Instant.ofEpochMilli(expiry.atMillis()),
                EventType.RESERVATION_EXPIRED,
                fields,
                "reservation " + reservation.id() + " of job " + reservation.job() + " with miner " + expiry.miner()
                        + " was neither spent nor undone in time; its "
                        + reservation.blocks().size() + " blocks are given back"));
    }

    private void tellOfThoseUntold(EventLog events, Instant now) {
        untold += overflown.getAndSet(0);
        if (untold > 0) {
            events.record(new SystemEvent(
                    now,
                    EventType.RESERVATION_EXPIRED,
                    Map.of("count", Integer.toString(untold)),
                    untold + " more reservations were neither spent nor undone in time: too many to tell of each"));
            untold = 0;
        }
    }

    @Override
    public void close() {
        teller.shutdownNow();
    }
}
