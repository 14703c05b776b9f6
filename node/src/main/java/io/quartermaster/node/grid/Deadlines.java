package io.quartermaster.node.grid;

import com.hazelcast.map.IMap;
import com.hazelcast.map.listener.EntryExpiredListener;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.ReservationId;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.MinerLedger;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that overdue reservations are released soon. The deadline itself is in the ledger, and decided there when a command
 * runs; this sends the command. An alarm is an entry of the engine that lives as long as its reservation, which also shows the
 * reservation to operators; alarms are lost with the replica that has them, so a sweep finds what they missed. Safe for use by
 * several threads.
 */
public final class Deadlines {
    private static final Logger LOG = LoggerFactory.getLogger(Deadlines.class);

    /** Often enough to release within two seconds. */
    private static final long SWEEP_EVERY_MILLIS = 500;

    private final IMap<Long, ReservationAlarm> alarms;
    private final IMap<String, ReservationAlarm> preliminary;
    private final ReplicaBooks books;
    private final UnaryOperator<Duration> realTime;
    private final ScheduledExecutorService sweeper;
    private final Predicate<Hotkey> ours;
    private final Consumer<Hotkey> expire;

    Deadlines(
            IMap<Long, ReservationAlarm> alarms,
            IMap<String, ReservationAlarm> preliminary,
            ReplicaBooks books,
            UnaryOperator<Duration> realTime,
            ScheduledExecutorService sweeper,
            Predicate<Hotkey> ours,
            Consumer<Hotkey> expire) {
        this.alarms = alarms;
        this.preliminary = preliminary;
        this.books = books;
        this.realTime = realTime;
        this.sweeper = sweeper;
        this.ours = ours;
        this.expire = expire;
        alarms.addLocalEntryListener((EntryExpiredListener<Long, ReservationAlarm>) event -> ring(event.getKey()));
        var unusedSweeping = sweeper.scheduleWithFixedDelay(
                this::sweep, SWEEP_EVERY_MILLIS, SWEEP_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Sets an alarm for a reservation, in place of the one that it has. It never fails: what was booked is booked, and the sweep
     * finds what no alarm rings for.
     *
     * @param miner the miner
     * @param booking the reservation
     */
    public void set(Hotkey miner, Booking booking) {
        ReservationAlarm alarm = new ReservationAlarm(
                miner, booking.executorClass(), booking.job(), booking.blocks().size(), booking.deadlineMillis());
        withoutFail(() ->
                alarms.setAsync(booking.id(), alarm, secondsUntilAfter(booking.deadlineMillis()), TimeUnit.SECONDS));
    }

    /**
     * Shows a preliminary reservation to operators, for as long as it lasts. Nothing rings at its end, since nothing has to be
     * released then: the deadline in the miner's slots decides.
     *
     * @param miner the miner
     * @param executorClass the class of executor that is kept
     * @param job the job that it is kept for
     * @param deadlineMillis until when, in Unix milliseconds
     */
    public void show(Hotkey miner, ExecutorClass executorClass, JobId job, long deadlineMillis) {
        ReservationAlarm shown = new ReservationAlarm(miner, executorClass, job, 0, deadlineMillis);
        withoutFail(
                () -> preliminary.setAsync(job.value(), shown, secondsUntilAfter(deadlineMillis), TimeUnit.SECONDS));
    }

    /** The engine counts whole seconds; a second more, so that it rings after the deadline. */
    private long secondsUntilAfter(long deadlineMillis) {
        long leftMillis = Math.max(1, deadlineMillis - books.clock().millis());
        return realTime.apply(Duration.ofMillis(leftMillis)).toSeconds() + 1;
    }

    /**
     * Takes a reservation's alarm away. It never fails.
     *
     * @param reservation the reservation's id
     */
    public void clear(long reservation) {
        withoutFail(() -> alarms.deleteAsync(reservation));
    }

    private static void withoutFail(Runnable change) {
        try {
            change.run();
        } catch (RuntimeException closing) {
            LOG.debug("An alarm could not be changed", closing);
        }
    }

    private void ring(long reservation) {
        books.shelf().miner(new ReservationId(reservation).minerNumber()).ifPresent(expire);
    }

    /** Releases what is overdue in the ledgers that this replica decides; those that it does not have others who do. */
    private void sweep() {
        try {
            long now = books.clock().millis();
            for (MinerLedger ledger : books.shelf().ledgers()) {
                if (ledger.nextDeadlineMillis().orElse(Long.MAX_VALUE) <= now && ours.test(ledger.miner())) {
                    expire.accept(ledger.miner());
                }
            }
        } catch (RuntimeException e) {
            LOG.warn("The sweep for expired reservations failed and will be tried again: {}", e.toString());
        }
    }

    void close() {
        sweeper.shutdownNow();
    }
}
