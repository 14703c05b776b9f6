package io.quartermaster.ops.standin;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.Chain;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.java_websocket.WebSocket;
import org.java_websocket.enums.Opcode;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A node that serves a chain as subtensor does: JSON-RPC over a WebSocket, the same storage keys, layouts and errors, on the
 * loopback. Safe for use by several threads.
 */
public final class StandinNode implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int START_SECONDS = 10;
    private static final int CLOSE_MILLIS = 1_000;

    private static final Duration PATIENCE = Duration.ofMillis(100);

    private final Chain chain;
    private final StandinAnswers answers;
    private final StandinFaults faults;
    private final SplittableRandom random = new SplittableRandom(1);
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong underWay = new AtomicLong();
    private final AtomicLong mostUnderWay = new AtomicLong();
    private final ScheduledExecutorService later = Executors.newScheduledThreadPool(3, task -> {
        Thread thread = new Thread(task, "standin");
        thread.setDaemon(true);
        return thread;
    });
    private final Server server;

    private StandinNode(
            Chain chain,
            int port,
            StandinFaults faults,
            Supplier<Map<Hotkey, String>> commitments,
            Supplier<Map<Integer, String>> evmAddresses) {
        this.chain = chain;
        this.answers = new StandinAnswers(chain, faults, commitments, evmAddresses);
        this.faults = faults;
        this.server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /**
     * Starts a node.
     *
     * @param chain what it serves; several nodes may serve one chain, which is closed by whoever made it
     * @param port where, on the loopback; 0 for any free port
     * @param faults what is wrong with it
     * @return the running node
     * @throws GridUnavailable if the port is taken
     */
    public static StandinNode start(Chain chain, int port, StandinFaults faults) {
        return start(chain, port, faults, Map::of);
    }

    /**
     * Starts a node of a chain on which neurons have published something.
     *
     * @param chain what it serves; several nodes may serve one chain, which is closed by whoever made it
     * @param port where, on the loopback; 0 for any free port
     * @param faults what is wrong with it
     * @param commitments what is published now, by whom, each at most 512 bytes; the same at every block
     * @return the running node
     * @throws GridUnavailable if the port is taken
     */
    public static StandinNode start(
            Chain chain, int port, StandinFaults faults, Supplier<Map<Hotkey, String>> commitments) {
        return start(chain, port, faults, commitments, Map::of);
    }

    /**
     * Starts a node of a chain some of whose neurons have an address in its EVM, too.
     *
     * @param chain what it serves; several nodes may serve one chain, which is closed by whoever made it
     * @param port where, on the loopback; 0 for any free port
     * @param faults what is wrong with it
     * @param commitments what is published now, by whom, each at most 512 bytes; the same at every block
     * @param evmAddresses the addresses by uid, 0x and 40 hexadecimal digits; the same at every block
     * @return the running node
     * @throws GridUnavailable if the port is taken
     */
    public static StandinNode start(
            Chain chain,
            int port,
            StandinFaults faults,
            Supplier<Map<Hotkey, String>> commitments,
            Supplier<Map<Integer, String>> evmAddresses) {
        StandinNode node = new StandinNode(chain, port, faults, commitments, evmAddresses);
        node.server.setReuseAddr(true);
        node.server.setDaemon(true);
        node.server.start();
        try {
            node.server.started.get(START_SECONDS, TimeUnit.SECONDS);
            var unused = node.later.scheduleWithFixedDelay(node::moveOn, 0, 1, TimeUnit.MILLISECONDS);
            return node;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GridUnavailable("Interrupted");
        } catch (ExecutionException | TimeoutException e) {
            node.close();
            throw new GridUnavailable("Port " + port + " on 127.0.0.1 can't be served: is it in use?");
        }
    }

    /**
     * Where it can be reached.
     *
     * @return such as {@code ws://127.0.0.1:9944}
     */
    public URI uri() {
        return URI.create("ws://127.0.0.1:" + server.getPort());
    }

    /**
     * How many requests have come.
     *
     * @return since it was started
     */
    public long requests() {
        return requests.get();
    }

    /**
     * How many requests waited for their answers at once, at most.
     *
     * @return since it was started
     */
    public long mostUnderWay() {
        return mostUnderWay.get();
    }

    /** A chain goes on while somebody looks. */
    private void moveOn() {
        try {
            synchronized (chain) {
                var unused = chain.next(PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean chance(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    private void answer(WebSocket connection, String text) {
        requests.incrementAndGet();
        mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
        if (later.isShutdown()) {
            return;
        }
        var unused = later.schedule(
                () -> {
                    underWay.decrementAndGet();
                    send(connection, response(text));
                },
                faults.latencyMillis(),
                TimeUnit.MILLISECONDS);
    }

    private static String response(StandinAnswers answers, JsonNode request) {
        Map<String, @Nullable Object> response = new LinkedHashMap<>();
        response.put("jsonrpc", "2.0");
        response.put("id", request.path("id"));
        try {
            response.put(
                    "result",
                    answers.answer(request.path("method").asString(""), request.path("params"))
                            .orElse(null));
        } catch (StandinAnswers.Refused refused) {
            response.put("error", Map.of("code", refused.code(), "message", String.valueOf(refused.getMessage())));
        }
        return JSON.writeValueAsString(response);
    }

    private String response(String text) {
        try {
            return response(answers, JSON.readTree(text));
        } catch (JacksonException e) {
            return "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"Parse error\"}}";
        }
    }

    private void send(WebSocket connection, String response) {
        if (!connection.isOpen() || chance(faults.hangs())) {
            return;
        }
        if (chance(faults.drops())) {
            byte[] half = response.substring(0, response.length() / 2).getBytes(StandardCharsets.UTF_8);
            connection.sendFragmentedFrame(Opcode.TEXT, ByteBuffer.wrap(half), false);
            connection.closeConnection(1006, "dropped");
        } else if (chance(faults.lies()) && response.contains("\"0x")) {
            // A pair of digits less: still hexadecimal, but not what it should be.
            int end = response.lastIndexOf('"');
            connection.send(response.substring(0, end - 2) + response.substring(end));
        } else {
            connection.send(response);
        }
    }

    @Override
    public void close() {
        later.shutdownNow();
        try {
            server.stop(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Server extends WebSocketServer {
        private final CompletableFuture<Boolean> started = new CompletableFuture<>();

        private Server(InetSocketAddress address) {
            super(address, 1);
        }

        @Override
        public void onStart() {
            started.complete(true);
        }

        @Override
        public void onMessage(WebSocket connection, String text) {
            answer(connection, text);
        }

        @Override
        public void onError(@Nullable WebSocket connection, Exception failure) {
            started.completeExceptionally(failure);
        }

        @Override
        public void onOpen(WebSocket connection, ClientHandshake handshake) {}

        @Override
        public void onClose(WebSocket connection, int code, String reason, boolean remote) {}
    }
}
