package io.quartermaster.ops;

import io.quartermaster.node.app.web.Json;
import java.io.IOException;
import java.io.Serial;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Speaks to a running replica over HTTP. */
final class ReplicaClient {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Duration DOWNLOAD_PATIENCE = Duration.ofMinutes(10);

    private final URI replica;
    private final Optional<String> token;
    private final HttpClient http;

    ReplicaClient(URI replica, Optional<String> token, Optional<SSLContext> trust) {
        this.replica = replica;
        this.token = token;
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3));
        trust.ifPresent(builder::sslContext);
        this.http = builder.build();
    }

    /** A replica's answer that is not success, or that there is no answer. */
    static final class Answered extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        private final int exitCode;

        Answered(int exitCode, String message) {
            super(message);
            this.exitCode = exitCode;
        }

        int exitCode() {
            return exitCode;
        }
    }

    JsonNode get(String path, Map<String, ?> query) {
        String parameters = new TreeMap<>(query)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + encoded(entry.getValue()))
                        .collect(Collectors.joining("&"));
        return send(
                request(path + (parameters.isEmpty() ? "" : "?" + parameters)).GET());
    }

    JsonNode post(String path, Map<String, ?> body) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Json.MAPPER.writeValueAsString(body))));
    }

    JsonNode patch(String path, Map<String, ?> body) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString(Json.MAPPER.writeValueAsString(body))));
    }

    /** Fetches what is not JSON into a file; returns how many bytes it has. */
    long download(String path, Path file) {
        try {
            HttpResponse<Path> response = http.send(
                    request(path).timeout(DOWNLOAD_PATIENCE).GET().build(),
                    info -> info.statusCode() == 200
                            ? BodySubscribers.ofFile(file)
                            : BodySubscribers.mapping(BodySubscribers.ofString(StandardCharsets.UTF_8), body -> {
                                throw refusal(info.statusCode(), body);
                            }));
            return Files.size(response.body());
        } catch (IOException e) {
            if (e.getCause() instanceof Answered answered) {
                throw answered;
            }
            throw unreachable();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Answered(ExitCodes.UNAVAILABLE, "Interrupted while waiting for " + replica);
        }
    }

    JsonNode delete(String path) {
        return send(request(path).DELETE());
    }

    static String encoded(Object value) {
        return URLEncoder.encode(value.toString(), StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(replica.resolve(path)).timeout(PATIENCE);
        token.ifPresent(text -> request.header("Authorization", "Bearer " + text));
        return request;
    }

    private JsonNode send(HttpRequest.Builder request) {
        HttpResponse<String> response;
        try {
            response = http.send(request.build(), BodyHandlers.ofString());
        } catch (SSLException e) {
            throw new Answered(
                    ExitCodes.UNREACHABLE,
                    "What answers at " + replica + " can't be trusted (" + e.getMessage()
                            + "): name the certificates to trust with --ca-file");
        } catch (IOException e) {
            throw unreachable();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Answered(ExitCodes.UNAVAILABLE, "Interrupted while waiting for " + replica);
        }
        if (response.statusCode() < 300) {
            return parsed(response.body());
        }
        throw refusal(response.statusCode(), response.body());
    }

    private Answered unreachable() {
        return new Answered(
                ExitCodes.UNREACHABLE,
                "No replica answers at " + replica + ": start one with 'qm run', or name another with --replica");
    }

    private Answered refusal(int status, String text) {
        JsonNode body = parsed(text);
        String title = body.path("title").asString("HTTP " + status);
        String detail = body.path("detail").asString(text.isEmpty() ? "no details" : text);
        return new Answered(exitCode(status), title + ": " + detail);
    }

    private JsonNode parsed(String body) {
        try {
            return body.isEmpty() ? Json.MAPPER.createObjectNode() : Json.MAPPER.readTree(body);
        } catch (JacksonException e) {
            throw new Answered(ExitCodes.UNREACHABLE, "What answers at " + replica + " is not a replica");
        }
    }

    /** What an error's HTTP status means for the exit code. */
    static int exitCode(int status) {
        return switch (status) {
            case 400, 405, 413, 415, 431 -> ExitCodes.BAD_INPUT;
            case 401, 403, 404, 409 -> ExitCodes.REFUSED;
            case 429, 503, 504 -> ExitCodes.UNAVAILABLE;
            default -> ExitCodes.INTERNAL;
        };
    }
}
