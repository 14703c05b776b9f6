package io.quartermaster.node.chain.pylon;

import io.quartermaster.node.chain.BoundedBody;
import io.quartermaster.node.chain.Causes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends requests to Pylon, a few at once, and again if it is unavailable. An answer has to come whole within the patience, and to
 * be JSON of a bounded size. Safe for use by several threads.
 */
final class PylonRequests implements AutoCloseable {
    /** A subnet of 256 neurons takes some 150 KB. */
    static final int LONGEST_ANSWER_BYTES = 8 << 20;

    static final int MOST_AT_ONCE = 8;
    static final int ATTEMPTS = 3;

    private static final int MOST_WAITING = 256;
    private static final int LONGEST_DETAIL_CHARS = 120;

    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVERS_OWN_TROUBLE = 500;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final PylonSettings settings;
    private final long firstPauseMillis;
    private final HttpClient http;
    private final Turns turns = new Turns(MOST_AT_ONCE, MOST_WAITING);
    private volatile boolean closed;

    PylonRequests(PylonSettings settings, long firstPauseMillis) {
        this.settings = settings;
        this.firstPauseMillis = firstPauseMillis;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.patience())
                .build();
    }

    /**
     * An answer.
     *
     * @param from the address that was asked
     * @param found whether there is what was asked for
     * @param body what was answered
     */
    record Reply(URI from, boolean found, JsonNode body) {}

    /**
     * Asks for something.
     *
     * @param path what comes after the version of the API
     * @return completes with an answer, or with {@link PylonUnavailable}, {@link PylonAccessRefused} or
     *     {@link PylonAnswerRefused}
     */
    CompletableFuture<Reply> get(String path) {
        return attempt(request(path).GET().build(), ATTEMPTS, firstPauseMillis);
    }

    /** As {@link #get}, with a JSON object that is sent along. */
    CompletableFuture<Reply> post(String path, Map<String, String> body) {
        HttpRequest request = request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build();
        return attempt(request, ATTEMPTS, firstPauseMillis);
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(settings.address() + "/api/v1" + path))
                .header("Accept", "application/json");
        // Services that do not check it do not mind it.
        settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        return request;
    }

    private CompletableFuture<Reply> attempt(HttpRequest request, int left, long pauseMillis) {
        return turns.take(() -> once(request))
                .exceptionallyCompose(failure -> again(request, left - 1, pauseMillis, Causes.of(failure)));
    }

    private CompletableFuture<Reply> again(HttpRequest request, int left, long pauseMillis, Throwable failure) {
        if (left == 0 || closed || !(failure instanceof PylonUnavailable)) {
            return CompletableFuture.failedFuture(failure);
        }
        // Not all at the same moment, should many wait for one service.
        long pause = pauseMillis / 2 + ThreadLocalRandom.current().nextLong(pauseMillis);
        return CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS))
                .thenCompose(over -> attempt(request, left, 2 * pauseMillis));
    }

    private CompletableFuture<Reply> once(HttpRequest request) {
        if (closed) {
            return CompletableFuture.failedFuture(
                    new PylonUnavailable("The client of " + settings.address() + " is closed"));
        }
        CompletableFuture<HttpResponse<byte[]>> sent =
                http.sendAsync(request, BoundedBody.ofAtMost(LONGEST_ANSWER_BYTES));
        // The request's own time-out ends with the answer's first line.
        return sent.copy()
                .orTimeout(settings.patience().toMillis(), TimeUnit.MILLISECONDS)
                .handle((response, failure) -> {
                    if (failure != null) {
                        sent.cancel(true);
                        throw new CompletionException(unavailable(request.uri(), Causes.of(failure)));
                    }
                    return reply(response);
                });
    }

    private PylonUnavailable unavailable(URI from, Throwable failure) {
        if (failure instanceof TimeoutException) {
            return new PylonUnavailable(
                    from + " did not answer within " + settings.patience().toMillis() + " ms");
        }
        String why = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return new PylonUnavailable(from + " can't be had: " + printable(why), failure);
    }

    private Reply reply(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        URI from = response.uri();
        if (status == UNAUTHORIZED || status == FORBIDDEN) {
            throw failed(accessRefused(from, status + detail(response)));
        }
        if (status == TOO_MANY_REQUESTS || status >= SERVERS_OWN_TROUBLE) {
            throw failed(new PylonUnavailable(from + " answered " + status + detail(response)));
        }
        if (status != OK && status != NOT_FOUND && status != METHOD_NOT_ALLOWED) {
            throw failed(new PylonAnswerRefused(
                    from + " answered " + status + detail(response) + ", which Pylon does not: is this its address?"));
        }
        try {
            return new Reply(from, status == OK, parse(response.body()));
        } catch (JacksonException e) {
            throw failed(new PylonUnavailable(from + " answered " + status + " with what is not JSON: is this Pylon?"));
        }
    }

    /** No text at all is a node, too, which no answer can be read from. */
    static JsonNode parse(byte[] json) {
        return JSON.readTree(json);
    }

    /** Says what to configure. */
    PylonAccessRefused accessRefused(URI from, String why) {
        String token = settings.identity()
                .map(identity ->
                        "the name and the token of the identity that Pylon has for this wallet (now " + identity + ")")
                .orElse("the token of Pylon's open access (now "
                        + (settings.token().isPresent() ? "a wrong one" : "none") + ")");
        return new PylonAccessRefused(from + " refused access (" + why + "): configure " + token);
    }

    /** What Litestar, Pylon's framework, says of an error. */
    private String detail(HttpResponse<byte[]> response) {
        try {
            return ": " + detail(parse(response.body()));
        } catch (JacksonException e) {
            return "";
        }
    }

    /** The words of an error, fit for a log. */
    String detail(JsonNode body) {
        return printable(body.path("detail").asString(""));
    }

    /** Who answers chooses the words, and may repeat what it was sent. */
    String printable(String words) {
        String safe = settings.token().map(token -> words.replace(token, "***")).orElse(words);
        String shown = safe.replaceAll("[^\\x20-\\x7e]", "?");
        return shown.length() <= LONGEST_DETAIL_CHARS ? shown : shown.substring(0, LONGEST_DETAIL_CHARS) + "...";
    }

    private static CompletionException failed(IOException failure) {
        return new CompletionException(failure);
    }

    @Override
    public void close() {
        closed = true;
    }
}
