package io.quartermaster.ops.standin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.ops.standin.StandinPylonAnswers.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A Pylon that serves a chain: version 1 of its API, as far as it reads a subnet, with the same models, checks and errors, on the
 * loopback. Safe for use by several threads.
 */
public final class StandinPylon implements AutoCloseable {
    /** The name of the one identity that it knows. */
    public static final String IDENTITY = "validator";

    private static final Duration PATIENCE = Duration.ofMillis(100);
    private static final int LONGEST_BODY_BYTES = 4_096;
    private static final byte[] PROXYS_PAGE =
            "<html><body>Welcome to the proxy.</body></html>".getBytes(StandardCharsets.UTF_8);

    private final Chain chain;
    private final StandinPylonFaults faults;
    private final StandinPylonAnswers answers;
    private final SplittableRandom random = new SplittableRandom(1);
    private final AtomicLong requests = new AtomicLong();
    private final ScheduledExecutorService later = Executors.newScheduledThreadPool(4, task -> {
        Thread thread = new Thread(task, "standin-pylon");
        thread.setDaemon(true);
        return thread;
    });
    private final HttpServer server;

    private StandinPylon(Chain chain, HttpServer server, String token, StandinPylonFaults faults) {
        this.chain = chain;
        this.server = server;
        this.faults = faults;
        this.answers = new StandinPylonAnswers(chain, IDENTITY, token, faults.login());
    }

    /**
     * Starts a Pylon.
     *
     * @param chain what it serves; several may serve one chain, which is closed by whoever made it
     * @param port where, on the loopback; 0 for any free port
     * @param token what it wants from its identity, and for open access
     * @param faults what is wrong with it
     * @return the running service
     * @throws GridUnavailable if the port is taken
     */
    public static StandinPylon start(Chain chain, int port, String token, StandinPylonFaults faults) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            StandinPylon pylon = new StandinPylon(chain, server, token, faults);
            server.createContext("/", pylon::came);
            server.start();
            var unused = pylon.later.scheduleWithFixedDelay(pylon::moveOn, 0, 1, TimeUnit.MILLISECONDS);
            return pylon;
        } catch (IOException e) {
            throw new GridUnavailable("Port " + port + " on 127.0.0.1 can't be served: is it in use?");
        }
    }

    /**
     * Where it can be reached.
     *
     * @return such as {@code http://127.0.0.1:8000}
     */
    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
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
     * Publishes a neuron's words, as it does itself on the chain. The words before are replaced.
     *
     * @param hotkey the neuron
     * @param words the words
     */
    public void commit(Hotkey hotkey, String words) {
        answers.commit(hotkey, words);
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

    private void came(HttpExchange exchange) {
        requests.incrementAndGet();
        if (later.isShutdown()) {
            exchange.close();
            return;
        }
        var unused = later.schedule(() -> answer(exchange), faults.latencyMillis(), TimeUnit.MILLISECONDS);
    }

    private void answer(HttpExchange exchange) {
        // Closed before all is written, the connection ends.
        try (exchange) {
            if (chance(faults.garbage())) {
                send(exchange, 200, "text/html", PROXYS_PAGE, PROXYS_PAGE.length);
                return;
            }
            Answer answer = chance(faults.errors())
                    ? StandinPylonAnswers.error(502, "Block data is unavailable")
                    : answers.answer(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI().getPath(),
                            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")),
                            exchange.getRequestBody().readNBytes(LONGEST_BODY_BYTES));
            byte[] body = answer.body().toString().getBytes(StandardCharsets.UTF_8);
            int written = chance(faults.cuts()) ? body.length / 2 : body.length;
            send(exchange, answer.status(), "application/json", body, written);
        } catch (IOException e) {
            // Who asked has gone, or was cut off on purpose.
        }
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body, int written)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(Arrays.copyOf(body, written));
            out.flush();
        }
    }

    @Override
    public void close() {
        later.shutdownNow();
        server.stop(0);
    }
}
