package io.quartermaster.node.app.metrics;

import io.micrometer.core.instrument.Tags;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.node.ledger.AllowanceFinder.Allowance;
import io.quartermaster.node.ledger.Amounts;
import io.quartermaster.node.ledger.MinerLedger;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** How the books stand: miners, reservations, and what is left of the allowance. One series for each class that is known here. */
public final class BooksMeters {
    /** By the replica's own clock. The sweep runs twice a second. */
    private static final long OVERDUE_MILLIS = 10_000;

    private static final double MILLIS = 1000.0;

    private final Meters meters;

    /**
     * Registers the meters of the books.
     *
     * @param meters where
     * @param ledgers the ledgers
     * @param nowMillis the time by which deadlines are decided, in Unix milliseconds
     */
    public BooksMeters(Meters meters, Supplier<Collection<MinerLedger>> ledgers, Supplier<Long> nowMillis) {
        this.meters = meters;
        meters.gauge(
                "quartermaster_ledgers",
                "Miners that have a ledger",
                () -> ledgers.get().size());
        meters.gauge(
                "quartermaster_active_reservations",
                "Reservations that are neither spent nor undone",
                () -> ledgers.get().stream()
                        .mapToInt(ledger -> ledger.deadlines().size())
                        .sum());
        meters.gauge(
                "quartermaster_overdue_reservations",
                "Active reservations whose deadline passed over 10 s ago",
                () -> ledgers.get().stream()
                        .mapToLong(ledger -> ledger.deadlines().keySet().stream()
                                .takeWhile(deadline -> deadline.millis() < nowMillis.get() - OVERDUE_MILLIS)
                                .count())
                        .sum());
    }

    /**
     * Registers the meters of the newest block.
     *
     * @param number its number, -1 before the first
     * @param atMillis when it was minted, in Unix milliseconds; empty before the first
     * @param nowMillis the time by the same clock
     */
    public void block(Supplier<Number> number, Supplier<Optional<Long>> atMillis, Supplier<Long> nowMillis) {
        meters.gauge("quartermaster_block", "The newest block that was taken in, -1 before the first", number);
        meters.gauge(
                "quartermaster_block_age_seconds",
                "How long ago the newest block was minted that was taken in",
                () -> atMillis.get().map(at -> (nowMillis.get() - at) / MILLIS).orElse(Double.NaN));
    }

    /**
     * Registers the meters of what is counted.
     *
     * @param miners how many miners the subnet has at the newest block
     * @param locks how many locks are held on all replicas; their names are callers' to choose, so they have no series
     */
    public void counts(Supplier<Number> miners, Supplier<Number> locks) {
        meters.gauge("quartermaster_miners", "Miners of the subnet at the newest block", miners);
        meters.gauge("quartermaster_locks_held", "Locks that are held, on all replicas", locks);
    }

    /**
     * Registers the meters of what is left.
     *
     * @param classes the classes that are known here
     * @param allowance what all miners have of a class, for this validator
     */
    public void allowance(Collection<ExecutorClass> classes, Function<ExecutorClass, Allowance> allowance) {
        for (ExecutorClass one : classes) {
            Tags labels = Tags.of("executor_class", one.name());
            meters.gauge(
                    "quartermaster_allowance_available_seconds",
                    "What is free and valid for a job that starts now, of all miners",
                    labels,
                    () -> Amounts.seconds(allowance.apply(one).availableNanos()));
            meters.gauge(
                    "quartermaster_allowance_total_seconds",
                    "What is free, reserved or spent, and valid, for a job that starts now, of all miners",
                    labels,
                    () -> Amounts.seconds(allowance.apply(one).totalNanos()));
        }
    }
}
