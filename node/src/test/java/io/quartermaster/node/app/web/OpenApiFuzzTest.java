package io.quartermaster.node.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.node.Quartermaster;
import io.quartermaster.node.app.web.Api.Answer;
import io.quartermaster.node.app.web.Api.Operation;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests made at random from the API's own description, right and wrong ones. Whatever comes, the answer is one that is
 * described, and no fault of the replica. {@code -Dquartermaster.fuzz.requests=100000} for the long form.
 */
class OpenApiFuzzTest {
    private static final int REQUESTS = Integer.getInteger("quartermaster.fuzz.requests", 3_000);
    private static final long SEED = Long.getLong("quartermaster.fuzz.seed", 1L);

    private static final List<String> STRANGE = List.of(
            "",
            " ",
            "0",
            "-1",
            "1e400",
            "NaN",
            "Infinity",
            "-0.0",
            "9223372036854775808",
            "99999999999999999999999",
            "1e-320",
            "true",
            "null",
            "\u0000",
            "\ud83d\ude00",
            "\u202eabc",
            "../../etc/passwd",
            "%00",
            "%",
            "a/b",
            "a;b=c",
            "';--",
            "<script>",
            "${jndi:x}",
            "{}",
            "[]",
            "x".repeat(300),
            "x".repeat(3_000),
            "2026-11-16T03:00:00Z",
            "+1000000000-12-31T23:59:59Z",
            "1",
            "60",
            "always_on.test",
            "5Miner0001",
            "JOB_ROUTED",
            "job-1");

    private static final List<String> STRANGE_JSON = List.of(
            "null",
            "true",
            "[]",
            "{}",
            "\"\"",
            "\"x\"",
            "0",
            "-1",
            "1.5",
            "1e400",
            "-1e400",
            "NaN",
            "Infinity",
            "9223372036854775808",
            "123456789012345678901234567890",
            "[[[[]]]]",
            "{\"a\":null}",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "{\"DYNAMIC_NOPE\":\"1\"}",
            "{\"DYNAMIC_ROUTING_RELIABILITY_SEPARATION\":\"NaN\"}",
            "[".repeat(2_000),
            "\"" + "y".repeat(5_000) + "\"");

    private static final List<String> BROKEN_BODIES = List.of(
            "", "{", "}", "{\"job\":", "nonsense", "{\"a\":1}{\"b\":2}", "[1,2", "\ufeff{}", "{'a':1}", "\u0000");

    private static final List<String> CONTENT_TYPES = List.of(
            "text/plain",
            "application/xml",
            "application/json;charset=UTF-16",
            "application/json",
            "multipart/form-data",
            "application/x-www-form-urlencoded",
            "nonsense",
            "application/problem+json");

    private final Random random = new Random(SEED);

    @Test
    void whateverComesTheAnswerIsADescribedOne() throws Exception {
        try (Quartermaster grid = Quartermaster.simulated();
                ReplicaHttp http = ReplicaHttp.start(grid.replica(), 0)) {
            Api api = new Api(http.url());
            List<Operation> operations = api.operations();
            TreeMap<Integer, Integer> statuses = new TreeMap<>();
            List<String> wrong = new ArrayList<>();
            for (int number = 0; number < REQUESTS && wrong.size() < 20; number++) {
                Operation operation = operations.get(number % operations.size());
                HttpRequest.Builder request = request(api, operation);
                Answer answer = api.answer(request, operation.endless());
                statuses.merge(answer.status(), 1, Integer::sum);
                List<String> undescribed = new ArrayList<>(api.undescribed(operation, answer));
                // This grid has its majority all the time.
                if (answer.status() >= 500) {
                    undescribed.add("status " + answer.status());
                }
                if (!undescribed.isEmpty()) {
                    wrong.add(operation + " " + request.build().uri() + " " + lastBody + " -> " + answer.status() + " "
                            + undescribed + " " + answer.body().lines().limit(3).toList());
                }
            }
            System.out.println("Requests by status: " + statuses);
            assertThat(wrong).isEmpty();
            assertThat(statuses).containsKeys(200, 400, 404);
            assertThat(api.send(api.request("/readyz").GET()).statusCode()).isEqualTo(200);
        }
    }

    private String lastBody = "";

    private HttpRequest.Builder request(Api api, Operation operation) {
        String path = operation.path();
        List<String> query = new ArrayList<>();
        List<String> headers = new ArrayList<>();
        for (JsonNode parameter : operation.description().path("parameters")) {
            String name = parameter.get("name").asString();
            String in = parameter.get("in").asString();
            if (!in.equals("path")
                    && random.nextInt(100) < (parameter.get("required").asBoolean() ? 3 : 50)) {
                continue;
            }
            String value = random.nextBoolean() ? likely(name, parameter.get("schema")) : any(STRANGE);
            if (in.equals("path")) {
                path = path.replace("{" + name + "}", encoded(value.isEmpty() ? "x" : value));
            } else if (in.equals("query")) {
                query.add(encoded(name) + "=" + encoded(value));
            } else {
                headers.add(name);
                headers.add(value.replaceAll("[^ -~]", "?").strip());
            }
        }
        if (random.nextInt(20) == 0) {
            query.add(encoded(any(STRANGE)) + "=" + encoded(any(STRANGE)));
        }
        HttpRequest.Builder request = api.request(path + (query.isEmpty() ? "" : "?" + String.join("&", query)));
        for (int i = 0; i < headers.size(); i += 2) {
            request.header(headers.get(i), headers.get(i + 1));
        }
        if (random.nextInt(30) == 0) {
            request.header("Accept", any(List.of("text/html", "application/xml", "*/*", "nonsense", "image/png;q=x")));
        }
        lastBody = "";
        if (operation.description().has("requestBody") || random.nextInt(30) == 0) {
            lastBody = body(api, operation);
        }
        if (!lastBody.isEmpty()) {
            request.header("Content-Type", random.nextInt(10) == 0 ? any(CONTENT_TYPES) : "application/json");
        }
        return request.method(operation.method(), BodyPublishers.ofString(lastBody));
    }

    private String body(Api api, Operation operation) {
        if (random.nextInt(10) == 0) {
            return any(BROKEN_BODIES);
        }
        JsonNode schema = operation.description().at("/requestBody/content/application~1json/schema");
        if (schema.has("$ref")) {
            schema = api.description().at(schema.get("$ref").asString().substring(1));
        }
        List<String> fields = new ArrayList<>();
        schema.path("properties").properties().forEach(field -> {
            int chance = random.nextInt(20);
            if (chance > 1) {
                String value = chance < 6 ? any(STRANGE_JSON) : json(field.getKey(), field.getValue());
                fields.add("\"" + field.getKey() + "\":" + value);
            }
        });
        if (random.nextInt(20) == 0) {
            fields.add("\"unheard\":" + any(STRANGE_JSON));
        }
        return "{" + String.join(",", fields) + "}";
    }

    private String json(String name, JsonNode schema) {
        String type = schema.path("type").asString("");
        if (type.equals("object")) {
            ObjectNode object = Json.MAPPER.createObjectNode();
            object.put("DYNAMIC_ROUTING_RELIABILITY_SEPARATION", any(List.of("5.0", "4", "x", "-1")));
            return object.toString();
        }
        if (type.equals("array")) {
            return "[" + (random.nextBoolean() ? json(name, schema.path("items")) : any(STRANGE_JSON)) + "]";
        }
        String text = likely(name, schema);
        return type.equals("string") ? Json.MAPPER.writeValueAsString(text) : text;
    }

    /** A value of the right type, and often one that means something. */
    private String likely(String name, JsonNode schema) {
        if (schema.has("enum")) {
            return schema.get("enum")
                    .get(random.nextInt(schema.get("enum").size()))
                    .asString();
        }
        return switch (name) {
            case "executorClass" -> any(List.of("always_on.gpu-24gb", "always_on.test", "spin_up-4min.gpu-24gb"));
            case "type" -> any(List.of("JOB_ROUTED", "MINER_JOB_FAILED", "MINER_JOB_REJECTED"));
            case "job" -> "fuzz-" + random.nextInt(300);
            default ->
                switch (schema.path("type").asString("")) {
                    case "integer" -> Integer.toString(random.nextInt(200));
                    case "number" -> Double.toString(random.nextInt(100) / 4.0);
                    case "boolean" -> Boolean.toString(random.nextBoolean());
                    default -> any(List.of("fuzz-" + random.nextInt(300), "2026-11-16T03:00:00Z", "5Miner0001"));
                };
        };
    }

    private String any(List<String> values) {
        return values.get(random.nextInt(values.size()));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
