package io.quartermaster.node.ledger;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.JobId;
import io.quartermaster.node.ledger.LedgerCommand.Claim;
import io.quartermaster.node.ledger.LedgerDecision.Change;
import io.quartermaster.node.ledger.LedgerOutcome.AlreadySpent;
import io.quartermaster.node.ledger.LedgerOutcome.Done;
import io.quartermaster.node.ledger.LedgerOutcome.Extended;
import io.quartermaster.node.ledger.LedgerOutcome.JobReused;
import io.quartermaster.node.ledger.LedgerOutcome.NoFreeExecutor;
import io.quartermaster.node.ledger.LedgerOutcome.NotEnough;
import io.quartermaster.node.ledger.LedgerOutcome.NotFound;
import io.quartermaster.node.ledger.LedgerOutcome.Reserved;
import io.quartermaster.node.ledger.LedgerOutcome.Spent;
import io.quartermaster.node.ledger.LedgerOutcome.TooLate;
import io.quartermaster.node.ledger.LedgerOutcome.TooLong;
import io.quartermaster.node.ledger.LedgerOutcome.Undone;
import io.quartermaster.node.ledger.MinerLedger.Deadline;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which a ledger answers commands. A pure function: the same ledger, command, blocks and time give the same
 * decision.
 */
public final class LedgerRules {
    private LedgerRules() {}

    /**
     * Decides a command.
     *
     * @param ledger the miner's ledger
     * @param command the command
     * @param blocks the blocks that are known
     * @param nowMillis the time, in Unix milliseconds; what is past its deadline by then is released, whatever the command
     * @return what to change and what to answer
     */
    public static LedgerDecision decide(MinerLedger ledger, LedgerCommand command, BlockTable blocks, long nowMillis) {
        return decide(ledger, command, blocks, nowMillis, nowMillis);
    }

    /**
     * Decides a command where the books' clock is not the real one, since a recording or a simulation goes faster than life.
     *
     * @param ledger the miner's ledger
     * @param command the command
     * @param blocks the blocks that are known
     * @param nowMillis the time by which deadlines are set and pass, in Unix milliseconds
     * @param realMillis the time by which commands were sent and grow old, and answers are forgotten, in Unix milliseconds
     * @return what to change and what to answer
     */
    public static LedgerDecision decide(
            MinerLedger ledger, LedgerCommand command, BlockTable blocks, long nowMillis, long realMillis) {
        if (command instanceof LedgerCommand.Fenced fenced) {
            return fenced(ledger, fenced, blocks, nowMillis, realMillis);
        }
        LedgerOutcome before = ledger.answers().to(command.call());
        if (before != null) {
            return new LedgerDecision(realMillis, List.of(), before, Optional.empty());
        }
        long onItsWayMillis = realMillis - command.sentMillis();
        if (onItsWayMillis > Limits.COMMAND_HORIZON_MILLIS) {
            return new LedgerDecision(realMillis, List.of(), new TooLate(onItsWayMillis), Optional.empty());
        }
        List<Change> changes = new ArrayList<>();
        MinerLedger current = expire(ledger, nowMillis, changes);
        int expired = changes.size();
        LedgerOutcome outcome;
        if (command instanceof LedgerCommand.Reserve reserve) {
            outcome = reserve(current, reserve, blocks, nowMillis, changes);
        } else if (command instanceof LedgerCommand.Spend spend) {
            outcome = spend(current, spend, changes);
        } else if (command instanceof LedgerCommand.Undo undo) {
            outcome = undo(current, undo, changes);
        } else if (command instanceof LedgerCommand.Extend extend) {
            outcome = extend(current, extend, nowMillis, changes);
        } else if (command instanceof LedgerCommand.State state) {
            outcome = state(current, state, changes);
        } else if (command instanceof LedgerCommand.Evict evict) {
            outcome = evict(current, evict, changes);
        } else if (command instanceof LedgerCommand.Charge charge) {
            outcome = ChargeRules.charge(current, charge, blocks, nowMillis, changes);
        } else {
            outcome = new Done(expired);
        }
        boolean opened = ledger.number() != 0 || command instanceof LedgerCommand.State;
        boolean repeatable = outcome instanceof LedgerOutcome.Charged
                || (outcome instanceof Done && !(command instanceof LedgerCommand.State));
        // A ledger that no manifest has opened stays as if it were not there, whoever asks for it.
        Optional<CallId> remember = repeatable || !opened ? Optional.empty() : Optional.of(command.call());
        return new LedgerDecision(realMillis, changes, outcome, remember);
    }

    private static LedgerDecision fenced(
            MinerLedger ledger, LedgerCommand.Fenced fenced, BlockTable blocks, long nowMillis, long realMillis) {
        String lock = fenced.fence().lock();
        long token = fenced.fence().token();
        long newest = ledger.fences().getOrDefault(lock, 0L);
        if (token < newest) {
            return new LedgerDecision(
                    realMillis, List.of(), new LedgerOutcome.StaleToken(lock, newest), Optional.empty());
        }
        LedgerDecision decision = decide(ledger, fenced.command(), blocks, nowMillis, realMillis);
        // A ledger that no manifest has opened stays as if it were not there.
        if (token == newest || (ledger.number() == 0 && decision.changes().isEmpty())) {
            return decision;
        }
        List<Change> changes = new ArrayList<>(decision.changes());
        changes.add(new LedgerDecision.Fenced(lock, token));
        return new LedgerDecision(decision.atMillis(), changes, decision.outcome(), decision.remember());
    }

    /** The deadline decides, not whoever sweeps: what is due is released before the command is looked at. */
    private static MinerLedger expire(MinerLedger ledger, long nowMillis, List<Change> changes) {
        MinerLedger current = ledger;
        while (!current.deadlines().isEmpty()) {
            Deadline next = current.deadlines().firstKey();
            if (next.millis() > nowMillis) {
                break;
            }
            Change change = new LedgerDecision.Released(next.reservation(), true);
            changes.add(change);
            current = current.apply(change);
        }
        return current;
    }

    private static LedgerOutcome reserve(
            MinerLedger ledger,
            LedgerCommand.Reserve command,
            BlockTable blocks,
            long nowMillis,
            List<Change> changes) {
        ClassBook book = ledger.book(command.executorClass());
        int executors = book == null ? 0 : book.executors();
        Optional<Booking> active = ledger.activeBooking(command.job());
        if (active.isPresent()) {
            Optional<String> difference = difference(active.get(), command);
            return difference.isPresent()
                    ? new JobReused(active.get().id(), difference.get())
                    : new Reserved(active.get(), busy(book, command), executors);
        }
        int busy = busy(book, command);
        if (command.ongoing().isPresent() && busy >= executors) {
            return new NoFreeExecutor(busy, executors);
        }
        if (book == null) {
            return new NotEnough(0);
        }
        Picked picked = pick(book, command, blocks.units(command.validator(), ledger.miner()));
        if (picked.nanos() < command.requiredNanos()) {
            return new NotEnough(picked.nanos());
        }
        Booking booking = Booking.made(
                ledger.nextReservationId(),
                command.job(),
                command.validator(),
                command.executorClass(),
                picked.blocks(),
                command.requiredNanos(),
                picked.nanos(),
                nowMillis + command.ttlMillis());
        changes.add(new LedgerDecision.Reserved(booking));
        return new Reserved(booking, busy, executors);
    }

    private static Optional<String> difference(Booking active, LedgerCommand.Reserve command) {
        if (!active.executorClass().equals(command.executorClass())) {
            return Optional.of("class: " + active.executorClass() + ", now " + command.executorClass());
        }
        if (!active.validator().equals(command.validator())) {
            return Optional.of("validator: " + active.validator() + ", now " + command.validator());
        }
        if (active.requiredNanos() != command.requiredNanos()) {
            return Optional.of("seconds: " + Amounts.seconds(active.requiredNanos()) + ", now "
                    + Amounts.seconds(command.requiredNanos()));
        }
        return Optional.empty();
    }

    /** Jobs at work, or about to be: those of receipts, and those of active reservations that have no receipt yet. */
    private static int busy(@Nullable ClassBook book, LedgerCommand.Reserve command) {
        if (command.ongoing().isEmpty()) {
            return -1;
        }
        Set<JobId> ongoing = command.ongoing().get();
        int busy = ongoing.size() - (ongoing.contains(command.job()) ? 1 : 0);
        if (book != null) {
            for (JobId job : book.activeJobs().keySet()) {
                if (!ongoing.contains(job) && !job.equals(command.job())) {
                    busy++;
                }
            }
        }
        return busy;
    }

    private record Picked(BlockSet blocks, long nanos) {}

    /** Takes free, valid blocks, oldest first, until they hold enough; or all of them, if they don't. */
    private static Picked pick(ClassBook book, LedgerCommand.Reserve command, UnitSeries units) {
        Account account = book.account(command.validator());
        long from = Window.firstValid(book, command.startBlock(), units);
        long[] blocks = new long[16];
        int size = 0;
        long sum = 0;
        for (long block = from; block < units.end() && sum < command.requiredNanos(); block++) {
            long amount = book.counted().at(block) * units.at(block);
            if (amount > 0 && !account.booked(block)) {
                if (size == blocks.length) {
                    blocks = Arrays.copyOf(blocks, 2 * size);
                }
                blocks[size++] = block;
                sum += amount;
            }
        }
        return new Picked(BlockSet.of(Arrays.copyOf(blocks, size)), sum);
    }

    private static LedgerOutcome spend(MinerLedger ledger, LedgerCommand.Spend command, List<Change> changes) {
        Optional<Booking> booking = ledger.booking(command.reservation());
        if (booking.isEmpty()) {
            return new NotFound(command.reservation());
        }
        if (booking.get().spent()) {
            // The same call again, after its answer was forgotten: the booking itself remembers who spent it.
            return booking.get().spentBy().get().equals(command.call())
                    ? new Spent(command.reservation())
                    : new AlreadySpent(command.reservation());
        }
        changes.add(new LedgerDecision.Spent(command.reservation(), command.call()));
        return new Spent(command.reservation());
    }

    private static LedgerOutcome undo(MinerLedger ledger, LedgerCommand.Undo command, List<Change> changes) {
        Optional<Booking> booking = ledger.booking(command.reservation());
        if (booking.isEmpty()) {
            return new NotFound(command.reservation());
        }
        if (booking.get().spent()) {
            return new AlreadySpent(command.reservation());
        }
        changes.add(new LedgerDecision.Released(command.reservation(), false));
        return new Undone(command.reservation());
    }

    private static LedgerOutcome extend(
            MinerLedger ledger, LedgerCommand.Extend command, long nowMillis, List<Change> changes) {
        Optional<Booking> booking = ledger.booking(command.reservation());
        if (booking.isEmpty()) {
            return new NotFound(command.reservation());
        }
        if (booking.get().spent()) {
            return new AlreadySpent(command.reservation());
        }
        long deadlineMillis = nowMillis + command.ttlMillis();
        if (deadlineMillis <= booking.get().deadlineMillis()) {
            return new Extended(booking.get());
        }
        if (deadlineMillis > booking.get().latestDeadlineMillis()) {
            return new TooLong(command.reservation(), booking.get().latestDeadlineMillis());
        }
        changes.add(new LedgerDecision.Extended(command.reservation(), deadlineMillis));
        return new Extended(booking.get().extend(deadlineMillis));
    }

    private static LedgerOutcome state(MinerLedger ledger, LedgerCommand.State command, List<Change> changes) {
        int before = changes.size();
        if (ledger.number() == 0) {
            changes.add(new LedgerDecision.Opened(command.numberIfNew()));
        }
        for (Map.Entry<ExecutorClass, Claim> entry : new TreeMap<>(command.claims()).entrySet()) {
            ClassBook book = ledger.book(entry.getKey());
            int previous = book == null ? 0 : book.stated().at(command.block());
            changes.add(new LedgerDecision.Stated(
                    entry.getKey(),
                    command.block(),
                    entry.getValue().stored(),
                    entry.getValue().said() < previous,
                    command.frozen()));
        }
        return new Done(changes.size() - before);
    }

    private static LedgerOutcome evict(MinerLedger ledger, LedgerCommand.Evict command, List<Change> changes) {
        if (ledger.apply(new LedgerDecision.Evicted(command.last())).equals(ledger)) {
            return new Done(0);
        }
        changes.add(new LedgerDecision.Evicted(command.last()));
        return new Done(1);
    }
}
