package io.quartermaster.node.app;

import io.quartermaster.api.Allowance;
import io.quartermaster.api.Blacklist;
import io.quartermaster.api.BlacklistEntry;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Locks;
import io.quartermaster.api.MinerIncident;
import io.quartermaster.api.Routing;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.app.metrics.Meters;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.Follower;
import io.quartermaster.node.chain.FollowerProgress;
import io.quartermaster.node.chain.NodeReport;
import io.quartermaster.node.chain.Observation;
import io.quartermaster.node.chain.Observation.ReceiptSeen;
import io.quartermaster.node.chain.RecordingWriter;
import io.quartermaster.node.collateral.CollateralReadings;
import io.quartermaster.node.cycle.SlotBook;
import io.quartermaster.node.events.EventBatch;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.grid.GridListeners;
import io.quartermaster.node.grid.GridSettings;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.params.DynamicParameters;
import io.quartermaster.node.receipts.ReceiptIndex;
import io.quartermaster.node.routing.DecisionLog;
import io.quartermaster.node.routing.Incident;
import io.quartermaster.node.routing.IncidentBook;
import io.quartermaster.node.routing.Router;
import io.quartermaster.node.routing.RouterPorts;
import io.quartermaster.node.routing.RoutingService;
import io.quartermaster.node.store.Backup;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;

/**
 * A replica: a member of the grid that follows a chain, keeps the books and routes jobs. Safe for use by several threads;
 * closing it leaves the grid in good order.
 */
public final class Replica implements AutoCloseable {
    private static final long ROOM_FOR_EVENTS_BYTES = 16 << 20;
    private static final int DECISIONS_KEPT = 10_000;
    private static final int LOOKBACK_SHOWN = 100;

    private final Chain chain;
    private final ReplicaSettings settings;
    private final IncidentBook incidentBook = new IncidentBook();
    private final ReceiptIndex receipts = new ReceiptIndex();
    private final CollateralReadings collateral = new CollateralReadings();
    private final LongAdder routed = new LongAdder();
    private final LongAdder notRouted = new LongAdder();
    private final ReplicaMeters meters = new ReplicaMeters();
    private final EventLines lines = new EventLines();
    private final Occurrences occurrences = new Occurrences();
    private final Grid grid;
    private final GridEvents events;
    private final GridParameters parameters;
    private final ForeignReceipts foreign;
    private final GridReceipts gridReceipts;
    private final GridAllowance allowance;
    private final Routing routing;
    private final Ingest ingest;
    private final ExecutorService asyncCalls;
    private final GridLocks locks;
    private final CycleFeed feed;
    private final GridBlacklist blacklist;
    private final CycleParts cycles;
    private final Following following;
    private final PageBooks pageBooks;
    private final Transferring transferring;

    private Replica(Chain chain, ReplicaSettings settings) {
        this.chain = chain;
        this.feed = new CycleFeed(collateral);
        this.settings = settings;
        Map<String, String> given = new TreeMap<>(chain.info().params());
        given.putAll(settings.params());
        // Before anything is started that would have to be stopped again.
        DynamicParameters.defaults().with(given);
        Optional<RecordingWriter> recording = settings.record()
                .map(file -> RecordingWriter.create(file, chain.info().finalised()));
        GridSettings gridSettings = settings.grid()
                .agreeingOn("netuid", Integer.toString(chain.info().netuid()))
                .agreeingOn("validator hotkey", chain.info().validator().value());
        gridSettings = CycleParts.agreeing(gridSettings, settings.routing());
        this.grid = Grid.start(gridSettings, chain.clock(), chain.clock()::realTime, new Feed());
        this.events = new GridEvents(grid, ROOM_FOR_EVENTS_BYTES);
        this.parameters = new GridParameters(grid, "replica " + gridSettings.replica(), given, events);
        this.locks = new GridLocks(grid, "replica " + gridSettings.replica());
        this.foreign = new ForeignReceipts(grid, settings.classes()::require, parameters, this::record);
        this.allowance =
                new GridAllowance(grid, chain.info().validator(), settings.classes()::require, foreign, meters.calls());
        meters.observe(grid, allowance, locks, chain, settings.classes().all());
        this.gridReceipts = new GridReceipts(grid, receipts, this::record);
        this.blacklist = new GridBlacklist(grid, parameters, this::record);
        this.cycles = CycleParts.of(grid, chain.info(), settings.routing(), feed, blacklist, this::record);
        this.ingest = new Ingest(
                grid, settings.classes(), parameters, gridReceipts, this::record, meters::blockTaken, cycles);
        this.asyncCalls = asyncCalls();
        GridRoutingPorts ports = new GridRoutingPorts(grid, allowance, incidentBook);
        RouterPorts routerPorts = new RouterPorts(
                allowance::findMinersWithAllowance,
                ports,
                ports,
                cycles.incidents(ports),
                collateral,
                receipts,
                parameters,
                this::record,
                chain.clock(),
                SplittableRandom::new);
        DecisionLog decisions = new DecisionLog(DECISIONS_KEPT);
        Router router = cycles.router(routerPorts, settings, decisions);
        this.pageBooks = new PageBooks(
                grid,
                allowance,
                chain.info().validator(),
                gridSettings.replica(),
                gridSettings.replicas(),
                new PageBooks.Sources(decisions, ports, receipts, collateral, parameters));
        this.routing = new RoutingService(
                new MeteredRouter(router, meters.calls()), routerPorts, settings.classes(), events::find, asyncCalls);
        this.following = new Following(
                new StandbyChain(chain),
                ingest,
                locks,
                recording,
                () -> parameters.current().manifestsUseKnowledgeCommitments(),
                this::record);
        this.transferring = new Transferring(grid, allowance, gridReceipts, locks, parameters, this::record);
        meters.observe(transferring);
        meters.observe(this, following::active, events);
        parameters.enter();
        chain.tellTo(this::record);
        occurrences.tell(grid, this::record);
    }

    /**
     * Starts a replica and begins to follow the chain.
     *
     * @param chain the chain; closed with the replica
     * @param settings how it is set up
     * @return the running replica; blocks arrive from now on
     * @throws io.quartermaster.api.GridUnavailable if its member of the grid can't start
     * @throws io.quartermaster.api.InvalidArgument if a setting is wrong
     */
    public static Replica start(Chain chain, ReplicaSettings settings) {
        Replica replica = new Replica(chain, settings);
        if (settings.follows()) {
            replica.following.start();
            replica.transferring.start();
        }
        return replica;
    }

    /**
     * Starts a replica and takes a whole recording in, as fast as possible, before it returns.
     *
     * @param chain the recording; closed with the replica
     * @param settings how the replica is set up
     * @return the replica, with all of the recording taken in
     */
    public static Replica replay(Chain chain, ReplicaSettings settings) {
        Replica replica = new Replica(chain, settings);
        FollowerProgress progress = Follower.drain(chain, replica.ingest);
        replica.drained = Optional.of(progress);
        return replica;
    }

    private volatile Optional<FollowerProgress> drained = Optional.empty();

    private static ExecutorService asyncCalls() {
        return Executors.newFixedThreadPool(Math.max(4, Runtime.getRuntime().availableProcessors()), task -> {
            Thread thread = new Thread(task, "async-call");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** What arrives at this replica's copies goes on to the indexes that routing reads. */
    private final class Feed implements GridListeners {
        @Override
        public void incident(MinerIncident incident) {
            incidentBook.record(routingIncident(incident));
        }

        @Override
        public void incidentForgotten(MinerIncident incident) {
            incidentBook.forget(routingIncident(incident));
        }

        private Incident routingIncident(MinerIncident incident) {
            return new Incident(
                    incident.type(), incident.miner(), incident.job(), incident.executorClass(), incident.time());
        }

        @Override
        public void receipt(SignedReceipt receipt) {
            receipts.add(receipt);
        }

        @Override
        public void receiptForgotten(SignedReceipt receipt) {
            receipts.forget(receipt.receipt().job());
        }

        @Override
        public void collateral(String miner, BigInteger wei) {
            feed.collateral(new Hotkey(miner), wei);
        }

        @Override
        public void blacklisted(BlacklistEntry entry) {
            feed.blacklist().put(entry);
        }

        @Override
        public void blacklistingGone(BlacklistEntry entry) {
            feed.blacklist().forget(entry);
        }

        @Override
        public void expiring(Hotkey miner, Booking reservation, long atMillis) {
            occurrences.expiring(miner, reservation, atMillis);
        }

        @Override
        public void replicasChanged(Set<Integer> joined, Set<Integer> left) {
            occurrences.replicasChanged(joined, left);
        }

        @Override
        public void journalWritten(int records, long nanos) {
            meters.journalWritten(records, nanos);
        }
    }

    private void record(SystemEvent event) {
        if (event.type() == EventType.JOB_ROUTED) {
            routed.increment();
        } else if (event.type() == EventType.JOB_NOT_ROUTED) {
            notRouted.increment();
        }
        lines.record(event);
        meters.happened(event);
        events.record(event);
    }

    /**
     * The books.
     *
     * @return safe for use by several threads
     */
    public Allowance allowance() {
        return allowance;
    }

    /**
     * The router.
     *
     * @return safe for use by several threads
     */
    public Routing routing() {
        return routing;
    }

    /**
     * Locks across all replicas.
     *
     * @return safe for use by several threads
     */
    public Locks locks() {
        return locks;
    }

    /**
     * The miners that get no jobs.
     *
     * @return safe for use by several threads
     */
    public Blacklist blacklist() {
        return blacklist;
    }

    /**
     * What routing by cycle has set aside, as this replica holds it, for whoever compares replicas.
     *
     * @return by miner
     */
    public Map<Hotkey, SlotBook> slots() {
        return grid.slots().books();
    }

    /**
     * Whether jobs can be routed here: a majority is there, and the blocks that jobs can use are.
     *
     * @return true if so
     */
    public boolean ready() {
        FollowerProgress progress = following();
        if (grid.waitingFor().isPresent() || grid.blocks().isEmpty()) {
            return false;
        }
        boolean taken = progress.newest() >= 0
                && (progress.ended() || (progress.backfillDone() && progress.missingInLookback() == 0));
        return taken || (!following.active() && drained.isEmpty() && status().blocksMissing() == 0);
    }

    /**
     * Why this replica can't stay in the grid, if it can't: it differs from those that were there before, or its disk failed.
     *
     * @return the reason, for an operator
     */
    public Optional<String> mustLeave() {
        return grid.mustLeave();
    }

    /**
     * Takes in a receipt of a job that this validator itself has sent.
     *
     * @param receipt the receipt
     */
    public void take(SignedReceipt receipt) {
        ingest.ingest(new ReceiptSeen(receipt));
    }

    /**
     * Takes in something that was seen of the chain, besides what the follower brings. Not while a follower runs.
     *
     * @param observation what was seen
     */
    public void take(Observation observation) {
        ingest.ingest(observation);
    }

    /**
     * Goes through all jobs that finished in a range of blocks. It changes nothing, and what it says does not depend on the order
     * in which receipts arrived.
     *
     * @param from the first block
     * @param to the block after the last
     * @return what each validator has spent, what of it is not paid for, and which blocks several of its jobs name
     * @throws io.quartermaster.api.InvalidArgument if not all of the range is among the blocks that are kept
     */
    public AuditReport audit(long from, long to) {
        return Audit.of(from, to, grid.blocks(), foreign, receipts);
    }

    /**
     * The receipts that all replicas share.
     *
     * @return safe for use by several threads
     */
    public ReceiptDesk receipts() {
        return new ReceiptDesk(grid, chain.info().validator(), gridReceipts, transferring);
    }

    /**
     * What happened, on all replicas.
     *
     * @param query which events
     * @return newest first; as many of them as are still kept
     */
    public List<SystemEvent> events(EventQuery query) {
        return events.find(query);
    }

    /**
     * What happened on all replicas, as it arrives here, for whoever follows along.
     *
     * @return a live, read-only view of the batches that are kept; a key begins with the time of its batch's newest event, in 13
     *     digits of Unix milliseconds, and is the same on all replicas
     */
    public Map<String, EventBatch> eventBatches() {
        return events.batches();
    }

    /**
     * The dynamic parameters.
     *
     * @return those of the whole grid
     */
    public GridParameters parameters() {
        return parameters;
    }

    /**
     * What is measured of this replica.
     *
     * @return its own meters, whatever else runs in the process
     */
    public Meters meters() {
        return meters.meters();
    }

    /**
     * The books as the page shows them.
     *
     * @return safe for use by several threads
     */
    public PageBooks pageBooks() {
        return pageBooks;
    }

    /**
     * The executor classes that are known here.
     *
     * @return in no order
     */
    public Set<ExecutorClass> executorClasses() {
        return settings.classes().all();
    }

    /**
     * How far the chain is taken in.
     *
     * @return a snapshot
     */
    public FollowerProgress following() {
        return drained.orElseGet(following::progress);
    }

    /**
     * The nodes that the chain is read from.
     *
     * @return how each of them does; none if the chain is simulated or recorded
     */
    public List<NodeReport> nodes() {
        return chain.nodes();
    }

    /**
     * How the replica is doing.
     *
     * @return a snapshot
     */
    public ReplicaStatus status() {
        FollowerProgress progress = following();
        BlockTable blocks = grid.blocks();
        long newest = blocks.newest();
        int missing = 0;
        for (long block = Math.max(blocks.oldest(), newest - LOOKBACK_SHOWN + 1); block < newest; block++) {
            missing += blocks.has(block) ? 0 : 1;
        }
        int kept = 0;
        for (long block = blocks.oldest(); block <= newest; block++) {
            kept += blocks.has(block) ? 1 : 0;
        }
        boolean watching = !following.active() && drained.isEmpty();
        long backfillLeft = progress.backfillDone() || watching
                ? 0
                : Math.max(0, progress.backfillPosition() - progress.backfillTarget() + 1);
        return new ReplicaStatus(
                chain.info().netuid(),
                chain.info().validator(),
                settings.grid().replica(),
                grid.replicasPresent(),
                settings.grid().replicas(),
                grid.view(),
                grid.waitingFor(),
                following.active(),
                grid.address(),
                progress.head(),
                newest,
                kept,
                missing,
                backfillLeft,
                allowance.miners().size(),
                grid.shelf().ledgers().size(),
                grid.shelf().ledgers().stream()
                        .mapToInt(ledger -> ledger.deadlines().size())
                        .sum(),
                routed.sum(),
                notRouted.sum(),
                progress.inWords(),
                progress.ended(),
                progress.error());
    }

    /**
     * A miner's ledger.
     *
     * @param miner the miner
     * @return empty if no manifest has ever named it
     */
    public Optional<LedgerReport> ledger(Hotkey miner) {
        BlockTable blocks = grid.blocks();
        Optional<MinerLedger> ledger = grid.shelf().ledger(miner);
        boolean current = allowance.neurons(blocks).hotkeys().contains(miner);
        return ledger.map(known -> LedgerReport.of(known, chain.info().validator(), blocks, current));
    }

    /**
     * The ledgers as this replica holds them, for whoever compares replicas.
     *
     * @return in no order
     */
    public Collection<MinerLedger> ledgers() {
        return grid.shelf().ledgers();
    }

    /**
     * The blocks as this replica holds them.
     *
     * @return the newest table
     */
    public BlockTable blockTable() {
        return grid.blocks();
    }

    /**
     * Writes a backup of the whole grid: everything that was acknowledged before this call, through whichever replica.
     *
     * @param out where to; not closed
     * @throws GridUnavailable if no majority of the replicas is within reach; nothing is written then
     * @throws IOException if it can't be written
     */
    public void backup(OutputStream out) throws IOException {
        Backup.write(out, "grid " + settings.grid().name(), grid.contents());
    }

    /**
     * With {@link io.quartermaster.node.store.Durability#REPLICATED}, for how long something was acknowledged and not on this
     * replica's disk: what a power failure of a majority at the worst moment would have lost.
     *
     * @return the worst so far
     */
    public Duration worstUnforced() {
        return grid.worstUnforced();
    }

    /**
     * Makes the disk slow, for fault tests.
     *
     * @param millis how much longer each write takes
     */
    public void slowDisk(long millis) {
        grid.slowDisk(millis);
    }

    /**
     * The newest blocks.
     *
     * @param last how many at most, at least 1
     * @return newest first
     */
    public List<BlockReport> blocks(int last) {
        BlockTable blocks = grid.blocks();
        List<BlockReport> reports = new ArrayList<>();
        for (long block = blocks.newest(); block >= blocks.oldest() && reports.size() < last; block--) {
            blocks.record(block)
                    .map(record -> BlockReport.of(record, chain.info().validator()))
                    .ifPresent(reports::add);
        }
        return reports;
    }

    /**
     * The incidents that are known.
     *
     * @return newest first
     */
    public List<MinerIncident> incidents() {
        return grid.records().incidents().entries().values().stream()
                .sorted(Comparator.comparing(MinerIncident::time).reversed().thenComparing(MinerIncident::miner))
                .toList();
    }

    /**
     * What is known of the miners' collateral.
     *
     * @return as this replica holds it
     */
    public CollateralReport collateral() {
        return CollateralReport.of(
                allowance.neurons(grid.blocks()).hotkeys(),
                grid.records().collateral().entries(),
                parameters.current().minimumCollateralWei());
    }

    /**
     * The time by which this replica lives, in Unix milliseconds.
     *
     * @return the chain's clock
     */
    public long nowMillis() {
        return chain.clock().millis();
    }

    /**
     * How much real time passes while this replica's clock advances by a duration.
     *
     * @param duration by the replica's clock
     * @return in real time
     */
    public Duration realTime(Duration duration) {
        return chain.clock().realTime(duration);
    }

    @Override
    public void close() {
        following.close();
        transferring.close();
        asyncCalls.shutdown();
        occurrences.close();
        events.close();
        grid.close();
        chain.close();
        meters.close();
    }
}
