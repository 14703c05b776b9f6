package io.quartermaster.node.app;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobIdReused;
import io.quartermaster.api.Miner;
import io.quartermaster.api.MinerIncident;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.ReservationId;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.ledger.Amounts;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.routing.Incident;
import io.quartermaster.node.routing.IncidentBook;
import io.quartermaster.node.routing.Incidents;
import io.quartermaster.node.routing.MinerDirectory;
import io.quartermaster.node.routing.SlotBooking;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What routing asks and tells, answered by the grid. Safe for use by several threads. */
final class GridRoutingPorts implements SlotBooking, MinerDirectory, Incidents {
    private final Grid grid;
    private final GridAllowance allowance;
    private final IncidentBook incidents;

    GridRoutingPorts(Grid grid, GridAllowance allowance, IncidentBook incidents) {
        this.grid = grid;
        this.allowance = allowance;
        this.incidents = incidents;
    }

    @Override
    public Attempt reserve(
            Hotkey miner, ExecutorClass executorClass, double seconds, long startBlock, JobId job, Set<JobId> ongoing) {
        var call = grid.newCall();
        LedgerOutcome outcome = GridAllowance.await(
                call,
                allowance.book(
                        call, miner, executorClass, Amounts.nanos(seconds), startBlock, job, Optional.of(ongoing)));
        return attempt(miner, job, outcome);
    }

    private static Attempt attempt(Hotkey miner, JobId job, LedgerOutcome outcome) {
        if (outcome instanceof LedgerOutcome.Reserved reserved) {
            return new Attempt.Reserved(
                    GridAllowance.reservation(miner, reserved.booking()), reserved.busy(), reserved.executors());
        }
        if (outcome instanceof LedgerOutcome.NoFreeExecutor busy) {
            return new Attempt.Busy(busy.busy(), busy.executors());
        }
        if (outcome instanceof LedgerOutcome.NotEnough notEnough) {
            return new Attempt.AllowanceGone(Amounts.seconds(notEnough.availableNanos()));
        }
        if (outcome instanceof LedgerOutcome.JobReused reused) {
            throw new JobIdReused(job, new ReservationId(reused.active()), reused.difference());
        }
        throw GridAllowance.tooLate();
    }

    @Override
    public SlotBooking rehearsal() {
        return new Rehearsal();
    }

    /** Asks this replica's copy of a ledger what it would decide. */
    private final class Rehearsal implements SlotBooking {
        @Override
        public Attempt reserve(
                Hotkey miner,
                ExecutorClass executorClass,
                double seconds,
                long startBlock,
                JobId job,
                Set<JobId> ongoing) {
            boolean before = activeReservation(job).isPresent();
            LedgerOutcome outcome = allowance.wouldBook(
                    miner, executorClass, Amounts.nanos(seconds), startBlock, job, Optional.of(ongoing));
            return outcome instanceof LedgerOutcome.Reserved reserved && !before
                    ? new Attempt.WouldReserve(reserved.busy(), reserved.executors())
                    : attempt(miner, job, outcome);
        }

        @Override
        public SlotBooking rehearsal() {
            return this;
        }

        @Override
        public Optional<Reservation> activeReservation(JobId job) {
            return allowance.activeReservation(job);
        }
    }

    @Override
    public Optional<Reservation> activeReservation(JobId job) {
        return allowance.activeReservation(job);
    }

    @Override
    public OptionalLong currentBlock() {
        BlockTable blocks = grid.blocks();
        return blocks.isEmpty() ? OptionalLong.empty() : OptionalLong.of(blocks.newest());
    }

    @Override
    public Optional<Miner> miner(Hotkey hotkey) {
        return Optional.ofNullable(allowance.neurons(grid.blocks()).byHotkey().get(hotkey));
    }

    @Override
    public int executors(Hotkey miner, ExecutorClass executorClass) {
        return grid.shelf()
                .ledger(miner)
                .map(ledger -> ledger.book(executorClass))
                .map(ClassBook::executors)
                .orElse(0);
    }

    @Override
    public List<Hotkey> minersWithExecutors(ExecutorClass executorClass) {
        return allowance.neurons(grid.blocks()).hotkeys().stream()
                .filter(miner -> executors(miner, executorClass) > 0)
                .sorted()
                .toList();
    }

    @Override
    public int count(Hotkey miner, ExecutorClass executorClass, Instant since) {
        return incidents.count(miner, executorClass, since);
    }

    /** Under which an incident is shared. */
    static String key(Hotkey miner, JobId job) {
        return miner + "/" + job;
    }

    @Override
    public boolean record(Incident incident) {
        String key = key(incident.miner(), incident.job());
        boolean isNew = grid.records().incidents().get(key).isEmpty();
        MinerIncident shared = new MinerIncident(
                incident.type(), incident.miner(), incident.job(), incident.executorClass(), incident.time());
        GridAllowance.await(grid.newCall(), grid.records().incidents().put(key, shared));
        return isNew;
    }
}
