package io.quartermaster.ops.standin;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Miner;
import io.quartermaster.node.keys.Sr25519;
import io.quartermaster.node.keys.Ss58;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.java_websocket.WebSocket;
import org.java_websocket.enums.Opcode;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Many miners that answer a validator as ComputeHorde's do. All share a port, and each has an address of its own: on Linux, all
 * that begin with 127 lead back to the machine itself. Safe for use by several threads.
 */
public final class StandinMiners implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final StandinMiner NOBODY = StandinMiner.of(Map.of());
    private static final String PATH = "/v0.1/validator_interface/";
    private static final String ELSEWHERE = "{\"message_type\":\"V0MachineSpecsRequest\",\"specs\":{}}";
    private static final String EVERYWHERE = "0.0.0.0";
    private static final int MOST_MINERS = 60_000;
    private static final int PER_NETWORK = 250;
    private static final int OLDEST_SECONDS = 10;
    private static final int WAITING_CONNECTIONS = 1_024;
    private static final int WORKERS = 2;
    private static final int START_SECONDS = 10;
    private static final int CLOSE_MILLIS = 1_000;
    private static final int LONG = 1 << 18;
    private static final int MANY = 200;
    private static final int PART = 1 << 10;

    private final Hotkey validator;
    private final Map<String, Hotkey> byAddress = new LinkedHashMap<>();
    private final Map<Hotkey, StandinMiner> miners;
    private final AtomicLong questions = new AtomicLong();
    private final ScheduledExecutorService later = Executors.newScheduledThreadPool(WORKERS, StandinMiners::daemon);
    private final ServerSocket dead;
    private final ServerSocket endless;
    private final Server server;

    private StandinMiners(int port, Hotkey validator, Map<Hotkey, StandinMiner> miners) throws IOException {
        this.validator = validator;
        this.miners = new LinkedHashMap<>(miners);
        for (Hotkey hotkey : this.miners.keySet()) {
            int number = byAddress.size();
            byAddress.put("127.77." + number / PER_NETWORK + "." + (1 + number % PER_NETWORK), hotkey);
        }
        this.dead = new ServerSocket(0, WAITING_CONNECTIONS);
        this.endless = new ServerSocket(0, WAITING_CONNECTIONS);
        this.server = new Server(new InetSocketAddress(EVERYWHERE, port));
    }

    /**
     * Starts some miners.
     *
     * @param port where they listen; 0 for any free port
     * @param validator the only validator that they answer
     * @param miners how each of them behaves; at most 60000
     * @return the running miners
     * @throws GridUnavailable if the port is taken
     */
    public static StandinMiners start(int port, Hotkey validator, Map<Hotkey, StandinMiner> miners) {
        if (miners.size() > MOST_MINERS) {
            throw new InvalidArgument("miners", miners.size(), "at most " + MOST_MINERS);
        }
        try {
            StandinMiners started = new StandinMiners(port, validator, miners);
            started.server.setReuseAddr(true);
            started.server.setDaemon(true);
            started.server.setMaxPendingConnections(WAITING_CONNECTIONS);
            started.server.start();
            started.server.started.get(START_SECONDS, TimeUnit.SECONDS);
            daemon(started::talk).start();
            return started;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GridUnavailable("Interrupted");
        } catch (IOException | ExecutionException | TimeoutException e) {
            throw new GridUnavailable("Port " + port + " can't be served: is it in use?");
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "standin-miners");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Where the miners can be reached.
     *
     * @return in the order in which they were given
     */
    public List<Miner> miners() {
        List<Miner> all = new ArrayList<>();
        byAddress.forEach((address, hotkey) ->
                all.add(new Miner(hotkey, address, port(miners.getOrDefault(hotkey, NOBODY)), 4, Optional.empty())));
        return List.copyOf(all);
    }

    private int port(StandinMiner miner) {
        return switch (miner.fault()) {
            case DEAD -> dead.getLocalPort();
            case ENDLESS -> endless.getLocalPort();
            default -> server.getPort();
        };
    }

    /**
     * How often a miner was asked, by whomever.
     *
     * @return since the start
     */
    public long questions() {
        return questions.get();
    }

    /**
     * How many connections are open.
     *
     * @return those of miners that speak WebSocket
     */
    public int connections() {
        return server.getConnections().size();
    }

    private Hotkey miner(WebSocket connection) {
        return byAddress.getOrDefault(
                connection.getLocalSocketAddress().getAddress().getHostAddress(), validator);
    }

    private void asked(WebSocket connection, String text) {
        questions.incrementAndGet();
        Hotkey hotkey = miner(connection);
        StandinMiner miner = miners.get(hotkey);
        if (miner == null || later.isShutdown()) {
            connection.close();
            return;
        }
        Optional<String> wrong = wrong(text, hotkey);
        var unused = later.schedule(
                () -> {
                    if (wrong.isPresent()) {
                        refuse(connection, "Validator " + validator + " not authenticated due to: " + wrong.get());
                    } else if (connection.isOpen()) {
                        answer(connection, miner);
                    }
                },
                miner.delayMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** What is wrong with a question, in the words of a real miner. */
    private Optional<String> wrong(String text, Hotkey miner) {
        JsonNode question;
        try {
            question = JSON.readTree(text);
        } catch (JacksonException e) {
            return Optional.of("not a message");
        }
        String signed = question.path("validator_hotkey").asString("") + ":"
                + question.path("miner_hotkey").asString("") + ":"
                + question.path("timestamp").asLong(0);
        if (!question.path("message_type").asString("").equals("ValidatorAuthForMiner")) {
            return Optional.of("not a ValidatorAuthForMiner");
        }
        if (question.path("timestamp").asLong(0) < Instant.now().getEpochSecond() - OLDEST_SECONDS) {
            return Optional.of("msg too old");
        }
        if (!question.path("miner_hotkey").asString("").equals(miner.value())) {
            return Optional.of("wrong miner hotkey");
        }
        if (!question.path("validator_hotkey").asString("").equals(validator.value())) {
            return Optional.of("wrong validator hotkey");
        }
        return verified(signed, question.path("signature").asString(""))
                ? Optional.empty()
                : Optional.of("Signature mismatches");
    }

    private boolean verified(String signed, String signature) {
        try {
            return signature.startsWith("0x")
                    && Sr25519.verify(
                            Ss58.publicKey(validator.value()),
                            signed.getBytes(StandardCharsets.UTF_8),
                            HexFormat.of().parseHex(signature, 2, signature.length()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void refuse(WebSocket connection, String details) {
        if (connection.isOpen()) {
            connection.send(JSON.writeValueAsString(Map.of("message_type", "GenericError", "details", details)));
            connection.close(1000);
        }
    }

    private void answer(WebSocket connection, StandinMiner miner) {
        String manifest = manifest(miner.manifest().get());
        switch (miner.fault()) {
            case NONE -> {
                connection.send("PING");
                connection.sendPing();
                connection.send(manifest);
            }
            case REFUSING -> refuse(connection, "Inactive validator: " + validator);
            case CLOSING -> {
                byte[] half = manifest.substring(0, manifest.length() / 2).getBytes(StandardCharsets.UTF_8);
                connection.sendFragmentedFrame(Opcode.TEXT, ByteBuffer.wrap(half), false);
                connection.closeConnection(1006, "closing");
            }
            case GARBAGE -> connection.send("<html>garbage</html>");
            case NEGATIVE -> connection.send(manifest(Map.of(new ExecutorClass("always_on.test"), -3)));
            case HUGE -> connection.send(manifest + " ".repeat(LONG));
            case ELSEWHERE -> connection.send(ELSEWHERE);
            case FLOODING -> {
                for (int i = 0; i < MANY && connection.isOpen(); i++) {
                    connection.send(ELSEWHERE + " ".repeat(PART));
                }
            }
            case SILENT, DEAD, ENDLESS -> {}
        }
    }

    private static String manifest(Map<ExecutorClass, Integer> counts) {
        Map<String, Integer> named = new TreeMap<>();
        counts.forEach((executorClass, count) -> named.put(executorClass.name(), count));
        return JSON.writeValueAsString(Map.of("message_type", "V0ExecutorManifestRequest", "manifest", named));
    }

    private void talk() {
        while (!endless.isClosed()) {
            try {
                Socket listener = endless.accept();
                daemon(() -> talk(listener)).start();
            } catch (IOException e) {
                // Closed, or broken off by who listened.
            }
        }
    }

    private static void talk(Socket listener) {
        try (listener) {
            OutputStream out = listener.getOutputStream();
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] part = new byte[PART];
            while (!listener.isClosed()) {
                out.write(part);
            }
        } catch (IOException e) {
            // Nobody listens any more.
        }
    }

    @Override
    public void close() {
        later.shutdownNow();
        try (dead;
                endless) {
            server.stop(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new GridUnavailable("The miners' ports can't be closed");
        }
    }

    private final class Server extends WebSocketServer {
        private final CompletableFuture<Boolean> started = new CompletableFuture<>();

        private Server(InetSocketAddress address) {
            super(address, WORKERS);
        }

        @Override
        public void onStart() {
            started.complete(true);
        }

        @Override
        public void onOpen(WebSocket connection, ClientHandshake handshake) {
            if (!connection.getResourceDescriptor().equals(PATH + validator)) {
                refuse(connection, "Unknown validator: " + connection.getResourceDescriptor());
            }
        }

        @Override
        public void onMessage(WebSocket connection, String text) {
            asked(connection, text);
        }

        @Override
        public void onError(@Nullable WebSocket connection, Exception failure) {
            started.completeExceptionally(failure);
        }

        @Override
        public void onClose(WebSocket connection, int code, String reason, boolean remote) {}
    }
}
