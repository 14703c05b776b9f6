package io.quartermaster.node.chain.subtensor;

import io.quartermaster.node.chain.Causes;
import io.quartermaster.node.chain.NodeReport.MethodStatistics;
import io.quartermaster.node.chain.websocket.ClientSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * One node, asked over a WebSocket by JSON-RPC 2.0. Many requests may be under way at once, and are answered in any order. A
 * connection that breaks, hangs or talks nonsense is given up, with all that was under way, and made anew with the next request,
 * after growing pauses. Nobody is made to wait for a pause: until it is over, requests fail at once, so that another node can be
 * asked. Safe for use by several threads.
 */
final class NodeClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeClient.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The longest answer that is asked for has some hundred kilobytes. What it says may take some twenty times as much. */
    private static final int LONGEST_ANSWER_BYTES = 4 << 20;

    private static final int MOST_UNDER_WAY = 256;
    private static final int TIMEOUTS_THAT_MEAN_HUNG = 3;
    /** After a connection that ended: half as long to one and a half times as long. */
    private static final long FIRST_PAUSE_MILLIS = 250;

    private static final int MOST_DOUBLINGS = 7;

    private final URI uri;
    private final Duration patience;
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, Tally> tallies = new ConcurrentSkipListMap<>();
    private @Nullable Connection connection;
    private int failures;
    private boolean answered;
    private long notBeforeNanos = System.nanoTime();
    private boolean closed;

    /**
     * A client that connects when it is first asked.
     *
     * @param uri such as {@code ws://127.0.0.1:9944}
     * @param patience how long to wait for a connection, and for an answer
     */
    NodeClient(URI uri, Duration patience) {
        this.uri = uri;
        this.patience = patience;
    }

    /** How often a method was called, how often that failed, and how long it took in all. */
    private static final class Tally {
        private long calls;
        private long failures;
        private long nanos;

        private synchronized void add(long tookNanos, boolean failed) {
            calls++;
            failures += failed ? 1 : 0;
            nanos += tookNanos;
        }

        private synchronized MethodStatistics statistics() {
            return new MethodStatistics(calls, failures, nanos / 1e9);
        }
    }

    URI uri() {
        return uri;
    }

    /**
     * Asks the node.
     *
     * @param method the method
     * @param params its parameters, in order
     * @return completes with the result, which may be null in JSON; or with {@link RpcException} or {@link NodeUnavailable}
     */
    CompletableFuture<JsonNode> call(String method, Object... params) {
        long beganNanos = System.nanoTime();
        return connected()
                .thenCompose(open -> open.call(method, params))
                .whenComplete((result, failure) -> tallies.computeIfAbsent(method, name -> new Tally())
                        .add(System.nanoTime() - beganNanos, failure != null));
    }

    /** The statistics of each method that was called. */
    Map<String, MethodStatistics> statistics() {
        Map<String, MethodStatistics> all = new TreeMap<>();
        tallies.forEach((method, tally) -> all.put(method, tally.statistics()));
        return all;
    }

    private synchronized CompletableFuture<Connection> connected() {
        if (closed) {
            return CompletableFuture.failedFuture(new NodeUnavailable("The client of " + uri + " is closed"));
        }
        Connection known = connection;
        if (known != null) {
            return known.opened;
        }
        long pause = notBeforeNanos - System.nanoTime();
        if (pause > 0) {
            return CompletableFuture.failedFuture(
                    new NodeUnavailable(uri + " is not asked again for " + pause / 1_000_000 + " ms"));
        }
        Connection fresh = new Connection();
        connection = fresh;
        fresh.open();
        return fresh.opened;
    }

    private synchronized void gone(Connection lost, String why) {
        if (connection != lost) {
            return;
        }
        connection = null;
        answered = false;
        long pause = FIRST_PAUSE_MILLIS << Math.min(failures++, MOST_DOUBLINGS);
        pause = pause / 2 + ThreadLocalRandom.current().nextLong(pause);
        notBeforeNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pause);
        if (!closed) {
            LOG.info("The connection to {} ended ({}); the next attempt is made after {} ms", uri, why, pause);
        }
    }

    private synchronized void answered() {
        failures = 0;
        answered = true;
    }

    /** Whether it is not to be asked yet, after a connection that ended. */
    synchronized boolean resting() {
        return connection == null && notBeforeNanos - System.nanoTime() > 0;
    }

    /** Whether it has answered, and its connection has not ended since. */
    synchronized boolean answering() {
        return answered;
    }

    @Override
    public void close() {
        Connection open;
        synchronized (this) {
            closed = true;
            open = connection;
        }
        if (open != null) {
            open.fail("closed");
        }
    }

    /** One connection, from its making to its end. */
    private final class Connection implements ClientSocket.Listener {
        private final CompletableFuture<Connection> opened = new CompletableFuture<>();
        private final Map<Long, Pending> underWay = new ConcurrentHashMap<>();
        private final ClientSocket socket = new ClientSocket(uri, patience, LONGEST_ANSWER_BYTES, this);
        private volatile Optional<NodeUnavailable> over = Optional.empty();
        private int timeouts;

        private record Pending(String method, CompletableFuture<JsonNode> answer) {}

        private void open() {
            socket.open();
            CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> {
                        if (!opened.isDone()) {
                            fail("no connection within " + patience.toMillis() + " ms");
                        }
                    });
        }

        private CompletableFuture<JsonNode> call(String method, Object... params) {
            if (underWay.size() >= MOST_UNDER_WAY) {
                return CompletableFuture.failedFuture(
                        new NodeUnavailable(uri + " has " + MOST_UNDER_WAY + " requests to answer already"));
            }
            long id = ids.incrementAndGet();
            CompletableFuture<JsonNode> answer = new CompletableFuture<>();
            underWay.put(id, new Pending(method, answer));
            String text = JSON.writeValueAsString(
                    Map.of("jsonrpc", "2.0", "id", id, "method", method, "params", List.of(params)));
            socket.send(text);
            // It may have ended just before, and then nobody else sees to this.
            over.ifPresent(answer::completeExceptionally);
            return answer.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS).handle((result, failure) -> {
                underWay.remove(id);
                if (failure instanceof TimeoutException) {
                    timedOut();
                    throw new CompletionException(new NodeUnavailable(
                            uri + " did not answer " + method + " within " + patience.toMillis() + " ms"));
                }
                if (failure != null) {
                    throw new CompletionException(Causes.of(failure));
                }
                return result;
            });
        }

        private synchronized void timedOut() {
            timeouts++;
            if (timeouts >= TIMEOUTS_THAT_MEAN_HUNG) {
                fail("it does not answer");
            }
        }

        @Override
        public void opened() {
            opened.complete(this);
        }

        @Override
        public void text(String text) {
            came(text);
        }

        @Override
        public void ended(String why) {
            fail(why);
        }

        private void came(String text) {
            try {
                Answers.read(text).forEach(this::answer);
            } catch (NodeUnavailable e) {
                fail(String.valueOf(e.getMessage()));
            }
        }

        private void answer(Answers.Answer answer) {
            Pending pending = underWay.remove(answer.id());
            if (pending == null) {
                // Too late, or a notification that nobody asked for.
                LOG.debug("{} said what nobody waits for", uri);
                return;
            }
            answered();
            synchronized (this) {
                timeouts = 0;
            }
            if (answer.refusal().isPresent()) {
                Answers.Refusal refusal = answer.refusal().get();
                pending.answer()
                        .completeExceptionally(new RpcException(pending.method(), refusal.code(), refusal.words()));
            } else if (answer.result().isPresent()) {
                pending.answer().complete(answer.result().get());
            } else {
                pending.answer()
                        .completeExceptionally(new NodeUnavailable(
                                uri + " answered " + pending.method() + " with neither result nor error"));
            }
        }

        private void fail(String why) {
            gone(this, why);
            NodeUnavailable failure = new NodeUnavailable("The connection to " + uri + " ended: " + why);
            over = Optional.of(failure);
            opened.completeExceptionally(failure);
            underWay.values().forEach(pending -> pending.answer().completeExceptionally(failure));
            socket.close();
        }
    }
}
