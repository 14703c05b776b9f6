package io.quartermaster.node.grid;

import com.hazelcast.config.Config;
import com.hazelcast.core.EntryEvent;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastException;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceNotActiveException;
import com.hazelcast.core.IndeterminateOperationStateException;
import com.hazelcast.internal.util.ConcurrencyUtil;
import com.hazelcast.map.IMap;
import com.hazelcast.map.listener.EntryExpiredListener;
import com.hazelcast.partition.MigrationListener;
import com.hazelcast.partition.MigrationState;
import com.hazelcast.partition.ReplicaMigrationEvent;
import com.hazelcast.spi.exception.RetryableHazelcastException;
import com.hazelcast.splitbrainprotection.SplitBrainProtectionException;
import io.quartermaster.api.CallId;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.MinerIncident;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.ReservationId;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.LedgerShelf;
import io.quartermaster.node.ledger.MinerLedger;
import java.math.BigInteger;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replica's member of the grid: sends commands to ledgers, shares what all replicas must see, and keeps this replica's own
 * copy of it all for reading. Safe for use by several threads.
 */
public final class Grid implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Grid.class);

    /** The sweep is a tidy-up: a deadline is decided when a command runs. Often enough to release within two seconds. */
    private static final long SWEEP_EVERY_MILLIS = 500;

    private final HazelcastInstance member;
    private final ReplicaBooks books;
    private final UnaryOperator<Duration> realTime;
    private final IMap<String, MinerLedger> ledgers;
    private final IMap<Long, BlockRecord> blocks;
    private final IMap<Long, ReservationAlarm> reservations;
    private final Shared<String, NeuronList> neurons;
    private final Shared<String, MinerManifests> manifests;
    private final Shared<String, MinerIncident> incidents;
    private final Shared<String, SignedReceipt> receipts;
    private final Shared<String, BigInteger> collateral;
    private final List<Shared<?, ?>> allShared;
    private final ScheduledExecutorService sweeper;
    private final ScheduledFuture<?> sweeping;
    private final String callPrefix;
    private final AtomicLong calls = new AtomicLong();

    private Grid(GridSettings settings, InstantSource clock, UnaryOperator<Duration> realTime, Listeners listeners) {
        this.books = new ReplicaBooks(clock);
        this.realTime = realTime;
        Config config = GridConfig.of(settings);
        books.bindTo(config.getUserContext());
        this.member = start(config, settings);
        this.callPrefix = Long.toString(member.getLocalEndpoint().getUuid().getMostSignificantBits() >>> 1, 36) + "-"
                + Long.toString(clock.millis(), 36) + "-";
        this.ledgers = member.getMap(MapNames.LEDGERS);
        this.blocks = member.getMap(MapNames.BLOCKS);
        this.reservations = member.getMap(MapNames.RESERVATIONS);
        this.neurons = shared(MapNames.NEURONS, NeuronList.class, (key, value) -> {});
        this.manifests = shared(MapNames.MANIFESTS, MinerManifests.class, (key, value) -> {});
        this.incidents = shared(MapNames.INCIDENTS, MinerIncident.class, (key, value) -> listeners.incident(value));
        this.receipts = shared(MapNames.RECEIPTS, SignedReceipt.class, (key, value) -> listeners.receipt(value));
        this.collateral = shared(MapNames.COLLATERAL, BigInteger.class, listeners::collateral);
        this.allShared = List.of(neurons, manifests, incidents, receipts, collateral);
        this.sweeper = sweeper();
        reservations.addLocalEntryListener((EntryExpiredListener<Long, ReservationAlarm>) event -> ring(event));
        member.getPartitionService().addMigrationListener(new RefillAfterMigration());
        refill();
        this.sweeping = sweeper.scheduleWithFixedDelay(
                this::sweep, SWEEP_EVERY_MILLIS, SWEEP_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Who wants to know what this replica's copies receive. Called on the grid's own threads: be quick. */
    public interface Listeners {
        /**
         * An incident counts.
         *
         * @param incident the incident
         */
        void incident(MinerIncident incident);

        /**
         * A receipt is known.
         *
         * @param receipt the receipt
         */
        void receipt(SignedReceipt receipt);

        /**
         * A miner's collateral is known.
         *
         * @param miner the miner's hotkey
         * @param wei the amount
         */
        void collateral(String miner, BigInteger wei);
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
            GridSettings settings, InstantSource clock, UnaryOperator<Duration> realTime, Listeners listeners) {
        return new Grid(settings, clock, realTime, listeners);
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

    private <V> Shared<String, V> shared(String name, Class<V> type, BiConsumer<String, V> onPut) {
        Shared<String, V> shared = new Shared<>(member.getMap(name), String.class, type, onPut);
        books.register(name, shared);
        return shared;
    }

    private static ScheduledExecutorService sweeper() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "expiry-sweep");
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
        return new CallId(callPrefix + calls.incrementAndGet());
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
     * Sends a command to a miner's ledger.
     *
     * @param miner whose ledger
     * @param command the command
     * @return completes with the answer, or with {@link GridUnavailable} or {@link OutcomeUnknown}
     */
    public CompletionStage<LedgerOutcome> submit(Hotkey miner, LedgerCommand command) {
        CompletableFuture<LedgerOutcome> answer = new CompletableFuture<>();
        try {
            ledgers.submitToKey(miner.value(), new LedgerProcessor(command))
                    .whenCompleteAsync(
                            (outcome, failure) -> {
                                if (failure == null) {
                                    answer.complete(outcome);
                                } else {
                                    answer.completeExceptionally(translate(failure, command.call()));
                                }
                            },
                            Runnable::run);
        } catch (RuntimeException e) {
            answer.completeExceptionally(translate(e, command.call()));
        }
        return answer;
    }

    private static RuntimeException translate(Throwable failure, CallId call) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof HazelcastInstanceNotActiveException) {
            return new GridUnavailable("This replica is shutting down", cause);
        }
        if (cause instanceof SplitBrainProtectionException) {
            return new GridUnavailable("Too few replicas of the grid are within reach", cause);
        }
        if (cause instanceof IndeterminateOperationStateException || cause instanceof RetryableHazelcastException) {
            return new OutcomeUnknown(call, cause);
        }
        LOG.error("Call {} failed in a way that should not be possible", call, cause);
        return new OutcomeUnknown(call, cause);
    }

    /**
     * Puts a block's record into the table of all replicas.
     *
     * @param record the record
     * @return completes with false if a finalised record was there, which stays
     */
    public CompletionStage<Boolean> put(BlockRecord record) {
        return blocks.submitToKey(record.number(), new BlockProcessor(record));
    }

    /**
     * Takes blocks out of the map; the table has left them out already.
     *
     * @param first the first block
     * @param end the block after the last
     */
    public void forgetBlocks(long first, long end) {
        for (long block = first; block < end; block++) {
            blocks.deleteAsync(block);
        }
    }

    /**
     * Sets an alarm for a reservation, which also shows it to operators.
     *
     * @param miner the miner
     * @param booking the reservation
     */
    public void setAlarm(Hotkey miner, Booking booking) {
        Duration left = Duration.ofMillis(Math.max(1, booking.deadlineMillis() - nowMillis()));
        // The engine counts whole seconds; a second more, so that it rings after the deadline.
        long seconds = realTime.apply(left).toSeconds() + 1;
        reservations.setAsync(
                booking.id(),
                new ReservationAlarm(
                        miner,
                        booking.executorClass(),
                        booking.job(),
                        booking.blocks().size(),
                        booking.deadlineMillis()),
                seconds,
                TimeUnit.SECONDS);
    }

    /**
     * Takes a reservation's alarm away.
     *
     * @param reservation the reservation's id
     */
    public void clearAlarm(long reservation) {
        reservations.deleteAsync(reservation);
    }

    private void ring(EntryEvent<Long, ReservationAlarm> event) {
        books.shelf().miner(new ReservationId(event.getKey()).minerNumber()).ifPresent(this::expire);
    }

    /** Releases what is overdue in the ledgers that this replica owns; those that it does not own have owners that do. */
    private void sweep() {
        try {
            long now = nowMillis();
            for (MinerLedger ledger : books.shelf().ledgers()) {
                if (ledger.nextDeadlineMillis().orElse(Long.MAX_VALUE) <= now && owns(ledger.miner())) {
                    expire(ledger.miner());
                }
            }
        } catch (RuntimeException e) {
            LOG.warn("The sweep for expired reservations failed and will be tried again: {}", e.toString());
        }
    }

    private boolean owns(Hotkey miner) {
        return member.getPartitionService()
                .getPartition(miner.value())
                .getOwner()
                .localMember();
    }

    private void expire(Hotkey miner) {
        submit(miner, new LedgerCommand.Expire(newCall(), sentMillis())).whenComplete((outcome, failure) -> {
            if (failure != null) {
                LOG.warn("Overdue reservations with {} are not released yet: {}", miner, failure.toString());
            }
        });
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
     * The lists of neurons, by their digest.
     *
     * @return shared by all replicas
     */
    public Shared<String, NeuronList> neurons() {
        return neurons;
    }

    /**
     * The newest manifests, by the miner's hotkey.
     *
     * @return shared by all replicas
     */
    public Shared<String, MinerManifests> manifests() {
        return manifests;
    }

    /**
     * The incidents, by "miner/job".
     *
     * @return shared by all replicas
     */
    public Shared<String, MinerIncident> incidents() {
        return incidents;
    }

    /**
     * The receipts, by "job/kind".
     *
     * @return shared by all replicas
     */
    public Shared<String, SignedReceipt> receipts() {
        return receipts;
    }

    /**
     * The collateral in wei, by the miner's hotkey.
     *
     * @return shared by all replicas
     */
    public Shared<String, BigInteger> collateral() {
        return collateral;
    }

    /**
     * How many replicas are there.
     *
     * @return at least 1
     */
    public int replicasPresent() {
        return member.getCluster().getMembers().size();
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

    /** What comes by migration does not pass through an entry processor. */
    private void refill() {
        // Blocks name lists of neurons, so these come first.
        allShared.forEach(Shared::refill);
        ledgers.values().forEach(books::put);
        books.put(blocks.values());
    }

    private final class RefillAfterMigration implements MigrationListener {
        @Override
        public void migrationStarted(MigrationState state) {}

        @Override
        public void migrationFinished(MigrationState state) {
            sweeper.execute(Grid.this::refill);
        }

        @Override
        public void replicaMigrationCompleted(ReplicaMigrationEvent event) {}

        @Override
        public void replicaMigrationFailed(ReplicaMigrationEvent event) {}
    }

    /** Leaves the grid in good order: what this member owns is handed over first. */
    @Override
    public void close() {
        sweeping.cancel(false);
        sweeper.shutdownNow();
        member.shutdown();
    }
}
