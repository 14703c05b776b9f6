package io.quartermaster.node.app;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobIdReused;
import io.quartermaster.node.collateral.CollateralBook;
import io.quartermaster.node.cycle.Cycle;
import io.quartermaster.node.cycle.CycleAllowances;
import io.quartermaster.node.cycle.SlotBook;
import io.quartermaster.node.cycle.SlotCommand;
import io.quartermaster.node.cycle.SlotDecision;
import io.quartermaster.node.cycle.SlotOutcome;
import io.quartermaster.node.cycle.SlotRules;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.routing.CycleBooks;
import io.quartermaster.node.routing.CycleOrder;
import io.quartermaster.node.routing.CycleOrder.Left;
import io.quartermaster.node.routing.CycleOrder.Offer;
import io.quartermaster.node.routing.CycleOrder.Standing;
import io.quartermaster.node.routing.SlotHolding;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What routing by cycle asks and tells, answered by the grid. Safe for use by several threads. */
final class GridCycle implements CycleBooks, SlotHolding {
    private final Grid grid;
    private final int netuid;
    private final Hotkey validator;
    private final CollateralBook collateral;
    private final CycleOrder order = new CycleOrder();

    /** The cycle that the order is of. */
    private volatile Shown shown = new Shown(Long.MIN_VALUE, Optional.empty());

    private record Shown(long cycle, Optional<CycleAllowances> allowances) {
        // What is set once is one object.
        @SuppressWarnings("ReferenceEquality")
        boolean is(long otherCycle, Optional<CycleAllowances> other) {
            return cycle == otherCycle && allowances.orElse(null) == other.orElse(null);
        }

        long initialNanos(Hotkey validator, Hotkey miner) {
            return allowances
                    .map(factors -> factors.initialNanos(validator, miner))
                    .orElse(0L);
        }
    }

    GridCycle(Grid grid, int netuid, Hotkey validator, CollateralBook collateral) {
        this.grid = grid;
        this.netuid = netuid;
        this.validator = validator;
        this.collateral = collateral;
        grid.shelf().onManifest(this::look);
        grid.slots().onUsed(this::look);
    }

    @Override
    public Cycle cycle(long block) {
        return Cycle.of(block, netuid);
    }

    @Override
    public boolean allowancesSet(Cycle cycle) {
        return allowances(cycle).isPresent();
    }

    Optional<CycleAllowances> allowances(Cycle cycle) {
        return grid.records().cycles().get(Long.toString(cycle.start()));
    }

    @Override
    public Collection<Standing> bestFirst(ExecutorClass executorClass, Cycle cycle) {
        Optional<CycleAllowances> allowances = allowances(cycle);
        // One that still sees the cycle before, for a moment, goes by the order of the new one.
        if (cycle.start() >= shown.cycle() && !shown.is(cycle.start(), allowances)) {
            show(cycle, allowances);
        }
        return order.bestFirst(executorClass);
    }

    private synchronized void show(Cycle cycle, Optional<CycleAllowances> allowances) {
        if (!shown.is(cycle.start(), allowances)) {
            shown = new Shown(cycle.start(), allowances);
            grid.shelf().ledgers().forEach(ledger -> look(ledger.miner()));
        }
    }

    /** Something of a miner has changed: it may stand elsewhere now. The last one to look sees the newest. */
    synchronized void look(Hotkey miner) {
        Map<ExecutorClass, Offer> offers = new HashMap<>();
        Optional<MinerLedger> ledger = grid.shelf().ledger(miner);
        if (ledger.isPresent()) {
            for (ClassBook book : ledger.get().classes().values()) {
                if (book.executors() > 0) {
                    offers.put(book.executorClass(), new Offer(book.executors(), book.manifestBlock()));
                }
            }
        }
        long used = grid.slots().book(miner).usedNanos(shown.cycle());
        order.put(miner, new Left(shown.initialNanos(validator, miner), used), wei(miner), offers);
    }

    private BigInteger wei(Hotkey miner) {
        try {
            return collateral.wei(miner);
        } catch (RuntimeException cantBeTold) {
            // Whoever routes is told so, and says it.
            return BigInteger.ZERO;
        }
    }

    @Override
    public long firstBlockSince(Instant since) {
        BlockTable blocks = grid.blocks();
        long low = blocks.oldest();
        long high = blocks.newest() + 1;
        while (low < high) {
            long middle = (low + high) >>> 1;
            // Where one is missing, the next one that is there tells.
            long known = middle;
            while (known < high && !blocks.has(known)) {
                known++;
            }
            Optional<BlockRecord> record = blocks.record(known);
            if (record.isPresent() && record.get().timeMillis() < since.toEpochMilli()) {
                low = known + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    public Attempt hold(Hotkey miner, Wish wish, OptionalLong allowanceNanos, Set<JobId> ongoing) {
        SlotCommand.Hold command = command(wish, allowanceNanos, ongoing);
        SlotOutcome outcome = GridAllowance.await(command.call(), grid.submit(miner, command));
        if (outcome instanceof SlotOutcome.Held held) {
            grid.deadlines().show(miner, wish.executorClass(), wish.job(), held.deadlineMillis());
        }
        return attempt(miner, wish, outcome);
    }

    private SlotCommand.Hold command(Wish wish, OptionalLong allowanceNanos, Set<JobId> ongoing) {
        // Whoever decides knows how many executors there are.
        return new SlotCommand.Hold(
                grid.newCall(),
                wish.job(),
                wish.executorClass(),
                wish.nanos(),
                wish.cycle().start(),
                allowanceNanos,
                wish.keep().toMillis(),
                ongoing,
                0);
    }

    private static Attempt attempt(Hotkey miner, Wish wish, SlotOutcome outcome) {
        if (outcome instanceof SlotOutcome.Held held) {
            return new Attempt.Held(Instant.ofEpochMilli(held.deadlineMillis()), held.busy(), held.executors());
        }
        if (outcome instanceof SlotOutcome.NoFreeExecutor busy) {
            return new Attempt.Busy(busy.busy(), busy.executors());
        }
        if (outcome instanceof SlotOutcome.JobReused reused) {
            throw new JobIdReused(wish.job(), miner, reused.difference());
        }
        return new Attempt.AllowanceGone();
    }

    /** Tells a miner's slots that a job was accepted, or is over. */
    void accepted(Hotkey miner, JobId job, boolean finished) {
        var call = grid.newCall();
        GridAllowance.await(call, grid.submit(miner, new SlotCommand.Accepted(call, job, finished)));
    }

    @Override
    public int busy(Hotkey miner, Wish wish, Set<JobId> ongoing, Instant at) {
        SlotBook book = grid.slots().book(miner);
        return book.busy(wish.executorClass(), wish.job(), ongoing, at.toEpochMilli());
    }

    @Override
    public Optional<Hotkey> holder(JobId job, Instant at) {
        return grid.slots().holder(job, at.toEpochMilli());
    }

    @Override
    public SlotHolding rehearsal() {
        return new Rehearsal();
    }

    /** Decides by the same rules on this replica's copies, and changes nothing. */
    private final class Rehearsal implements SlotHolding {
        @Override
        public Attempt hold(Hotkey miner, Wish wish, OptionalLong allowanceNanos, Set<JobId> ongoing) {
            int executors = grid.shelf()
                    .ledger(miner)
                    .map(ledger -> ledger.book(wish.executorClass()))
                    .map(ClassBook::executors)
                    .orElse(0);
            SlotCommand.Hold command = command(wish, allowanceNanos, ongoing).withExecutors(executors);
            SlotDecision decision = SlotRules.decide(grid.slots().book(miner), command, grid.nowMillis());
            return attempt(miner, wish, decision.outcome());
        }

        @Override
        public int busy(Hotkey miner, Wish wish, Set<JobId> ongoing, Instant at) {
            return GridCycle.this.busy(miner, wish, ongoing, at);
        }

        @Override
        public Optional<Hotkey> holder(JobId job, Instant at) {
            return GridCycle.this.holder(job, at);
        }

        @Override
        public SlotHolding rehearsal() {
            return this;
        }
    }
}
