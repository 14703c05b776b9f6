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
import java.net.http.HttpClient;
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
 * <p>New blocks are looked for every two seconds, unless the settings say otherwise. Those that may still be replaced by others of the same number are compared
 * with what the node says then, and shown again if they were. A block is read whole from one node, or not at all. What a lite
 * node no longer has is asked of an archive; without one, blocks that old are not asked for again.
 */
public final class SubtensorChain implements Chain {
    /** How far the current block stays behind the newest one: ComputeHorde does not use the chain's own finality. */
    public static final int FINALITY_LAG = 5;

    /** The oldest block that a lite node is expected to know: LITE_BLOCK_LOOKBACK of ComputeHorde. */
    public static final int LITE_BLOCK_LOOKBACK = 200;

    private static final Logger LOG = LoggerFactory.getLogger(SubtensorChain.class);
    private static final int CHECK_VERSION_EVERY_BLOCKS = 100;

    /** Blocks are fetched one after the other, newest first; so many more are on their way meanwhile. */
    private static final int AHEAD = 32;

    /** Who fetches looks for new blocks in between, so waits no longer; the answer is kept for when it asks again. */
    private static final long FETCH_PATIENCE_MILLIS = 3_000;

    /** More are not shown at once after a pause: whoever follows fetches what it lacks. */
    private static final int MOST_SHOWN_AT_ONCE = 2 * FINALITY_LAG;

    private static final int MOST_READY = 64;

    private final SubtensorSettings settings;
    private final Nodes lite;
    private final Nodes archive;
    private final Optional<PylonClient> pylon;
    private final BlockFetcher fetcher;
    private final SubtensorMiners miners;
    private final BlockingQueue<Observation> ready = new LinkedBlockingQueue<>(MOST_READY);
    private final Map<Long, CompletableFuture<Optional<BlockSeen>>> onTheirWay = new ConcurrentHashMap<>();
    private final ScheduledExecutorService lookout = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "chain-head");
        thread.setDaemon(true);
        return thread;
    });

    /** The hashes of the newest blocks that were shown; used by the lookout alone. */
    private final NavigableMap<Long, String> shown = new TreeMap<>();

    private long lastShown = -1;
    private int version;
    private long versionCheckedAt;
    private boolean troubled;

    /** Whether it was told that a block can't be read, and none could be since. */
    private final AtomicBoolean layoutTold = new AtomicBoolean();

    private volatile long head = -1;
    private volatile long oldestKept;
    private volatile long lastAsked = -1;
    private volatile EventLog events = event -> LOG.info("{}", event.message());

    private SubtensorChain(SubtensorSettings settings, HttpClient http) {
        this.settings = settings;
        this.lite = new Nodes("lite", settings.lite(), http, settings.patience());
        this.archive = new Nodes("archive", settings.archive(), http, settings.patience());
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
        HttpClient http =
                HttpClient.newBuilder().connectTimeout(settings.patience()).build();
        SubtensorChain chain = new SubtensorChain(settings, http);
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
        return Optional.ofNullable(ready.poll(patience.toMillis(), TimeUnit.MILLISECONDS));
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
        long expected = archive.none() ? head - LITE_BLOCK_LOOKBACK : 0;
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
        long newest = lite.head().get();
        head = newest;
        showReplaced();
        long from = lastShown < 0 ? newest : Math.max(lastShown + 1, newest - MOST_SHOWN_AT_ONCE + 1);
        List<CompletableFuture<Optional<BlockSeen>>> fetched = new ArrayList<>();
        for (long number = from; number <= newest; number++) {
            fetched.add(fetchAnywhere(number));
        }
        Optional<ExecutionException> failure = Optional.empty();
        for (CompletableFuture<Optional<BlockSeen>> one : fetched) {
            try {
                one.get().ifPresent(this::show);
            } catch (ExecutionException e) {
                // Whoever follows fetches it once it is of use.
                failure = Optional.of(e);
            }
        }
        checkVersion();
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    /** Of the newest blocks the chain may have others by now. */
    private void showReplaced() throws InterruptedException {
        shown.tailMap(head, false).clear();
        Map<Long, CompletableFuture<Optional<String>>> hashes = new TreeMap<>();
        for (long number : shown.keySet()) {
            hashes.put(number, lite.ask(node -> BlockFetcher.hash(node, number)));
        }
        for (Map.Entry<Long, CompletableFuture<Optional<String>>> asked : hashes.entrySet()) {
            long number = asked.getKey();
            try {
                Optional<String> hash = asked.getValue().get();
                if (hash.isPresent() && !hash.get().equals(shown.get(number))) {
                    LOG.info("Block {} was replaced by another one", number);
                    onTheirWay.remove(number);
                    fetchAnywhere(number).get().ifPresent(this::show);
                }
            } catch (ExecutionException e) {
                LOG.debug("Whether block {} was replaced can't be seen now", number, e);
            }
        }
        // Not before: all that was new when it was shown is looked at once more, however long ago that was.
        shown.headMap(head - FINALITY_LAG, false).clear();
    }

    private void show(BlockSeen block) {
        shown.put(block.block(), block.hash().orElse(""));
        lastShown = Math.max(lastShown, block.block());
        if (!ready.offer(block)) {
            // Nobody takes them. What is left out is fetched when somebody does.
            ready.clear();
            ready.add(block);
        }
    }

    private void checkVersion() throws ExecutionException, InterruptedException {
        if (shown.isEmpty() || (version != 0 && head - versionCheckedAt < CHECK_VERSION_EVERY_BLOCKS)) {
            return;
        }
        String hash = shown.lastEntry().getValue();
        int now = lite.ask(node -> BlockFetcher.runtimeVersion(node, hash)).get();
        if (version != 0 && now != version) {
            tell(EventType.RUNTIME_UPGRADED, "the chain's runtime went from version " + version + " to " + now);
        }
        version = now;
        versionCheckedAt = head;
    }

    // Blocks that are asked for

    @Override
    public Optional<BlockSeen> block(long number) {
        boolean goingBack = number == lastAsked - 1;
        lastAsked = number;
        CompletableFuture<Optional<BlockSeen>> wanted = onTheirWay.computeIfAbsent(number, this::fetchAnywhere);
        onTheirWay.keySet().removeIf(other -> other > number || other < number - AHEAD);
        if (goingBack) {
            for (long next = number - 1; next >= Math.max(oldestReachable(), number - AHEAD); next--) {
                onTheirWay.computeIfAbsent(next, this::fetchAnywhere);
            }
        }
        try {
            Optional<BlockSeen> block = wanted.get(FETCH_PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            onTheirWay.remove(number);
            return block;
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            onTheirWay.remove(number);
            LOG.debug("Block {} can't be had now", number, e);
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** From a lite node, if that is likely to have it; else, or if it has not, from an archive. */
    private CompletableFuture<Optional<BlockSeen>> fetchAnywhere(long number) {
        boolean recent = head - number <= LITE_BLOCK_LOOKBACK;
        return reported(archive.none() || recent ? fromLite(number) : from(archive, number));
    }

    private CompletableFuture<Optional<BlockSeen>> from(Nodes nodes, long number) {
        return nodes.ask(node -> fetcher.fetch(node, number));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what becomes of it ends in the result
    private CompletableFuture<Optional<BlockSeen>> fromLite(long number) {
        CompletableFuture<Optional<BlockSeen>> result = new CompletableFuture<>();
        from(lite, number).whenComplete((block, failure) -> {
            boolean gone = failure == null
                    ? block.isEmpty() && number <= head
                    : Causes.of(failure) instanceof RpcException answer && answer.stateIsGone();
            boolean unavailable = failure != null && Nodes.unavailable(failure);
            if (!archive.none() && (gone || unavailable)) {
                Nodes.pass(from(archive, number), result);
            } else if (gone) {
                noArchive(number);
                result.complete(Optional.empty());
            } else if (failure == null) {
                result.complete(block);
            } else {
                result.completeExceptionally(failure);
            }
        });
        return result;
    }

    private CompletableFuture<Optional<BlockSeen>> reported(CompletableFuture<Optional<BlockSeen>> fetched) {
        return fetched.whenComplete((block, failure) -> {
            boolean unknown = failure != null && Causes.of(failure) instanceof UnknownLayout;
            if (unknown && !layoutTold.getAndSet(true)) {
                tell(EventType.UNKNOWN_LAYOUT, Causes.of(failure).getMessage() + ". Nothing of this block is taken in");
            } else if (failure == null && block.isPresent()) {
                layoutTold.set(false);
            }
        });
    }

    private synchronized void noArchive(long number) {
        if (number < oldestKept) {
            return;
        }
        if (oldestKept == 0) {
            tell(
                    EventType.ARCHIVE_NOT_CONFIGURED,
                    "the lite node no longer has block " + number
                            + ", and no archive is configured: older blocks are not taken in, and their allowance is not known");
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
