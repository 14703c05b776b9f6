package io.quartermaster.node.chain.subtensor;

import io.quartermaster.node.chain.Causes;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.ChainInfo;
import io.quartermaster.node.chain.EvmDirectory;
import io.quartermaster.node.chain.MinerSource;
import io.quartermaster.node.chain.NodeReport;
import io.quartermaster.node.chain.Observation;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.PacedClock;
import io.quartermaster.node.chain.pylon.PylonClient;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subnet of a real chain, through lite nodes, which forget the state of blocks after some hundred, and archives, which don't.
 *
 * <p>New blocks are looked for every two seconds, unless the settings say otherwise. A block that was shown while others could
 * still take its place is compared, once that is over, with what a node says then that has the blocks after it; if it was
 * replaced it is shown again. Nothing is shown that would make it the current block before that. A block is read whole from one
 * node, or not at all. What the lite nodes no longer have is asked of an archive; without one, blocks that old are not asked for
 * again.
 */
public final class SubtensorChain implements Chain {
    /** How far the current block stays behind the newest one: ComputeHorde does not use the chain's own finality. */
    public static final int FINALITY_LAG = 5;

    /** The oldest block that a lite node is expected to know: LITE_BLOCK_LOOKBACK of ComputeHorde. */
    public static final int LITE_BLOCK_LOOKBACK = 200;

    private static final Logger LOG = LoggerFactory.getLogger(SubtensorChain.class);
    private static final int CHECK_VERSION_EVERY_BLOCKS = 10;

    /** Blocks are fetched one after the other, newest first; so many more are on their way meanwhile. */
    private static final int AHEAD = 32;

    /** Who fetches looks for new blocks in between, so waits no longer; the answer is kept for when it asks again. */
    private static final Duration FETCH_PATIENCE = Duration.ofSeconds(3);

    /** About as long as the first pause after a connection that ended. */
    private static final Duration AGAIN_AFTER = Duration.ofMillis(300);

    /** More are not shown at once after a pause: whoever follows fetches what it lacks. */
    private static final int MOST_SHOWN_AT_ONCE = 2 * FINALITY_LAG;

    private static final int MOST_READY = 64;

    private final SubtensorSettings settings;
    private final Nodes lite;
    private final Nodes archive;
    private final Optional<PylonClient> pylon;
    private final BlockFetcher fetcher;
    private final SubtensorMiners miners;
    private final BlockingQueue<Shown> ready = new LinkedBlockingQueue<>();
    private final Map<Long, CompletableFuture<BlockSeen>> onTheirWay = new ConcurrentHashMap<>();
    private final ScheduledExecutorService lookout = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "chain-head");
        thread.setDaemon(true);
        return thread;
    });

    /** The hashes of the blocks that were shown and may be replaced yet; used by the lookout alone. */
    private final NavigableMap<Long, String> unsettled = new TreeMap<>();

    private int version;
    private long versionCheckedAt;
    private boolean troubled;

    private final AtomicBoolean archiveTold = new AtomicBoolean();
    private volatile long head = -1;

    /** What the horizon is measured from: what a node says to have is not enough. */
    private volatile long newestShown = -1;

    private volatile long oldestKept;
    private volatile long lastAsked = -1;
    private volatile EventLog events = event -> LOG.info("{}", event.message());

    /**
     * A block that waits to be taken.
     *
     * @param again whether it takes the place of one that was shown before
     */
    private record Shown(BlockSeen block, boolean again) {}

    private SubtensorChain(SubtensorSettings settings) {
        this.settings = settings;
        this.lite = new Nodes("lite", settings.lite(), settings.patience(), this::unreadable);
        this.archive = new Nodes("archive", settings.archive(), settings.patience(), this::unreadable);
        this.pylon = settings.pylon().map(PylonClient::new);
        this.fetcher = new BlockFetcher(settings.netuid(), pylon);
        this.miners = new SubtensorMiners(settings, lite, pylon);
    }

    /**
     * Begins to look for blocks. The nodes need not be there yet.
     *
     * @param settings which subnet, and through which nodes
     * @return the chain
     */
    public static SubtensorChain follow(SubtensorSettings settings) {
        SubtensorChain chain = new SubtensorChain(settings);
        var unused = chain.lookout.scheduleWithFixedDelay(
                chain::lookSafely, 0, settings.lookEvery().toMillis(), TimeUnit.MILLISECONDS);
        return chain;
    }

    @Override
    public void tellTo(EventLog newEvents) {
        events = newEvents;
    }

    @Override
    public ChainInfo info() {
        return new ChainInfo(settings.netuid(), settings.validator(), FINALITY_LAG, Map.of());
    }

    @Override
    public PacedClock clock() {
        return PacedClock.system();
    }

    @Override
    public Optional<Observation> next(Duration patience) throws InterruptedException {
        Optional<Observation> next = Optional.ofNullable(ready.poll(patience.toMillis(), TimeUnit.MILLISECONDS))
                .map(Shown::block);
        if (next.isPresent() && archive.none() && oldestReachable() > 0 && !archiveTold.getAndSet(true)) {
            tell(
                    EventType.ARCHIVE_NOT_CONFIGURED,
                    "no archive is configured: blocks before " + oldestReachable()
                            + " are not taken in, and their allowance is not known");
        }
        return next;
    }

    @Override
    public boolean ended() {
        return false;
    }

    @Override
    public long head() {
        return head;
    }

    @Override
    public long oldestReachable() {
        long expected = archive.none() ? newestShown - LITE_BLOCK_LOOKBACK : 0;
        return Math.max(0, Math.max(expected, oldestKept));
    }

    // New blocks

    private void lookSafely() {
        try {
            look();
            troubled = false;
        } catch (ExecutionException e) {
            Throwable cause = Causes.of(e);
            if (!troubled) {
                troubled = true;
                LOG.warn("New blocks can't be seen: {}; looking goes on", cause.getMessage());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("Looking for new blocks failed", e);
        }
    }

    private void look() throws ExecutionException, InterruptedException {
        // How far the archives are is of use later; nobody waits for it.
        var unused = archive.head();
        long newest = lite.head().get();
        head = newest;
        long last = Math.min(newest, firstDoubtful(newest) + FINALITY_LAG - 1);
        long from = newestShown < 0 ? last : Math.max(newestShown + 1, last - MOST_SHOWN_AT_ONCE + 1);
        List<CompletableFuture<BlockSeen>> fetched = new ArrayList<>();
        for (long number = from; number <= last; number++) {
            fetched.add(fetchAnywhere(number, number));
        }
        Optional<ExecutionException> failure = Optional.empty();
        boolean none = !fetched.isEmpty();
        for (CompletableFuture<BlockSeen> one : fetched) {
            try {
                show(one.get(), false);
                none = false;
            } catch (ExecutionException e) {
                // Whoever follows fetches it once it is of use.
                none &= Nodes.gone(Causes.of(e));
                failure = Optional.of(e);
            }
        }
        if (none) {
            lite.doubt(newest);
        }
        checkVersion();
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    /**
     * Shows those blocks again that have been replaced for good.
     *
     * @return the oldest block of which it could not be seen whether it was; a number beyond all blocks if there is none
     */
    private long firstDoubtful(long newest) throws InterruptedException {
        Map<Long, CompletableFuture<String>> hashes = new TreeMap<>();
        for (long number : unsettled.headMap(newest - FINALITY_LAG, true).keySet()) {
            hashes.put(number, lite.ask(number + FINALITY_LAG, node -> BlockFetcher.hash(node, number)));
        }
        long doubtful = Long.MAX_VALUE - FINALITY_LAG;
        for (Map.Entry<Long, CompletableFuture<String>> asked : hashes.entrySet()) {
            long number = asked.getKey();
            try {
                if (!asked.getValue().get().equals(unsettled.get(number))) {
                    LOG.info("Block {} was replaced by another one", number);
                    show(fetchAnywhere(number, number + FINALITY_LAG).get(), true);
                }
                unsettled.remove(number);
            } catch (ExecutionException e) {
                if (Nodes.gone(Causes.of(e))) {
                    LOG.warn("Block {} was shown by a node, and is known to none any more", number);
                    unsettled.remove(number);
                } else {
                    LOG.debug("Whether block {} was replaced can't be seen now", number, e);
                    doubtful = Math.min(doubtful, number);
                }
            }
        }
        return doubtful;
    }

    private void show(BlockSeen block, boolean again) {
        if (!again) {
            unsettled.put(block.block(), block.hash().orElse(""));
            newestShown = Math.max(newestShown, block.block());
        }
        ready.add(new Shown(block, again));
        if (ready.size() > MOST_READY) {
            // Nobody takes them. What is left out is fetched when somebody does, but not if a former version is held.
            ready.stream().filter(one -> !one.again()).findFirst().ifPresent(ready::remove);
        }
    }

    private void checkVersion() throws ExecutionException, InterruptedException {
        if (unsettled.isEmpty() || (version != 0 && newestShown - versionCheckedAt < CHECK_VERSION_EVERY_BLOCKS)) {
            return;
        }
        long number = unsettled.lastKey();
        int now = lite.ask(
                        number,
                        node -> BlockFetcher.hash(node, number)
                                .thenCompose(hash -> BlockFetcher.runtimeVersion(node, hash)))
                .get();
        if (version != 0 && now != version) {
            tell(EventType.RUNTIME_UPGRADED, "the chain's runtime went from version " + version + " to " + now);
        }
        version = now;
        versionCheckedAt = newestShown;
    }

    // Blocks that are asked for

    @Override
    public Optional<BlockSeen> block(long number) {
        boolean goingBack = number == lastAsked - 1;
        lastAsked = number;
        onTheirWay.keySet().removeIf(other -> other > number || other < number - AHEAD);
        onTheirWay.values().removeIf(CompletableFuture::isCompletedExceptionally);
        CompletableFuture<BlockSeen> wanted = onTheirWay.computeIfAbsent(number, this::fetchSettled);
        if (goingBack) {
            for (long next = number - 1; next >= Math.max(oldestReachable(), number - AHEAD); next--) {
                onTheirWay.computeIfAbsent(next, this::fetchSettled);
            }
        }
        try {
            return Optional.of(had(number, wanted));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            LOG.debug("Block {} can't be had now", number, e);
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** A connection that breaks takes all with it that was asked for over it, and is made anew soon after. */
    private BlockSeen had(long number, CompletableFuture<BlockSeen> wanted)
            throws ExecutionException, InterruptedException, TimeoutException {
        long until = System.nanoTime() + FETCH_PATIENCE.toNanos();
        CompletableFuture<BlockSeen> attempt = wanted;
        while (true) {
            try {
                BlockSeen block = attempt.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                onTheirWay.remove(number);
                return block;
            } catch (ExecutionException e) {
                onTheirWay.remove(number);
                boolean late = until - System.nanoTime() < AGAIN_AFTER.toNanos();
                if (late || !Nodes.unavailable(Causes.of(e))) {
                    throw e;
                }
                TimeUnit.NANOSECONDS.sleep(AGAIN_AFTER.toNanos());
                attempt = onTheirWay.computeIfAbsent(number, this::fetchSettled);
            }
        }
    }

    /** A block that was replaced by another one is still the newest of a node that is behind: so it is asked for its followers. */
    private CompletableFuture<BlockSeen> fetchSettled(long number) {
        return fetchAnywhere(number, number + FINALITY_LAG);
    }

    /** From a lite node, if that is likely to have it; else, or if it has not, from an archive. */
    private CompletableFuture<BlockSeen> fetchAnywhere(long number, long atLeast) {
        boolean recent = newestShown - number <= LITE_BLOCK_LOOKBACK;
        return archive.none() || recent ? fromLite(number, atLeast) : from(archive, number, atLeast);
    }

    private CompletableFuture<BlockSeen> from(Nodes nodes, long number, long atLeast) {
        return nodes.ask(atLeast, node -> fetcher.fetch(node, number));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what becomes of it ends in the result
    private CompletableFuture<BlockSeen> fromLite(long number, long atLeast) {
        CompletableFuture<BlockSeen> result = new CompletableFuture<>();
        from(lite, number, atLeast).whenComplete((block, failure) -> {
            if (failure == null) {
                result.complete(block);
                return;
            }
            Throwable cause = Causes.of(failure);
            if (!archive.none() && (Nodes.gone(cause) || Nodes.unavailable(cause))) {
                Nodes.pass(from(archive, number, atLeast), result);
                return;
            }
            if (Nodes.gone(cause) && atLeast > number) {
                noArchive(number);
            }
            result.completeExceptionally(failure);
        });
        return result;
    }

    private void unreadable(UnknownLayout answer) {
        tell(EventType.UNKNOWN_LAYOUT, answer.getMessage() + ". Nothing of this block is taken in from there");
    }

    private synchronized void noArchive(long number) {
        if (number < oldestKept) {
            return;
        }
        if (oldestKept == 0) {
            tell(
                    EventType.ARCHIVE_NOT_CONFIGURED,
                    "no lite node has block " + number
                            + " any more, earlier than is usual, and no archive is configured:"
                            + " older blocks are not taken in, and their allowance is not known");
        }
        oldestKept = number + 1;
    }

    private void tell(EventType type, String message) {
        events.record(SystemEvent.of(Instant.now(), type, message));
    }

    @Override
    public Optional<MinerSource> miners() {
        return Optional.of(miners);
    }

    @Override
    public Optional<EvmDirectory> evm() {
        return Optional.of(new SubtensorEvm(settings.netuid(), lite));
    }

    @Override
    public List<NodeReport> nodes() {
        return Stream.of(lite, archive)
                .flatMap(nodes -> nodes.reports().stream())
                .toList();
    }

    @Override
    public void close() {
        lookout.shutdownNow();
        miners.close();
        pylon.ifPresent(PylonClient::close);
        lite.close();
        archive.close();
    }
}
