package io.quartermaster.node.ledger;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.ReservationId;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.TreePMap;

/**
 * The books of one miner: how many executors it had when, what was dropped when, and what validators have booked. Amounts are
 * not in it; they follow from these factors and the {@link BlockTable}.
 *
 * <p>Immutable; safe for use by several threads. It changes only by {@link #apply applying} a decision that
 * {@link LedgerRules#decide} has made.
 *
 * @param miner the miner's hotkey
 * @param number the grid's number for the miner, in the ids of its reservations; 0 before the ledger is opened
 * @param version how many decisions have changed this ledger
 * @param reservationsMade how many reservations were ever made; the next one's id follows from it
 * @param classes the books of each class that a manifest has named
 * @param bookings the active reservations, and those spent ones that still hold a block, by id
 * @param deadlines the ids of the active reservations by deadline
 * @param answers what was answered lately
 * @param fences the highest token of each lock under which it was changed
 */
public record MinerLedger(
        Hotkey miner,
        int number,
        long version,
        long reservationsMade,
        PMap<ExecutorClass, ClassBook> classes,
        PMap<Long, Booking> bookings,
        TreePMap<Deadline, Long> deadlines,
        Answers answers,
        PMap<String, Long> fences) {

    /**
     * A deadline of a reservation.
     *
     * @param millis Unix milliseconds
     * @param reservation the reservation's id, since deadlines may be equal
     */
    public record Deadline(long millis, long reservation) implements Comparable<Deadline> {
        @Override
        public int compareTo(Deadline other) {
            int byTime = Long.compare(millis, other.millis);
            return byTime != 0 ? byTime : Long.compare(reservation, other.reservation);
        }
    }

    /**
     * The ledger of a miner of whom nothing is known yet.
     *
     * @param miner the miner's hotkey
     * @return an empty ledger
     */
    public static MinerLedger unopened(Hotkey miner) {
        return new MinerLedger(
                miner,
                0,
                0,
                0,
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                TreePMap.empty(),
                Answers.NONE,
                HashTreePMap.empty());
    }

    /**
     * The books of a class.
     *
     * @param executorClass the class
     * @return null if no manifest has named it
     */
    public @Nullable ClassBook book(ExecutorClass executorClass) {
        return classes.get(executorClass);
    }

    /**
     * A booking.
     *
     * @param reservation the reservation's id
     * @return empty if there is none, or it was undone, has expired, or holds no block any more
     */
    public Optional<Booking> booking(long reservation) {
        return Optional.ofNullable(bookings.get(reservation));
    }

    /**
     * The active reservations.
     *
     * @return in order of their deadlines
     */
    public Stream<Booking> activeBookings() {
        return deadlines.values().stream().flatMap(id -> booking(id).stream());
    }

    /**
     * The active reservation of a job.
     *
     * @param job the job's id
     * @return empty if it has none with this miner
     */
    public Optional<Booking> activeBooking(JobId job) {
        for (ClassBook book : classes.values()) {
            Long id = book.activeJobs().get(job);
            if (id != null) {
                return booking(id);
            }
        }
        return Optional.empty();
    }

    /**
     * When the next reservation expires.
     *
     * @return Unix milliseconds; empty if none is active
     */
    public OptionalLong nextDeadlineMillis() {
        return deadlines.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(deadlines.firstKey().millis());
    }

    long nextReservationId() {
        return ReservationId.of(number, reservationsMade + 1).value();
    }

    /**
     * The ledger after a decision.
     *
     * @param decision a decision about this very version of this ledger
     * @return a new ledger, or this one if the decision changes nothing
     */
    public MinerLedger apply(LedgerDecision decision) {
        if (!decision.changesLedger()) {
            return this;
        }
        MinerLedger ledger = this;
        for (LedgerDecision.Change change : decision.changes()) {
            ledger = ledger.apply(change);
        }
        CallId call = decision.remember().orElse(null);
        Answers newAnswers = call == null ? answers : answers.with(call, decision.outcome(), decision.atMillis());
        return new MinerLedger(
                miner,
                ledger.number,
                version + 1,
                ledger.reservationsMade,
                ledger.classes,
                ledger.bookings,
                ledger.deadlines,
                newAnswers,
                ledger.fences);
    }

    MinerLedger apply(LedgerDecision.Change change) {
        if (change instanceof LedgerDecision.Reserved reserved) {
            return reserve(reserved.booking());
        }
        if (change instanceof LedgerDecision.Released released) {
            return release(required(released.reservation()));
        }
        if (change instanceof LedgerDecision.Spent spent) {
            return spend(required(spent.reservation()), spent.call());
        }
        if (change instanceof LedgerDecision.Extended extended) {
            return extend(required(extended.reservation()), extended.deadlineMillis());
        }
        if (change instanceof LedgerDecision.Stated stated) {
            ClassBook book = classes.getOrDefault(stated.executorClass(), ClassBook.open(stated.executorClass()));
            return withClasses(classes.plus(
                    stated.executorClass(),
                    book.state(stated.block(), stated.count(), stated.drop(), stated.frozen())));
        }
        if (change instanceof LedgerDecision.Charged charged) {
            return charge(charged.booking());
        }
        if (change instanceof LedgerDecision.Evicted evicted) {
            return evict(evicted.last());
        }
        if (change instanceof LedgerDecision.Fenced fenced) {
            return new MinerLedger(
                    miner,
                    number,
                    version,
                    reservationsMade,
                    classes,
                    bookings,
                    deadlines,
                    answers,
                    fences.plus(fenced.lock(), fenced.token()));
        }
        LedgerDecision.Opened opened = (LedgerDecision.Opened) change;
        return new MinerLedger(
                miner, opened.number(), version, reservationsMade, classes, bookings, deadlines, answers, fences);
    }

    private Booking required(long reservation) {
        return booking(reservation)
                .orElseThrow(() -> new IllegalStateException(
                        "Ledger of " + miner + " has no booking " + reservation + " at version " + version));
    }

    private MinerLedger reserve(Booking booking) {
        ClassBook book = classes.get(booking.executorClass());
        if (book == null) {
            throw new IllegalStateException("Ledger of " + miner + " has no class " + booking.executorClass());
        }
        Account account = book.account(booking.validator()).reserve(booking.blocks());
        ClassBook changed =
                book.withAccount(booking.validator(), account, book.activeJobs().plus(booking.job(), booking.id()));
        return new MinerLedger(
                miner,
                number,
                version,
                reservationsMade + 1,
                classes.plus(booking.executorClass(), changed),
                bookings.plus(booking.id(), booking),
                deadlines.plus(new Deadline(booking.deadlineMillis(), booking.id()), booking.id()),
                answers,
                fences);
    }

    private MinerLedger release(Booking booking) {
        return settle(booking, account -> account.release(booking.blocks()), bookings.minus(booking.id()));
    }

    private MinerLedger spend(Booking booking, CallId call) {
        return settle(
                booking, account -> account.spend(booking.blocks()), bookings.plus(booking.id(), booking.spend(call)));
    }

    private MinerLedger extend(Booking booking, long deadlineMillis) {
        return new MinerLedger(
                miner,
                number,
                version,
                reservationsMade,
                classes,
                bookings.plus(booking.id(), booking.extend(deadlineMillis)),
                deadlines
                        .minus(new Deadline(booking.deadlineMillis(), booking.id()))
                        .plus(new Deadline(deadlineMillis, booking.id()), booking.id()),
                answers,
                fences);
    }

    /** What the job may have reserved besides stays reserved. */
    private MinerLedger charge(Booking booking) {
        ClassBook book = classes.get(booking.executorClass());
        if (book == null) {
            throw new IllegalStateException("Ledger of " + miner + " has no class " + booking.executorClass());
        }
        Account account = book.account(booking.validator()).spend(booking.blocks());
        return new MinerLedger(
                miner,
                number,
                version,
                reservationsMade + 1,
                classes.plus(
                        booking.executorClass(), book.withAccount(booking.validator(), account, book.activeJobs())),
                bookings.plus(booking.id(), booking),
                deadlines,
                answers,
                fences);
    }

    private MinerLedger settle(Booking booking, UnaryOperator<Account> change, PMap<Long, Booking> newBookings) {
        ClassBook book = classes.get(booking.executorClass());
        if (book == null) {
            throw new IllegalStateException("Ledger of " + miner + " has no class " + booking.executorClass());
        }
        ClassBook changed = book.withAccount(
                booking.validator(),
                change.apply(book.account(booking.validator())),
                book.activeJobs().minus(booking.job()));
        return new MinerLedger(
                miner,
                number,
                version,
                reservationsMade,
                classes.plus(booking.executorClass(), changed),
                newBookings,
                deadlines.minus(new Deadline(booking.deadlineMillis(), booking.id())),
                answers,
                fences);
    }

    private MinerLedger evict(long last) {
        PMap<ExecutorClass, ClassBook> newClasses = classes;
        for (ClassBook book : classes.values()) {
            newClasses = newClasses.plus(book.executorClass(), book.evict(last));
        }
        PMap<Long, Booking> newBookings = bookings;
        for (Booking booking : bookings.values()) {
            if (booking.spent() && booking.blocks().withoutUpTo(last).isEmpty()) {
                newBookings = newBookings.minus(booking.id());
            }
        }
        return new MinerLedger(
                miner, number, version, reservationsMade, newClasses, newBookings, deadlines, answers, fences);
    }

    private MinerLedger withClasses(PMap<ExecutorClass, ClassBook> newClasses) {
        return new MinerLedger(
                miner, number, version, reservationsMade, newClasses, bookings, deadlines, answers, fences);
    }
}
