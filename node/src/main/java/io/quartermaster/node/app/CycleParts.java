package io.quartermaster.node.app;

import io.quartermaster.api.BlacklistReason;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.Receipt;
import io.quartermaster.node.chain.ChainInfo;
import io.quartermaster.node.cycle.Cycle;
import io.quartermaster.node.cycle.CycleAllowances;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.grid.GridSettings;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.ledger.ValidatorStakes;
import io.quartermaster.node.routing.AllowanceRouter;
import io.quartermaster.node.routing.CyclePorts;
import io.quartermaster.node.routing.CycleRouter;
import io.quartermaster.node.routing.DecisionLog;
import io.quartermaster.node.routing.Incident;
import io.quartermaster.node.routing.Incidents;
import io.quartermaster.node.routing.Router;
import io.quartermaster.node.routing.RouterPorts;
import io.quartermaster.node.routing.RoutingSettings;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a replica does because it routes by cycle: nothing of it where it routes by allowance. Safe for use by several threads. */
final class CycleParts implements Ingest.Hooks {
    /** The settings' name for the router, for replicas that must agree on it. */
    private static final String ROUTER = "router";

    /** Earlier cycles are kept for whoever asks; as long as blocks are. */
    private static final long CYCLES_KEPT = 3;

    private final Grid grid;
    private final Hotkey validator;
    private final CycleFeed feed;
    private final GridBlacklist blacklist;
    private final EventLog events;

    /** Empty where jobs are routed by allowance. */
    private final Optional<GridCycle> cycle;

    private CycleParts(
            Grid grid,
            Hotkey validator,
            CycleFeed feed,
            GridBlacklist blacklist,
            EventLog events,
            Optional<GridCycle> cycle) {
        this.grid = grid;
        this.validator = validator;
        this.feed = feed;
        this.blacklist = blacklist;
        this.events = events;
        this.cycle = cycle;
    }

    static CycleParts of(
            Grid grid,
            ChainInfo chain,
            RoutingSettings settings,
            CycleFeed feed,
            GridBlacklist blacklist,
            EventLog events) {
        if (settings.by() != RoutingSettings.By.CYCLE) {
            return new CycleParts(grid, chain.validator(), feed, blacklist, events, Optional.empty());
        }
        GridCycle cycle = new GridCycle(grid, chain.netuid(), chain.validator(), feed.collateral());
        feed.onCollateral(cycle::look);
        return new CycleParts(grid, chain.validator(), feed, blacklist, events, Optional.of(cycle));
    }

    /** Replicas that route differently would fill each other's miners. Those of versions without a choice route by allowance. */
    static GridSettings agreeing(GridSettings grid, RoutingSettings routing) {
        return routing.by() == RoutingSettings.By.CYCLE
                ? grid.agreeingOn(ROUTER, routing.by().name())
                : grid;
    }

    Router router(RouterPorts ports, ReplicaSettings settings, DecisionLog decisions) {
        return cycle.<Router>map(books -> new CycleRouter(
                        new CyclePorts(ports, books, books, feed.blacklist()),
                        settings.routing(),
                        settings.classes(),
                        decisions))
                .orElseGet(() -> new AllowanceRouter(ports, settings.routing(), settings.classes(), decisions));
    }

    /** Incidents that also put a miner on the blacklist that has failed a job. */
    Incidents incidents(Incidents plain) {
        if (cycle.isEmpty()) {
            return plain;
        }
        return new Incidents() {
            @Override
            public int count(Hotkey miner, ExecutorClass executorClass, Instant since) {
                return plain.count(miner, executorClass, since);
            }

            @Override
            public boolean record(Incident incident) {
                boolean known = grid.records()
                        .incidents()
                        .get(GridRoutingPorts.key(incident.miner(), incident.job()))
                        .isPresent();
                // First, since a report that is repeated after a crash would find the incident and stop there.
                if (!known && incident.type() != MinerIncidentType.MINER_JOB_REJECTED) {
                    blacklistFailed(incident);
                }
                return plain.record(incident);
            }
        };
    }

    private void blacklistFailed(Incident incident) {
        blacklist
                .usualTime(BlacklistReason.JOB_FAILED)
                .filter(time -> !time.isZero())
                .ifPresent(time -> blacklist.add(
                        incident.miner(),
                        BlacklistReason.JOB_FAILED,
                        "job " + incident.job() + ": " + incident.type(),
                        Optional.of(time)));
    }

    @Override
    public void beforeBlock(long block, ValidatorStakes stakes) {
        // Before the block is there, so that nobody sees a cycle that has begun and has no allowances.
        if (block > grid.blocks().newest()) {
            cycle.ifPresent(books -> set(books, block, stakes));
        }
    }

    @Override
    public void afterManifests() {
        BlockTable blocks = grid.blocks();
        cycle.ifPresent(books ->
                blocks.record(blocks.newest()).ifPresent(newest -> set(books, newest.number(), newest.validators())));
    }

    /** Sets the allowances of the cycle that a block is in, once, as soon as anybody has executors. */
    private void set(GridCycle books, long block, ValidatorStakes stakes) {
        Cycle current = books.cycle(block);
        if (books.allowancesSet(current)) {
            return;
        }
        Map<Hotkey, Integer> executors = new HashMap<>();
        for (MinerLedger ledger : grid.shelf().ledgers()) {
            int count = ledger.classes().values().stream()
                    .mapToInt(ClassBook::executors)
                    .sum();
            if (count > 0) {
                executors.put(ledger.miner(), count);
            }
        }
        if (executors.isEmpty()) {
            return;
        }
        CycleAllowances allowances = CycleAllowances.of(current.start(), block, stakes, executors);
        boolean first = GridAllowance.await(
                grid.newCall(), grid.records().cycles().put(Long.toString(current.start()), allowances));
        if (first) {
            events.record(told(allowances));
            forgetOld(current);
        }
    }

    private SystemEvent told(CycleAllowances allowances) {
        return new SystemEvent(
                Instant.ofEpochMilli(grid.nowMillis()),
                EventType.CYCLE_ALLOWANCES_SET,
                Map.of(
                        "cycle", Long.toString(allowances.start()),
                        "block", Long.toString(allowances.setAt()),
                        "share",
                                allowances.shares().getOrDefault(validator, 0.0).toString(),
                        "miners", Integer.toString(allowances.executors().size())),
                "the allowances of the cycle from block " + allowances.start() + " are set, for "
                        + allowances.executors().size() + " miners");
    }

    private void forgetOld(Cycle current) {
        long oldest = current.start() - CYCLES_KEPT * (current.stop() - current.start());
        List<String> old = grid.records().cycles().entries().values().stream()
                .map(CycleAllowances::start)
                .filter(start -> start < oldest)
                .map(start -> Long.toString(start))
                .toList();
        GridAllowance.await(grid.newCall(), grid.records().cycles().remove(old));
    }

    /** A job of this validator was accepted, or is over. Told to the miner's slots first: the receipt is sent again until both know. */
    @Override
    public void beforeReceipt(Receipt receipt) {
        boolean finished = receipt instanceof Receipt.Finished;
        if ((finished || receipt instanceof Receipt.Accepted)
                && receipt.validator().equals(validator)) {
            cycle.ifPresent(books -> books.accepted(receipt.miner(), receipt.job(), finished));
        }
    }

    @Override
    public void evict() {
        blacklist.prune();
    }
}
