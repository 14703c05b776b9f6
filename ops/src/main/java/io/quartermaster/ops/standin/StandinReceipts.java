package io.quartermaster.ops.standin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Many miners that serve pages of receipts as nginx does for ComputeHorde's, with faults on demand. All share a port, and each has
 * an address of its own that begins with 127. Safe for use by several threads.
 */
public final class StandinReceipts implements AutoCloseable {
    private static final String EVERYWHERE = "0.0.0.0";
    private static final int PER_NETWORK = 250;
    private static final int WAITING_CONNECTIONS = 1_024;
    private static final int PART = 1 << 16;
    private static final int HUGE_PARTS = 400;
    private static final long DRIP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final String PREFIX = "/receipts/";
    private static final String SUFFIX = ".jsonl";

    private final Map<String, Served> byAddress = new LinkedHashMap<>();
    private final AtomicLong requests = new AtomicLong();
    private final ExecutorService workers = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "standin-receipts");
        thread.setDaemon(true);
        return thread;
    });
    private final HttpServer server;
    private volatile boolean closed;

    /** What can be wrong with a miner. */
    public enum Fault {
        /** Nothing. */
        NONE,
        /** It takes requests, and says nothing. */
        SILENT,
        /** It answers a byte at a time. */
        DRIPPING,
        /** Its pages have no end. */
        ENDLESS,
        /** Its pages have 25 MiB, of no sense. */
        HUGE,
        /** Its answers are no receipts. */
        GARBAGE,
        /** It says that a page is compressed, and it is not. */
        NOT_COMPRESSED,
        /** A kilobyte of its pages becomes a megabyte. */
        BOMB,
        /** It answers from another byte on than it was asked for. */
        WRONG_RANGE,
        /** It fails. */
        FAILING,
        /** It ends the connection in the middle of a page. */
        CLOSING
    }

    /**
     * A miner.
     *
     * @param hotkey its hotkey
     * @param pages the lines of each page, by its number; null if there is none
     * @param fault what is wrong with it
     */
    public record Served(Hotkey hotkey, LongFunction<byte @Nullable []> pages, Fault fault) {}

    private StandinReceipts(int port, List<Served> miners) throws IOException {
        for (Served miner : miners) {
            int number = byAddress.size();
            byAddress.put("127.78." + number / PER_NETWORK + "." + (1 + number % PER_NETWORK), miner);
        }
        this.server = HttpServer.create(new InetSocketAddress(EVERYWHERE, port), WAITING_CONNECTIONS);
        server.setExecutor(workers);
        server.createContext("/", this::serve);
        server.start();
    }

    /**
     * Starts some miners.
     *
     * @param port where they listen; 0 for any free port
     * @param miners how each of them behaves
     * @return the running miners
     * @throws GridUnavailable if the port is taken
     */
    public static StandinReceipts start(int port, List<Served> miners) {
        try {
            return new StandinReceipts(port, miners);
        } catch (IOException e) {
            throw new GridUnavailable("Port " + port + " can't be served: is it in use?", e);
        }
    }

    /**
     * Where the miners can be reached.
     *
     * @return in the order in which they were given
     */
    public List<Miner> miners() {
        List<Miner> all = new ArrayList<>();
        byAddress.forEach((address, served) ->
                all.add(new Miner(served.hotkey(), address, server.getAddress().getPort(), 4, Optional.empty())));
        return List.copyOf(all);
    }

    /**
     * How often a page was asked for.
     *
     * @return since the start
     */
    public long requests() {
        return requests.get();
    }

    private void serve(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        Served miner = byAddress.get(exchange.getLocalAddress().getAddress().getHostAddress());
        String path = exchange.getRequestURI().getPath();
        try (exchange) {
            if (miner == null || !path.startsWith(PREFIX) || !path.endsWith(SUFFIX)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            answer(exchange, miner, Long.parseLong(path, PREFIX.length(), path.length() - SUFFIX.length(), 10));
        } catch (IOException gone) {
            // Whoever asked has had enough.
        }
    }

    private void answer(HttpExchange exchange, Served miner, long number) throws IOException {
        byte @Nullable [] known = miner.pages().apply(number);
        byte[] page = known == null ? new byte[0] : known;
        switch (miner.fault()) {
            case NONE -> {
                if (known == null) {
                    exchange.sendResponseHeaders(404, -1);
                } else {
                    send(exchange, page);
                }
            }
            case SILENT -> {
                while (!closed) {
                    LockSupport.parkNanos(DRIP_NANOS);
                }
            }
            case DRIPPING -> {
                exchange.sendResponseHeaders(200, 0);
                for (int i = 0; !closed; i++) {
                    exchange.getResponseBody().write(page.length == 0 ? 'x' : page[i % page.length]);
                    exchange.getResponseBody().flush();
                    LockSupport.parkNanos(DRIP_NANOS);
                }
            }
            case ENDLESS -> pour(exchange, Integer.MAX_VALUE);
            case HUGE -> pour(exchange, HUGE_PARTS);
            case GARBAGE -> whole(exchange, "{\"payload\":{}}\n<html>\n\n[1,2\n".getBytes(StandardCharsets.UTF_8));
            case NOT_COMPRESSED -> {
                exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                whole(exchange, "not compressed".getBytes(StandardCharsets.UTF_8));
            }
            case BOMB -> {
                exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                whole(exchange, zipped(new byte[HUGE_PARTS * PART]));
            }
            case WRONG_RANGE -> {
                exchange.getResponseHeaders().set("Content-Range", "bytes 7-8/9");
                exchange.sendResponseHeaders(206, 2);
                exchange.getResponseBody().write(new byte[2]);
            }
            case FAILING -> exchange.sendResponseHeaders(500, -1);
            case CLOSING -> {
                exchange.sendResponseHeaders(200, page.length + 100L);
                exchange.getResponseBody().write(page);
            }
        }
    }

    private void pour(HttpExchange exchange, int parts) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        byte[] part = new byte[PART];
        Arrays.fill(part, (byte) 'a');
        for (int i = 0; i < parts && !closed; i++) {
            exchange.getResponseBody().write(part);
        }
    }

    private static void send(HttpExchange exchange, byte[] page) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        String encoding = String.valueOf(exchange.getRequestHeaders().getFirst("Accept-Encoding"));
        if (range == null) {
            if (encoding.contains("gzip")) {
                exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                whole(exchange, zipped(page));
            } else {
                whole(exchange, page);
            }
            return;
        }
        int from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        if (from >= page.length) {
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        exchange.getResponseHeaders()
                .set("Content-Range", "bytes " + from + "-" + (page.length - 1) + "/" + page.length);
        exchange.sendResponseHeaders(206, page.length - from);
        exchange.getResponseBody().write(page, from, page.length - from);
    }

    private static void whole(HttpExchange exchange, byte[] bytes) throws IOException {
        exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static byte[] zipped(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        closed = true;
        server.stop(0);
        workers.shutdownNow();
    }
}
