package io.quartermaster.node.grid;

import com.hazelcast.config.Config;
import com.hazelcast.core.DistributedObject;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastException;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.internal.util.ConcurrencyUtil;
import com.hazelcast.map.IMap;
import com.hazelcast.map.LocalMapStats;
import com.hazelcast.partition.Partition;
import io.quartermaster.api.CallId;
import io.quartermaster.api.Fence;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.LockLost;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.node.cycle.SlotCommand;
import io.quartermaster.node.cycle.SlotOutcome;
import io.quartermaster.node.cycle.SlotShelf;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.LedgerShelf;
import io.quartermaster.node.locks.LockBook;
import io.quartermaster.node.locks.LockCommand;
import io.quartermaster.node.locks.LockOutcome;
import io.quartermaster.node.store.Store;
import io.quartermaster.node.views.Journal;
import io.quartermaster.node.views.Participant;
import io.quartermaster.node.views.Surroundings.Peer;
import io.quartermaster.node.views.Timing;
import io.quartermaster.node.views.View;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replica's member of the grid: sends commands to ledgers, shares what all replicas must see, and keeps this replica's own
 * copy of it all for reading. Safe for use by several threads.
 */
public final class Grid implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Grid.class);

    private static final long KEEP_EVERY_MILLIS = 50;
    private static final long LOOK_AROUND_EVERY_MILLIS = 2000;
    private static final int CATCH_UP_ATTEMPTS = 4;
    private static final long CATCH_UP_SECONDS = 3;
    private static final long RECONSIDER_MILLIS = 200;

    private final GridSettings settings;
    private final HazelcastInstance member;
    private final ReplicaBooks books;
    private final IMap<String, Object> ledgers;
    private final IMap<String, Object> locks;
    private final IMap<String, Object> slots;
    private final SharedRecords records;
    private final Deadlines deadlines;
    private final Optional<Store> store;
    private final Messenger messenger;
    private final Neighbours neighbours;
    private final Participant<Book, Ruling> participant;
    private final Calls calls;
    private final ScheduledExecutorService keeper;
    private final ScheduledExecutorService lookout;
    private final String callPrefix;
    private final AtomicLong callCount = new AtomicLong();
    private volatile Optional<String> failure = Optional.empty();

    private Grid(
            GridSettings settings,
            HazelcastInstance member,
            Card card,
            ReplicaBooks books,
            Optional<Store> store,
            Journal.Memory<Book> memory,
            UnaryOperator<Duration> realTime,
            GridListeners listeners) {
        this.settings = settings;
        this.member = member;
        this.books = books;
        this.store = store;
        this.callPrefix = Long.toString(member.getLocalEndpoint().getUuid().getMostSignificantBits() >>> 1, 36) + "-"
                + Long.toString(books.realMillis(), 36) + "-";
        this.ledgers = member.getMap(MapNames.LEDGERS);
        this.locks = member.getMap(MapNames.LOCKS);
        this.slots = member.getMap(MapNames.SLOTS);
        this.records = new SharedRecords(this, books, listeners);
        this.messenger = new Messenger(member, card, settings);
        this.participant = participant(memory);
        this.calls = new Calls(
                threadFor("call-timer"), Completions.POOL, participant, settings.replicas() == 1 && store.isEmpty());
        this.neighbours = new Neighbours(member, settings);
        books.keep(participant);
        messenger.serve(participant);
        startStore(listeners);
        this.keeper = threadFor("views");
        this.lookout = threadFor("lookout");
        this.deadlines = new Deadlines(
                member.getMap(MapNames.RESERVATIONS),
                member.getMap(MapNames.PRELIMINARY),
                books,
                realTime,
                threadFor("expiry-sweep"),
                this::owns,
                this::expire);
        Attendance attendance = new Attendance(settings.replica(), memory.normal(), listeners::replicasChanged);
        participant.onView(number -> {
            View view = participant.view();
            LOG.info("{} begins", view);
            if (settings.replicas() > 1) {
                attendance.begins(view);
            }
        });
        if (settings.replicas() == 1) {
            keep();
        }
        var unusedKeeping =
                keeper.scheduleWithFixedDelay(this::keep, KEEP_EVERY_MILLIS, KEEP_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        if (settings.managementSql()) {
            SqlMappings.make(member, lookout);
        }
        if (settings.replicas() > 1) {
            var unusedLooking = lookout.scheduleWithFixedDelay(
                    this::lookAround, LOOK_AROUND_EVERY_MILLIS, LOOK_AROUND_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private Participant<Book, Ruling> participant(Journal.Memory<Book> memory) {
        Journal<Book, Ruling> journal =
                store.<Journal<Book, Ruling>>map(BookJournal::new).orElseGet(Journal::none);
        boolean hasty = settings.experiment() == Experiment.ACKNOWLEDGE_ALONE;
        return new Participant<>(
                settings.replica(),
                settings.replicas(),
                hasty ? 1 : Participant.majority(settings.replicas()),
                books.machine(),
                journal,
                memory,
                books::changed,
                messenger,
                Timing.DEFAULT,
                new SplittableRandom(),
                nowOnlyForward());
    }

    private void startStore(GridListeners listeners) {
        store.ifPresent(file -> file.start(new Store.Listener() {
            @Override
            public void batchDone() {
                messenger.flush();
            }

            @Override
            public void written(int records, long nanos) {
                listeners.journalWritten(records, nanos);
            }

            @Override
            public void failed(Throwable cause) {
                // A replica that can't remember must not promise. The others go on without it.
                failure = Optional.of("This replica's journal can't be written: " + cause.getMessage());
                LOG.error("{}; the replica leaves the grid", failure.get());
                member.getLifecycleService().terminate();
            }
        }));
    }

    private void lookAround() {
        try {
            if (replicasPresent() < settings.replicas()
                    && member.getLifecycleService().isRunning()) {
                neighbours.look();
            }
        } catch (RuntimeException e) {
            LOG.debug("Who else answers can't be told now", e);
        }
    }

    private static long nowOnlyForward() {
        return System.nanoTime() / 1_000_000;
    }

    /** Looks after the view: the others' pulses, our own, and whether a new view is wanted. */
    private void keep() {
        try {
            if (member.getLifecycleService().isRunning()) {
                long now = nowOnlyForward();
                messenger.roster().tick(now, participant.serving());
                boolean before = participant.inContact();
                participant.tick(now);
                if (before && !participant.inContact()) {
                    calls.contactLost();
                }
            }
        } catch (RuntimeException e) {
            LOG.warn("Looking after the view failed and will be tried again: {}", e.toString());
        }
    }

    /**
     * Starts a member and waits until it is there.
     *
     * @param settings how it is set up
     * @param clock what deadlines are measured by
     * @param realTime how long the clock's durations last in real time
     * @param listeners who wants to know what arrives
     * @return the running member
     * @throws GridUnavailable if it can't start, for example because its port is taken
     */
    public static Grid start(
            GridSettings settings, InstantSource clock, UnaryOperator<Duration> realTime, GridListeners listeners) {
        ReplicaBooks books = new ReplicaBooks(clock, settings.experiment(), listeners::expiring);
        // What is acknowledged before it is on disk is not written at all.
        Optional<Store> store = settings.directory()
                .filter(directory -> settings.experiment() != Experiment.ACKNOWLEDGE_BEFORE_DISK)
                .map(directory -> Store.open(
                        directory,
                        owner(settings.name(), settings.replica()),
                        settings.durability(),
                        () -> new BookJournal.Remembered(books.machine())));
        try {
            Journal.Memory<Book> memory = store.map(file -> ((BookJournal.Remembered) file.state()).memory())
                    .orElseGet(Journal.Memory::none);
            if (memory.founded()) {
                LOG.info("Remembered {} books, last in {}", memory.entries().size(), memory.normal());
            }
            Card card = new Card(
                    Card.FORMAT,
                    UUID.randomUUID().toString(),
                    settings.replica(),
                    settings.replicas(),
                    settings.mustAgree());
            Config config = GridConfig.of(settings, card);
            books.bindTo(config.getUserContext());
            HazelcastInstance member = start(config, settings);
            try {
                return new Grid(settings, member, card, books, store, memory, realTime, listeners);
            } catch (RuntimeException e) {
                member.getLifecycleService().terminate();
                throw e;
            }
        } catch (HazelcastException e) {
            store.ifPresent(Store::close);
            throw new GridUnavailable("This replica could not join the grid: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            store.ifPresent(Store::close);
            throw e;
        }
    }

    /**
     * The engine completes its futures on the common pool, and where that has one thread (a machine of two cores) starts a new
     * thread for every call, which made a reservation six times as slow. Two threads of our own do it there. The setting is
     * the whole JVM's; there is no public one.
     */
    private static final class Completions {
        private static final ForkJoinPool POOL =
                new ForkJoinPool(2, ForkJoinPool.defaultForkJoinWorkerThreadFactory, null, true);

        static void prepare() {
            if (ForkJoinPool.getCommonPoolParallelism() <= 1) {
                ConcurrencyUtil.setDefaultAsyncExecutor(POOL);
            }
        }
    }

    /** Whose a replica's files are. */
    static String owner(String grid, int replica) {
        return "grid " + grid + " replica " + replica;
    }

    private static HazelcastInstance start(Config config, GridSettings settings) {
        Completions.prepare();
        try {
            return Hazelcast.newHazelcastInstance(config);
        } catch (HazelcastException | IllegalStateException e) {
            String where = settings.address() + ":" + settings.port();
            boolean taken = String.valueOf(e.getMessage()).contains("already in use");
            throw new GridUnavailable(
                    taken
                            ? "The grid's port " + where
                                    + " is already in use, perhaps by another replica: choose another one"
                            : "This replica's member of the grid did not start on " + where + ": " + e.getMessage(),
                    e);
        }
    }

    private static ScheduledExecutorService threadFor(String name) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    /**
     * A name for a call, unlike any other in this grid; much cheaper than a random one.
     *
     * @return the id
     */
    public CallId newCall() {
        return new CallId(callPrefix + callCount.incrementAndGet());
    }

    /**
     * The time by which deadlines are decided.
     *
     * @return Unix milliseconds
     */
    public long nowMillis() {
        return books.clock().millis();
    }

    /**
     * The time to put on a command that is sent now.
     *
     * @return Unix milliseconds of real time
     */
    public long sentMillis() {
        return books.realMillis();
    }

    /**
     * Sends a command to a miner's ledger, again and again for some seconds if replicas come and go.
     *
     * @param miner whose ledger
     * @param command the command
     * @return completes with the answer once a majority of the replicas holds it, or with {@link GridUnavailable} or
     *     {@link OutcomeUnknown}
     */
    public CompletionStage<LedgerOutcome> submit(Hotkey miner, LedgerCommand command) {
        return submit(ledgers, miner.value(), miner.value(), new Order.ToMiner(command))
                .thenApply(LedgerOutcome.class::cast);
    }

    /**
     * Sends a command to a miner's ledger under a lock, if there is one.
     *
     * @param miner whose ledger
     * @param command the command
     * @param fence the lock's token, if the command counts only while the lock is held
     * @return as {@link #submit(Hotkey, LedgerCommand)}, or completes with {@link LockLost} if the ledger has seen a newer token
     */
    public CompletionStage<LedgerOutcome> submit(Hotkey miner, LedgerCommand command, Optional<Fence> fence) {
        if (fence.isEmpty()) {
            return submit(miner, command);
        }
        return submit(miner, new LedgerCommand.Fenced(fence.get(), command)).thenApply(outcome -> {
            if (outcome instanceof LedgerOutcome.StaleToken stale) {
                throw new LockLost(fence.get(), stale.newestToken());
            }
            return outcome;
        });
    }

    /**
     * Sends a command to a lock.
     *
     * @param lock the lock's name
     * @param command the command
     * @return as {@link #submit(Hotkey, LedgerCommand)}
     */
    public CompletionStage<LockOutcome> submit(String lock, LockCommand command) {
        return submit(locks, lock, Book.LOCK_PREFIX + lock, new Order.ToLock(command))
                .thenApply(LockOutcome.class::cast);
    }

    /**
     * Sends a command to a miner's slots.
     *
     * @param miner whose slots
     * @param command the command
     * @return as {@link #submit(Hotkey, LedgerCommand)}
     */
    public CompletionStage<SlotOutcome> submit(Hotkey miner, SlotCommand command) {
        return submit(slots, miner.value(), Book.SLOTS_PREFIX + miner.value(), new Order.ToSlots(command))
                .thenApply(SlotOutcome.class::cast);
    }

    private CompletableFuture<Object> submit(IMap<String, Object> map, String key, String book, Order order) {
        if (books.plain()) {
            return plainly(map, key, book, order);
        }
        // What is overdue is released all the same: the others can hold that.
        boolean expiry = order instanceof Order.ToMiner miner && miner.command() instanceof LedgerCommand.Expire;
        Optional<String> refusal = expiry ? Optional.empty() : diskTrouble();
        if (refusal.isPresent()) {
            return CompletableFuture.failedFuture(new GridUnavailable("Nothing is changed here: " + refusal.get()));
        }
        return calls.call(
                book, order, command -> map.submitToKey(key, new OrderProcessor(book, settings.replica(), command)));
    }

    /** As the engine alone would have it: what it acknowledges is acknowledged. */
    private static CompletableFuture<Object> plainly(IMap<String, Object> map, String key, String book, Order order) {
        CompletableFuture<Object> answer = new CompletableFuture<>();
        try {
            map.submitToKey(key, new OrderProcessor(book, 1, order))
                    .whenCompleteAsync(
                            (reply, failure) -> {
                                if (failure == null) {
                                    answer.complete(reply.outcome().orElseThrow());
                                } else if (String.valueOf(failure).contains("SplitBrainProtectionException")) {
                                    answer.completeExceptionally(
                                            new GridUnavailable("Too few replicas are within reach"));
                                } else {
                                    answer.completeExceptionally(new OutcomeUnknown(order.call(), failure));
                                }
                            },
                            Completions.POOL);
        } catch (RuntimeException e) {
            answer.completeExceptionally(new GridUnavailable("The engine refuses: " + e.getMessage(), e));
        }
        return answer;
    }

    /**
     * The locks, by name, as this replica knows them.
     *
     * @return a live, read-only view
     */
    public Map<String, LockBook> locks() {
        return Collections.unmodifiableMap(books.locks());
    }

    /**
     * Whether changes can be made here, as far as is known.
     *
     * @return what is waited for; empty if nothing is
     */
    public Optional<String> waitingFor() {
        if (books.plain()) {
            return Optional.empty();
        }
        if (diskTrouble().isPresent()) {
            return diskTrouble();
        }
        return participant
                .waitingFor()
                .map(what ->
                        what + neighbours.strangers().map(words -> ". " + words).orElse(""));
    }

    private Optional<String> diskTrouble() {
        return store.flatMap(Store::trouble);
    }

    /**
     * With {@link io.quartermaster.node.store.Durability#REPLICATED}, for how long something was acknowledged and not on this
     * replica's disk.
     *
     * @return the worst so far
     */
    public Duration worstUnforced() {
        return Duration.ofNanos(store.map(Store::worstUnforcedNanos).orElse(0L));
    }

    /**
     * The view that this replica is in.
     *
     * @return in words
     */
    public String view() {
        return participant.view().toString();
    }

    /**
     * How this member does.
     *
     * @return as of now
     */
    public GridFigures figures() {
        Map<String, GridFigures.MapFigures> maps = new HashMap<>();
        for (DistributedObject object : member.getDistributedObjects()) {
            if (object instanceof IMap<?, ?> map) {
                LocalMapStats stats = map.getLocalMapStats();
                maps.put(
                        map.getName(),
                        new GridFigures.MapFigures(
                                stats.getOwnedEntryCount(), stats.getBackupEntryCount(), stats.total()));
            }
        }
        return new GridFigures(
                waitingFor().isEmpty(),
                participant.view().number(),
                replicasPresent(),
                settings.replicas(),
                member.getPartitionService().isLocalMemberSafe(),
                maps,
                store.map(Store::figures));
    }

    /**
     * All that the grid keeps, as of now: everything that was acknowledged before this call is in it, wherever it was.
     *
     * @return what a backup is made of, by name
     * @throws GridUnavailable if no majority of the replicas is within reach
     */
    public SortedMap<String, byte[]> contents() {
        for (int attempt = 0; attempt < CATCH_UP_ATTEMPTS; attempt++) {
            CompletableFuture<Boolean> caughtUp = participant.catchUp();
            try {
                if (caughtUp.get(CATCH_UP_SECONDS, TimeUnit.SECONDS)) {
                    return BookJournal.asEntries(participant.memory());
                }
                // Views last longer than this, except while replicas come and go.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RECONSIDER_MILLIS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            } catch (ExecutionException | TimeoutException e) {
                LOG.debug("The others have not said yet what they hold", e);
            }
        }
        throw new GridUnavailable("The grid waits for " + waitingFor().orElse("replicas to say what they hold")
                + ": there is no backup now");
    }

    /**
     * Why this replica can't stay in the grid, if it can't: it differs from those that were there before, or its disk failed.
     *
     * @return the reason, for an operator
     */
    public Optional<String> mustLeave() {
        return failure.isPresent() ? failure : messenger.roster().refusal();
    }

    /**
     * Sends a command to a page of records.
     *
     * @param kind the kind of record
     * @param page the page's number
     * @param command the command
     * @return as {@link #submit(Hotkey, LedgerCommand)}
     */
    CompletionStage<RecordPage.Outcome> submit(RecordKind<?> kind, int page, RecordPage.Command command) {
        return submit(
                        member.getMap(kind.name()),
                        Integer.toString(page),
                        Book.keyOf(kind, page),
                        new Order.ToRecords(kind, command))
                .thenApply(RecordPage.Outcome.class::cast);
    }

    /**
     * Puts a block's record into the table of all replicas.
     *
     * @param record the record
     * @return completes with false if a finalised record was there, which stays
     */
    public CompletionStage<Boolean> put(BlockRecord record) {
        return records.blocks().put(Long.toString(record.number()), record);
    }

    /**
     * Takes blocks out that are no longer kept.
     *
     * @param end the block after the last of them
     * @return completes once they are gone
     */
    public CompletionStage<Void> forgetBlocksBefore(long end) {
        Shared<BlockRecord> blocks = records.blocks();
        return blocks.remove(blocks.entries().values().stream()
                .map(BlockRecord::number)
                .filter(number -> number < end)
                .map(number -> Long.toString(number))
                .toList());
    }

    /**
     * What rings when reservations are overdue.
     *
     * @return the alarms
     */
    public Deadlines deadlines() {
        return deadlines;
    }

    /** Whether this replica is the one to expire a miner's reservations. */
    private boolean owns(Hotkey miner) {
        Partition partition = member.getPartitionService().getPartition(miner.value());
        if (books.plain()) {
            return partition.getOwner() != null && partition.getOwner().localMember();
        }
        return participant.decides(partition.getPartitionId());
    }

    private void expire(Hotkey miner) {
        submit(miner, new LedgerCommand.Expire(newCall(), sentMillis())).whenComplete((outcome, failure) -> {
            if (failure != null) {
                LOG.warn("Overdue reservations with {} are not released yet: {}", miner, failure.toString());
            }
        });
    }

    /**
     * The records that all replicas share.
     *
     * @return kind by kind
     */
    public SharedRecords records() {
        return records;
    }

    /**
     * This replica's copy of the ledgers.
     *
     * @return the shelf
     */
    public LedgerShelf shelf() {
        return books.shelf();
    }

    /**
     * The blocks that are known.
     *
     * @return the newest table
     */
    public BlockTable blocks() {
        return books.blocks();
    }

    /**
     * This replica's copy of the preliminary reservations.
     *
     * @return the shelf
     */
    public SlotShelf slots() {
        return books.slots();
    }

    /**
     * Makes the disk slow, for fault tests.
     *
     * @param millis how much longer each write takes
     */
    public void slowDisk(long millis) {
        store.ifPresent(file -> file.slowDown(millis));
    }

    /**
     * Whether this replica is a member: it is from its start until it is closed or can't stay.
     *
     * @return true if so
     */
    public boolean isRunning() {
        return member.getLifecycleService().isRunning();
    }

    /**
     * How many replicas are there.
     *
     * @return at least 1
     */
    public int replicasPresent() {
        return messenger.present().size();
    }

    /**
     * Which replicas are within reach.
     *
     * @return their ids, this one's too
     */
    public Set<Integer> present() {
        return messenger.present().stream().map(Peer::replica).collect(Collectors.toSet());
    }

    /**
     * Which replicas decide about a part of the books in the view that this replica is in.
     *
     * @return their ids; none before the first view
     */
    public Set<Integer> deciders() {
        return participant.view().replicas();
    }

    /**
     * Where this member listens.
     *
     * @return "host:port"
     */
    public String address() {
        var address = member.getCluster().getLocalMember().getAddress();
        return address.getHost() + ":" + address.getPort();
    }

    /** Leaves the grid in good order: what this member owns is handed over first. */
    @Override
    public void close() {
        deadlines.close();
        lookout.shutdownNow();
        // While the engine hands over, the others still count on this replica.
        member.shutdown();
        keeper.shutdownNow();
        store.ifPresent(Store::close);
    }
}
