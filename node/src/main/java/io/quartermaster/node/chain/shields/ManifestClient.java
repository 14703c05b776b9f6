package io.quartermaster.node.chain.shields;

import io.quartermaster.node.chain.BoundedBody;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Gets what is behind strangers' URLs. Safe for use by several threads. */
final class ManifestClient {
    /** A hundred validators have 20 kilobytes; all miners' at once must fit into memory. */
    private static final int MOST_BYTES = 256 * 1024;

    /** An axon redirects to a bucket; nobody needs more than a few. */
    private static final int MOST_REDIRECTS = 3;

    private static final int MOST_LOOKUPS = 32;
    private static final int IDLE_SECONDS = 10;
    private static final int OK = 200;

    private final Duration patience;
    private final Predicate<InetAddress> mayBeAsked;
    private final HttpClient http;

    /** The JDK looks a host's name up in the thread that asks it to; those of a client are needed for all others' answers. */
    private final Executor lookups = lookups();

    ManifestClient(Duration patience, Predicate<InetAddress> mayBeAsked) {
        this.patience = patience;
        this.mayBeAsked = mayBeAsked;
        // Redirects are followed here, so that where they lead to is checked too.
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience)
                .build();
    }

    private static Executor lookups() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                MOST_LOOKUPS, MOST_LOOKUPS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "shields-lookup");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /**
     * Gets what is behind a URL.
     *
     * @param url of HTTP or HTTPS, with a host
     * @param forWhat once this is complete, however that came, nothing is waited for any more, and connections end
     * @return completes with the body; or with any failure
     */
    CompletableFuture<byte[]> get(URI url, CompletableFuture<?> forWhat) {
        return get(url, forWhat, MOST_REDIRECTS);
    }

    private CompletableFuture<byte[]> get(URI url, CompletableFuture<?> forWhat, int redirects) {
        return checked(url, forWhat).thenCompose(nothing -> send(url, forWhat)).thenCompose(response -> {
            if (response.statusCode() == OK) {
                return CompletableFuture.completedFuture(response.body());
            }
            Optional<URI> elsewhere = redirects > 0 ? redirect(url, response) : Optional.empty();
            return elsewhere
                    .map(next -> get(next, forWhat, redirects - 1))
                    .orElseGet(
                            () -> CompletableFuture.failedFuture(new IOException("status " + response.statusCode())));
        });
    }

    private static Optional<URI> redirect(URI from, HttpResponse<?> response) {
        return switch (response.statusCode()) {
            case 301, 302, 303, 307, 308 ->
                response.headers()
                        .firstValue("Location")
                        .flatMap(where -> ManifestUrls.url(from.resolve(where).toString()));
            default -> Optional.empty();
        };
    }

    /** The name is looked up once more by the one who connects, but the JDK then still knows what it found. */
    private CompletableFuture<Void> checked(URI url, CompletableFuture<?> forWhat) {
        String host = url.getHost();
        boolean literal = host.startsWith("[") || ShieldedAddress.literal(host);
        return CompletableFuture.runAsync(
                () -> {
                    if (!forWhat.isDone()) {
                        check(host);
                    }
                },
                literal ? Runnable::run : lookups);
    }

    private void check(String host) {
        try {
            if (!Arrays.stream(InetAddress.getAllByName(host)).allMatch(mayBeAsked)) {
                throw new CompletionException(new IOException("an address that may not be asked"));
            }
        } catch (UnknownHostException e) {
            throw new CompletionException(e);
        }
    }

    private CompletableFuture<HttpResponse<byte[]>> send(URI url, CompletableFuture<?> forWhat) {
        if (forWhat.isDone()) {
            return CompletableFuture.failedFuture(new IOException("too late"));
        }
        HttpRequest request = HttpRequest.newBuilder(url).timeout(patience).build();
        CompletableFuture<HttpResponse<byte[]>> exchange = http.sendAsync(request, BoundedBody.ofAtMost(MOST_BYTES));
        // The request's own patience ends with the head of the answer.
        var unused = forWhat.whenComplete((result, failure) -> exchange.cancel(true));
        return exchange;
    }
}
