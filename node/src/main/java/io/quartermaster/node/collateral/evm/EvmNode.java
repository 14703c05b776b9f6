package io.quartermaster.node.collateral.evm;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.chain.BoundedBody;
import io.quartermaster.node.chain.Causes;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A node of an EVM, asked by JSON-RPC 2.0 over HTTP, many questions in one request. A subtensor node answers it on the port of its
 * WebSocket. Safe for use by several threads.
 */
public final class EvmNode {
    /** How many questions go into one request: a subnet of 256 neurons takes four. */
    static final int MOST_AT_ONCE = 64;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** An answer to a question about collateral has some hundred bytes; the code of a contract has 48 kilobytes at most. */
    private static final int LONGEST_ANSWER_BYTES = 1 << 20;

    private static final int LONGEST_WORDS_CHARS = 160;
    private static final int OK = 200;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern QUANTITY = Pattern.compile("0x[0-9a-fA-F]{1,64}");

    private final URI uri;
    private final URI asked;
    private final Duration patience;
    private final HttpClient http;

    private EvmNode(URI uri, URI asked, Duration patience) {
        this.uri = uri;
        this.asked = asked;
        this.patience = patience;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(patience)
                .build();
    }

    /**
     * A node that is asked when it is needed.
     *
     * @param uri where: http, https, ws or wss. The latter two are asked as the former, on the same port
     * @return the node
     * @throws InvalidArgument if that is no such address
     */
    public static EvmNode at(URI uri) {
        return at(uri, PATIENCE);
    }

    static EvmNode at(URI uri, Duration patience) {
        String scheme = switch (String.valueOf(uri.getScheme())) {
            case "http", "ws" -> "http";
            case "https", "wss" -> "https";
            default -> "";
        };
        if (scheme.isEmpty() || uri.getHost() == null) {
            throw new InvalidArgument("evm", uri, "an address of a node's JSON-RPC, such as http://127.0.0.1:9944");
        }
        URI asked = URI.create(scheme + uri.toString().substring(uri.getScheme().length()));
        return new EvmNode(uri, asked, patience);
    }

    /**
     * A question.
     *
     * @param method the method
     * @param params its parameters, in order
     */
    record Question(String method, List<?> params) {
        static Question of(String method, Object... params) {
            return new Question(method, Arrays.asList(params));
        }
    }

    /**
     * An answer to one question.
     *
     * @param from which node's
     * @param result what it answered
     * @param refusal what it answered instead
     */
    record Answer(
            URI from, @Nullable JsonNode result, @Nullable EvmRefused refusal) {
        JsonNode json() {
            if (refusal != null) {
                throw refusal;
            }
            if (result == null) {
                throw new EvmUnavailable(from + " left a question without an answer");
            }
            return result;
        }

        String text() {
            return json().asString("");
        }

        BigInteger quantity() {
            String text = text();
            if (!QUANTITY.matcher(text).matches()) {
                throw new EvmUnavailable(
                        from + " answered " + printable(json().toString()) + " where a number belongs");
            }
            return new BigInteger(text.substring(2), 16);
        }
    }

    URI uri() {
        return uri;
    }

    /** Whether two clients are of one node does not matter; its address does. */
    @Override
    public String toString() {
        return uri.toString();
    }

    /**
     * Asks some questions, in as few requests as need be, one after the other.
     *
     * @param questions any number
     * @return completes with as many answers, in that order; with {@link EvmUnavailable} if the node can't be asked
     */
    CompletableFuture<List<Answer>> ask(List<Question> questions) {
        CompletableFuture<List<Answer>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (int from = 0; from < questions.size(); from += MOST_AT_ONCE) {
            List<Question> some = questions.subList(from, Math.min(questions.size(), from + MOST_AT_ONCE));
            all = all.thenCompose(before -> send(some).thenApply(answers -> {
                before.addAll(answers);
                return before;
            }));
        }
        return all;
    }

    private CompletableFuture<List<Answer>> send(List<Question> questions) {
        List<Map<String, Object>> batch = new ArrayList<>();
        for (Question question : questions) {
            Map<String, Object> request = new LinkedHashMap<>();
            request.put("jsonrpc", "2.0");
            request.put("id", batch.size());
            request.put("method", question.method());
            request.put("params", question.params());
            batch.add(request);
        }
        HttpRequest request = HttpRequest.newBuilder(asked)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(batch)))
                .build();
        CompletableFuture<HttpResponse<byte[]>> sent =
                http.sendAsync(request, BoundedBody.ofAtMost(LONGEST_ANSWER_BYTES));
        return sent.copy().orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS).handle((response, failure) -> {
            if (failure != null) {
                sent.cancel(true);
                throw unreachable(Causes.of(failure));
            }
            return answers(response, questions.size());
        });
    }

    private EvmUnavailable unreachable(Throwable failure) {
        if (failure instanceof TimeoutException) {
            return new EvmUnavailable(uri + " did not answer within " + patience.toMillis() + " ms");
        }
        String why = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return new EvmUnavailable(uri + " can't be asked: " + printable(why));
    }

    private List<Answer> answers(HttpResponse<byte[]> response, int wanted) {
        JsonNode body;
        try {
            body = JSON.readTree(response.body());
        } catch (JacksonException e) {
            throw new EvmUnavailable(
                    uri + " answered " + response.statusCode() + " with what is not JSON: is this a node of an EVM?");
        }
        if (!body.isArray()) {
            String words = body.path("error").path("message").asString("not a list of answers");
            throw new EvmUnavailable(uri + " answered " + response.statusCode() + ": " + printable(words));
        }
        if (response.statusCode() != OK) {
            throw new EvmUnavailable(uri + " answered " + response.statusCode());
        }
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < wanted; i++) {
            answers.add(new Answer(uri, null, null));
        }
        for (JsonNode answer : body) {
            int id = answer.path("id").asInt(-1);
            if (id >= 0 && id < wanted) {
                answers.set(id, answer(answer));
            }
        }
        return answers;
    }

    private Answer answer(JsonNode answer) {
        JsonNode error = answer.path("error");
        if (error.isObject()) {
            String data = error.path("data").asString("");
            return new Answer(
                    uri,
                    null,
                    new EvmRefused(
                            printable(error.path("message").asString("refused")),
                            data.startsWith("0x") ? Optional.of(data) : Optional.empty()));
        }
        return new Answer(uri, answer.get("result"), null);
    }

    /** A stranger's words, fit for a message. */
    static String printable(String words) {
        String shown = words.replaceAll("[^\\x20-\\x7e]", "?");
        return shown.length() <= LONGEST_WORDS_CHARS ? shown : shown.substring(0, LONGEST_WORDS_CHARS) + "...";
    }
}
