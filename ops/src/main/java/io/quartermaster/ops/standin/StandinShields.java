package io.quartermaster.ops.standin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.shields.ShieldedAddress;
import io.quartermaster.node.keys.Ecies;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.ObjectMapper;

/**
 * The shield manifests of miners, served as bt-ddos-shield has them served, on the loopback, for one validator. Safe for use by
 * several threads.
 */
public final class StandinShields implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "/shield_manifest.json";
    private static final byte[] SPACES = " ".repeat(8192).getBytes(StandardCharsets.US_ASCII);
    private static final byte[] GARBAGE = {'{', '"', (byte) 0xff, 0, 'x'};

    /** The bytes of a public key of which nobody has the private one. */
    private static final byte[] NOBODYS_KEY =
            Base64.getDecoder().decode("6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=");

    private static final Hotkey NOBODY = new Hotkey("nobody");

    private final Hotkey validator;
    private final byte[] publicKey;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "standin-shields");
        thread.setDaemon(true);
        return thread;
    });
    private final Queue<HttpServer> axons = new ConcurrentLinkedQueue<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger underWay = new AtomicInteger();
    private final HttpServer bucket;
    private volatile boolean closed;

    /** What is wrong with a manifest, or with who serves it. */
    public enum Fault {
        /** Nothing. */
        NONE,
        /** It is not there: status 404. */
        NOT_FOUND,
        /** It is not there, as a bucket says it: status 403. */
        FORBIDDEN,
        /** It is not JSON. */
        GARBAGE,
        /** It has another validator's address only. */
        NOT_LISTED,
        /** The address is encrypted for another key. */
        WRONG_KEY,
        /** What is encrypted is a host without a port. */
        NO_PORT,
        /** The encrypted address is not Base64. */
        NOT_BASE64,
        /** There is no answer. */
        SILENT,
        /** The answer comes one byte at a time. */
        DRIPPING,
        /** The answer never ends. */
        ENDLESS,
        /** The answer is to ask again, always. */
        LOOPING
    }

    private StandinShields(Hotkey validator, byte[] publicKey) {
        this.validator = validator;
        this.publicKey = publicKey.clone();
        this.bucket = server();
    }

    /**
     * Starts serving.
     *
     * @param validator for whom
     * @param publicKey the validator's: 32 bytes
     * @return the running server
     */
    public static StandinShields start(Hotkey validator, byte[] publicKey) {
        return new StandinShields(validator, publicKey);
    }

    /**
     * Serves a miner's manifest as version 0.3 does: in a bucket, whose URL is in the miner's commitment.
     *
     * @param miner the miner
     * @param shield where it can be reached
     * @param fault what is wrong with that
     * @return what the miner commits to
     */
    public String commitment(Hotkey miner, ShieldedAddress shield, Fault fault) {
        String path = "/0.3/" + miner + FILE;
        serve(bucket, path, shield, fault, Map.of("md5_hash", "d41d8cd98f00b204e9800998ecf8427e"));
        return "<D:" + url(bucket, path) + ">";
    }

    /**
     * Serves a miner's manifest as version 0.4 does: in a bucket, to which the miner's axon redirects.
     *
     * @param miner the miner
     * @param shield where it can be reached
     * @param fault what is wrong with the bucket
     * @return the miner's axon
     */
    public InetSocketAddress axon(Hotkey miner, ShieldedAddress shield, Fault fault) {
        String path = "/0.4/" + miner + FILE;
        serve(bucket, path, shield, fault, Map.of());
        HttpServer axon = server();
        axons.add(axon);
        handle(axon, FILE, exchange -> redirect(exchange, url(bucket, path)));
        return axon.getAddress();
    }

    /**
     * How many requests have come.
     *
     * @return since it was started, redirects included
     */
    public int requests() {
        return requests.get();
    }

    /**
     * How many answers are being given at this moment.
     *
     * @return those without an end included, as long as somebody takes them
     */
    public int underWay() {
        return underWay.get();
    }

    private HttpServer server() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.start();
            return server;
        } catch (IOException e) {
            throw new GridUnavailable("No port on 127.0.0.1 can be served");
        }
    }

    private static String url(HttpServer server, String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private void serve(HttpServer server, String path, ShieldedAddress shield, Fault fault, Map<String, String> more) {
        byte[] manifest = fault == Fault.GARBAGE ? GARBAGE : manifest(shield, fault, more);
        handle(server, path, exchange -> {
            switch (fault) {
                case NOT_FOUND -> exchange.sendResponseHeaders(404, -1);
                case FORBIDDEN -> exchange.sendResponseHeaders(403, -1);
                case LOOPING -> redirect(exchange, url(server, path));
                case SILENT -> stall(Duration.ofHours(1));
                case DRIPPING -> pour(exchange, new byte[] {' '}, Duration.ofMillis(50));
                case ENDLESS -> pour(exchange, SPACES, Duration.ZERO);
                default -> {
                    exchange.sendResponseHeaders(200, manifest.length);
                    exchange.getResponseBody().write(manifest);
                }
            }
        });
    }

    private byte[] manifest(ShieldedAddress shield, Fault fault, Map<String, String> more) {
        String host = shield.host().contains(":") ? "[" + shield.host() + "]" : shield.host();
        byte[] plain = (fault == Fault.NO_PORT ? host : host + ":" + shield.port()).getBytes(StandardCharsets.UTF_8);
        byte[] payload = Ecies.encrypt(fault == Fault.WRONG_KEY ? NOBODYS_KEY : publicKey, plain);
        String encrypted = fault == Fault.NOT_BASE64 ? "A" : Base64.getEncoder().encodeToString(payload);
        Map<String, Object> shields = new TreeMap<>(more);
        shields.put(
                "encrypted_url_mapping",
                Map.of(fault == Fault.NOT_LISTED ? NOBODY.value() : validator.value(), encrypted));
        return JSON.writeValueAsBytes(Map.of("ddos_shield_manifest", shields));
    }

    private void handle(HttpServer server, String path, HttpHandler handler) {
        server.createContext(path, exchange -> {
            requests.incrementAndGet();
            underWay.incrementAndGet();
            try (exchange) {
                handler.handle(exchange);
            } finally {
                underWay.decrementAndGet();
            }
        });
    }

    private static void redirect(HttpExchange exchange, String url) throws IOException {
        exchange.getResponseHeaders().put("Location", List.of(url));
        exchange.sendResponseHeaders(302, -1);
    }

    /** Ends with an exception when nobody reads any more. */
    private void pour(HttpExchange exchange, byte[] drop, Duration pause) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        while (!closed) {
            out.write(drop);
            out.flush();
            stall(pause);
        }
    }

    private void stall(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0 && !closed; left = end - System.nanoTime()) {
            LockSupport.parkNanos(Math.min(left, Duration.ofMillis(100).toNanos()));
        }
    }

    @Override
    public void close() {
        closed = true;
        bucket.stop(0);
        axons.forEach(axon -> axon.stop(0));
        threads.shutdownNow();
    }
}
