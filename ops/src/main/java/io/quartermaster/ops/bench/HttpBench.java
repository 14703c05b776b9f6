package io.quartermaster.ops.bench;

import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.app.web.HttpSettings;
import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.app.web.ReplicaHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * Routes and spends over HTTP: a replica in a process of its own, and a load that does not wait for its answers. Each pair has the
 * moment at which it is due, and what it takes is counted from there, so that a replica that falls behind is seen to.
 */
public final class HttpBench {
    private static final int MINERS = 256;
    private static final int EXECUTORS = 20;
    private static final int BLOCKS = 800;
    private static final int WARM_UP_SECONDS = 15;

    /** Requests at work on the replica; more than the load needs unless the replica falls behind. */
    private static final int AT_WORK = 512;

    private final URI replica;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final AtomicLong jobs = new AtomicLong();
    private final List<InputStream> streams = new ArrayList<>();

    private HttpBench(URI replica) {
        this.replica = replica;
    }

    /** What became of the pairs of one load. */
    private record Load(Sample route, Sample pair, long failed, double perSecond) {}

    /**
     * Measures, without and with readers of the stream of events.
     *
     * @param seconds how long each load lasts
     * @param perSecond how many pairs are due each second
     * @param readers of the stream of events in the second load; none for no second load
     * @param progress told what goes on
     * @return lines of text
     * @throws IOException if the replica can't be started
     * @throws InterruptedException if the thread is interrupted
     */
    public static List<String> run(int seconds, int perSecond, int readers, Consumer<String> progress)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        HttpBench.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String url = said.readLine();
            while (url != null && !url.startsWith("http")) {
                url = said.readLine();
            }
            if (url == null) {
                throw new IOException("The replica did not start");
            }
            return new HttpBench(URI.create(url)).measure(seconds, perSecond, readers, progress);
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    private List<String> measure(int seconds, int perSecond, int readers, Consumer<String> progress)
            throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>();
        progress.accept("warming up");
        load(WARM_UP_SECONDS, perSecond);
        progress.accept(perSecond + " pairs a second");
        lines.addAll(lines("no reader of events", perSecond, load(seconds, perSecond)));
        if (readers > 0) {
            progress.accept("the same beside " + readers + " readers of events");
            AtomicLong heard = new AtomicLong();
            for (int i = 0; i < readers; i++) {
                read(heard);
            }
            Load beside = load(seconds, perSecond);
            lines.addAll(lines(readers + " readers of events", perSecond, beside));
            lines.add(String.format(Locale.ROOT, "%-70s %10.1f MB", "sent to the readers", heard.get() / 1e6));
            for (InputStream stream : streams) {
                stream.close();
            }
        }
        return lines;
    }

    private static List<String> lines(String what, int perSecond, Load load) {
        String head = what + ", " + perSecond + " pairs a second due: ";
        return List.of(
                String.format(Locale.ROOT, "%-70s %10.0f /s", head + "done", load.perSecond()),
                String.format(Locale.ROOT, "%-70s %10d", head + "failed", load.failed()),
                String.format(
                        Locale.ROOT,
                        "%-70s %10.2f ms",
                        head + "route, p50",
                        load.route().median() / 1e6),
                String.format(
                        Locale.ROOT,
                        "%-70s %10.2f ms",
                        head + "route, p99",
                        load.route().percentile(0.99) / 1e6),
                String.format(
                        Locale.ROOT,
                        "%-70s %10.2f ms",
                        head + "pair, p50",
                        load.pair().median() / 1e6),
                String.format(
                        Locale.ROOT,
                        "%-70s %10.2f ms",
                        head + "pair, p99",
                        load.pair().percentile(0.99) / 1e6));
    }

    private Load load(int seconds, int perSecond) {
        Queue<Long> routes = new ConcurrentLinkedQueue<>();
        Queue<Long> pairs = new ConcurrentLinkedQueue<>();
        AtomicLong failed = new AtomicLong();
        List<CompletableFuture<?>> all = new ArrayList<>(seconds * perSecond);
        long began = System.nanoTime();
        long apart = 1_000_000_000L / perSecond;
        for (int i = 0; i < seconds * perSecond; i++) {
            long due = began + i * apart;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            all.add(route().thenCompose(reservation -> {
                        routes.add(System.nanoTime() - due);
                        return send("/v1/reservations/" + reservation + "/spend", "", 204);
                    })
                    .whenComplete((done, failure) -> {
                        if (failure == null) {
                            pairs.add(System.nanoTime() - due);
                        } else {
                            failed.incrementAndGet();
                        }
                    })
                    .exceptionally(failure -> ""));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
        double lasted = (System.nanoTime() - began) / 1e9;
        return new Load(Sample.of(routes), Sample.of(pairs), failed.get(), pairs.size() / lasted);
    }

    private CompletableFuture<String> route() {
        long job = jobs.incrementAndGet();
        String body = "{\"job\":\"bench-" + job + "\",\"executorClass\":\""
                + Bench.CLASSES.get((int) (job % Bench.CLASSES.size())).name() + "\",\"executionTimeLimitSeconds\":5}";
        return send("/v1/routes", body, 201).thenApply(answer -> {
            JsonNode route = Json.MAPPER.readTree(answer);
            return route.get("reservation").asString();
        });
    }

    private CompletableFuture<String> send(String path, String body, int expected) {
        HttpRequest request = HttpRequest.newBuilder(replica.resolve(path))
                .header("Content-Type", "application/json")
                .timeout(Duration.ofSeconds(30))
                .POST(BodyPublishers.ofString(body))
                .build();
        return client.sendAsync(request, BodyHandlers.ofString()).thenApply(answer -> {
            if (answer.statusCode() != expected) {
                throw new IllegalStateException(
                        path + " was answered with " + answer.statusCode() + ": " + answer.body());
            }
            return answer.body();
        });
    }

    /** One more reader, which takes whatever comes. */
    private void read(AtomicLong heard) throws IOException, InterruptedException {
        HttpResponse<InputStream> stream = client.send(
                HttpRequest.newBuilder(replica.resolve("/v1/events/stream")).build(), BodyHandlers.ofInputStream());
        if (stream.statusCode() != 200) {
            throw new IOException("The stream of events was refused with " + stream.statusCode());
        }
        streams.add(stream.body());
        Thread reader = new Thread(
                () -> {
                    byte[] buffer = new byte[8192];
                    try {
                        for (int read = 0; read >= 0; read = stream.body().read(buffer)) {
                            heard.addAndGet(read);
                        }
                    } catch (IOException closed) {
                        // So a reader ends when the load is over.
                    }
                },
                "reader");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Serves a replica until it is killed, and says where.
     *
     * @param args none
     */
    public static void main(String... args) {
        HttpSettings settings = new HttpSettings(
                "127.0.0.1",
                0,
                Optional.empty(),
                Optional.empty(),
                new HttpSettings.Limits(256 * 1024, 16 * 1024, AT_WORK));
        Replica replica =
                Replica.replay(new BenchChain(MINERS, 6, Bench.CLASSES, EXECUTORS, BLOCKS), ReplicaSettings.defaults());
        ReplicaHttp http = ReplicaHttp.start(replica, settings);
        System.out.println(http.url());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            http.close();
            replica.close();
        }));
    }
}
