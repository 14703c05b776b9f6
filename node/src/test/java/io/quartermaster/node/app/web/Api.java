package io.quartermaster.node.app.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** A served API and its description, for tests. */
final class Api {
    private final HttpClient client = HttpClient.newHttpClient();
    private final String url;
    private final JsonNode description;

    Api(String url) throws IOException, InterruptedException {
        this.url = url;
        this.description =
                Json.MAPPER.readTree(send(request("/v1/openapi.json").GET()).body());
    }

    JsonNode description() {
        return description;
    }

    /** One method of one path. */
    record Operation(String path, String method, JsonNode description) {
        boolean endless() {
            return path.endsWith("/stream");
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        description
                .get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(method -> operations.add(new Operation(
                                path.getKey(), method.getKey().toUpperCase(Locale.ROOT), method.getValue()))));
        return operations;
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(30));
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /** Of an answer without an end only what comes at once. */
    Answer answer(HttpRequest.Builder request, boolean endless) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
        try (InputStream in = response.body()) {
            String body = endless && response.statusCode() == 200 ? "" : new String(in.readAllBytes(), UTF_8);
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    body);
        }
    }

    /** What came back. */
    record Answer(int status, String contentType, String body) {}

    /** What of an answer the description does not say; nothing if all is well. */
    List<String> undescribed(Operation operation, Answer answer) {
        JsonNode response = resolved(operation.description().get("responses").path(Integer.toString(answer.status())));
        if (response.isMissingNode()) {
            return List.of("status " + answer.status());
        }
        List<String> wrong = new ArrayList<>();
        JsonNode content = response.path("content");
        if (content.isEmpty()) {
            if (!answer.body().isEmpty()) {
                wrong.add("a body");
            }
            return wrong;
        }
        String type = answer.contentType().replaceAll(";.*", "");
        if (!content.has(type)) {
            return List.of("content type " + answer.contentType());
        }
        JsonNode schema = content.get(type).path("schema");
        if (!schema.isMissingNode()) {
            check(schema, Json.MAPPER.readTree(answer.body()), "body", wrong);
        }
        if (answer.status() >= 400 && answer.body().matches("(?s).*(\\bat [a-z]+\\.[a-z.]+\\w*\\(|Exception:).*")) {
            wrong.add("a stack trace");
        }
        return wrong;
    }

    private JsonNode resolved(JsonNode node) {
        JsonNode found = node;
        while (found.has("$ref")) {
            found = description.at(found.get("$ref").asString().substring(1));
        }
        return found;
    }

    private void check(JsonNode given, JsonNode value, String where, List<String> wrong) {
        JsonNode schema = resolved(given);
        String type = schema.path("type").asString("");
        boolean fits = switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            default -> true;
        };
        if (!fits) {
            wrong.add(where + " is no " + type + ": " + value);
            return;
        }
        if (schema.has("enum") && !schema.get("enum").toString().contains("\"" + value.asString() + "\"")) {
            wrong.add(where + " is none of its values: " + value);
        }
        if (value.isArray()) {
            value.forEach(item -> check(schema.path("items"), item, where + "[]", wrong));
        }
        if (value.isObject() && schema.path("type").asString("").equals("object")) {
            schema.path("required").forEach(name -> {
                if (!value.has(name.asString())) {
                    wrong.add(where + " lacks " + name.asString());
                }
            });
            boolean closed = schema.path("additionalProperties").isBoolean();
            value.properties().forEach(field -> {
                JsonNode known = schema.path("properties").path(field.getKey());
                JsonNode other = schema.path("additionalProperties");
                if (known.isMissingNode() && closed) {
                    wrong.add(where + " has " + field.getKey());
                } else {
                    check(known.isMissingNode() ? other : known, field.getValue(), where + "." + field.getKey(), wrong);
                }
            });
        }
    }
}
