package io.quartermaster.node.chain.miners;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.miners.MinerMessage.Failure;
import io.quartermaster.node.chain.miners.MinerMessage.Manifest;
import io.quartermaster.node.keys.KeyPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.AsynchronousChannelGroup;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Asks miners for their manifests, all at once, each over a WebSocket of its own. What one miner does, or does not do, neither
 * delays nor changes what is learnt of the others. A few threads serve all. Safe for use by several threads.
 */
public final class MinerManifests implements AutoCloseable {
    /** How long ComputeHorde waits for a manifest. */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int NETWORK_THREADS = 2;

    /** Only shielded miners have names, and a name may take its time: addresses never wait for names. */
    private static final int NAME_THREADS = 16;

    private static final long NAME_THREAD_IDLE_SECONDS = 30;

    private final KeyPair validator;
    private final InstantSource clock;
    private final AsynchronousChannelGroup network;
    private final ThreadPoolExecutor names;

    /**
     * Gets ready to ask.
     *
     * @param validator who asks; miners answer only validators that they know
     * @param clock the real time: miners take no question that was signed more than 10 s ago
     * @throws UncheckedIOException if the system allows no more connections
     */
    public MinerManifests(KeyPair validator, InstantSource clock) {
        this.validator = validator;
        this.clock = clock;
        try {
            this.network = AsynchronousChannelGroup.withFixedThreadPool(NETWORK_THREADS, daemons("miners"));
        } catch (IOException e) {
            throw new UncheckedIOException("No connections to miners can be made", e);
        }
        this.names = new ThreadPoolExecutor(
                NAME_THREADS,
                NAME_THREADS,
                NAME_THREAD_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                daemons("miner-names"));
        names.allowCoreThreadTimeOut(true);
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * Asks miners, as {@link #ask(long, Collection, Duration)} does, with ComputeHorde's patience.
     *
     * @param block the block at which they are asked
     * @param miners whom to ask
     * @return what they said
     */
    public CompletableFuture<ManifestsSeen> ask(long block, Collection<Miner> miners) {
        return ask(block, miners, PATIENCE);
    }

    /**
     * Asks miners. Those that have not said where they can be reached are not asked, and are in neither map of the result; each
     * of the others is in one of them. All connections are closed when the result is there. A second round may begin before the
     * first has ended.
     *
     * @param block the block at which they are asked, at least 0; only passed on
     * @param miners whom to ask; of several with one hotkey, the first
     * @param patience how long a miner may take, from now until its manifest is here
     * @return completes once all have answered or the patience is over, never with a failure; what a miner says of executors is
     *     not checked further than that it is whole numbers of at least 0. Completed by a thread of the network: do not block it
     */
    public CompletableFuture<ManifestsSeen> ask(long block, Collection<Miner> miners, Duration patience) {
        long began = System.nanoTime();
        Map<Hotkey, CompletableFuture<MinerMessage>> answers = new LinkedHashMap<>();
        for (Miner miner : miners) {
            if (miner.serving()) {
                Duration left = patience.minusNanos(System.nanoTime() - began);
                answers.computeIfAbsent(miner.hotkey(), hotkey -> answer(miner, left));
            }
        }
        return CompletableFuture.allOf(answers.values().toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> seen(block, answers));
    }

    private CompletableFuture<MinerMessage> answer(Miner miner, Duration patience) {
        try {
            return new MinerConversation(miner, validator, clock, network, names).begin(patience);
        } catch (IOException | IllegalStateException e) {
            return CompletableFuture.completedFuture(
                    new Failure("could not be asked: no more connections can be made"));
        }
    }

    private static ManifestsSeen seen(long block, Map<Hotkey, CompletableFuture<MinerMessage>> answers) {
        Map<Hotkey, Map<ExecutorClass, Integer>> counts = new LinkedHashMap<>();
        Map<Hotkey, String> failed = new LinkedHashMap<>();
        answers.forEach((miner, answer) -> {
            MinerMessage message = answer.join();
            if (message instanceof Manifest manifest) {
                counts.put(miner, manifest.counts());
            } else if (message instanceof Failure failure) {
                failed.put(miner, failure.reason());
            }
        });
        return new ManifestsSeen(block, Collections.unmodifiableMap(counts), Collections.unmodifiableMap(failed));
    }

    /** Breaks off what is under way: miners that have not answered fail. Later rounds fail for all of theirs. */
    @Override
    public void close() {
        names.shutdownNow();
        try {
            network.shutdownNow();
        } catch (IOException e) {
            throw new UncheckedIOException("The connections to miners can't be closed", e);
        }
    }
}
