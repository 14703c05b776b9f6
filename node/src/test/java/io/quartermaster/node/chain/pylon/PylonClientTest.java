package io.quartermaster.node.chain.pylon;

import static io.quartermaster.node.chain.pylon.ScriptedPylon.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.chain.pylon.ScriptedPylon.Script;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PylonClientTest {
    private static final String TOKEN = "s3cret-token";
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String OPEN = "/api/v1/subnet/12/block/";
    private static final String IDENTITY = "/api/v1/identity/validator/subnet/12/block/";

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private ScriptedPylon serving(Script script) throws IOException {
        ScriptedPylon pylon = new ScriptedPylon(script);
        open.add(pylon);
        return pylon;
    }

    private PylonClient client(URI address, Optional<String> identity, Duration patience) {
        PylonClient client =
                new PylonClient(new PylonSettings(address, identity, Optional.of(TOKEN), Golden.NETUID, patience), 5);
        open.add(0, client);
        return client;
    }

    private PylonClient openAccess(ScriptedPylon pylon) {
        return client(pylon.uri(), Optional.empty(), PATIENCE);
    }

    private PylonClient identity(ScriptedPylon pylon) {
        return client(pylon.uri(), Optional.of("validator"), PATIENCE);
    }

    private static <T> T got(CompletableFuture<T> answer) throws Exception {
        return answer.get(10, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<?> answer) {
        Throwable thrown = catchThrowable(() -> got(answer));
        assertThat(thrown).isInstanceOf(ExecutionException.class);
        Throwable cause = Objects.requireNonNull(thrown.getCause());
        assertThat(cause).hasMessageNotContaining(TOKEN);
        return cause;
    }

    /** What a healthy service without a login answers. */
    private static void golden(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/api/v1/identities")) {
            send(exchange, 200, "{\"identities\":{\"validator\":12}}");
        } else if (path.contains("/block/47/") || path.contains("/block/latest/")) {
            send(exchange, 200, Golden.text(path.substring(path.lastIndexOf('/') + 1)));
        } else if (path.contains("/block/")) {
            send(exchange, 404, Golden.error(404, "Block 999999 not found."));
        } else {
            send(exchange, 404, Golden.error(404, "Not Found"));
        }
    }

    @Test
    void everyRequestIsOfTheSubnetAndCarriesTheToken() throws Exception {
        ScriptedPylon pylon = serving(PylonClientTest::golden);
        PylonClient client = openAccess(pylon);

        assertThat(got(client.neurons(47)).orElseThrow().value().neurons()).hasSize(6);
        assertThat(got(client.latestNeurons()).hash()).isEqualTo(Golden.HASH);
        assertThat(got(client.validators(47)).orElseThrow().value()).hasSize(2);
        assertThat(got(client.latestValidators()).block()).isEqualTo(47);
        assertThat(got(client.latestCommitments()).value()).hasSize(3);

        assertThat(pylon.requests())
                .containsExactly(
                        "GET " + OPEN + "47/neurons Bearer " + TOKEN,
                        "GET " + OPEN + "latest/neurons Bearer " + TOKEN,
                        "GET " + OPEN + "47/validators Bearer " + TOKEN,
                        "GET " + OPEN + "latest/validators Bearer " + TOKEN,
                        "GET " + OPEN + "latest/commitments Bearer " + TOKEN);
    }

    @Test
    void anOlderServiceIsLoggedInToOnce() throws Exception {
        ScriptedPylon pylon = serving(exchange -> {
            if (exchange.getRequestMethod().equals("POST")) {
                send(exchange, 200, "{\"netuid\":12,\"identity_name\":\"validator\"}");
            } else {
                golden(exchange);
            }
        });
        PylonClient client = identity(pylon);

        CompletableFuture<?> first = client.neurons(47);
        CompletableFuture<?> second = client.latestValidators();
        got(CompletableFuture.allOf(first, second));

        assertThat(pylon.requests())
                .containsExactlyInAnyOrder(
                        "POST /api/v1/login/identity/validator Bearer " + TOKEN,
                        "GET " + IDENTITY + "47/neurons Bearer " + TOKEN,
                        "GET " + IDENTITY + "latest/validators Bearer " + TOKEN);
    }

    @Test
    void aServiceWithoutLoginIsAskedForItsIdentities() throws Exception {
        ScriptedPylon pylon = serving(PylonClientTest::golden);

        got(identity(pylon).neurons(47));

        assertThat(pylon.requests())
                .containsExactly(
                        "POST /api/v1/login/identity/validator Bearer " + TOKEN,
                        "GET /api/v1/identities Bearer " + TOKEN,
                        "GET " + IDENTITY + "47/neurons Bearer " + TOKEN);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 405})
    void aServiceThatTellsNoSubnetOfAnIdentityIsAskedAllTheSame(int status) throws Exception {
        ScriptedPylon pylon = serving(exchange -> {
            String path = exchange.getRequestURI().getPath();
            if (path.startsWith("/api/v1/identity/")) {
                golden(exchange);
            } else if (path.equals("/api/v1/identities")) {
                send(exchange, status, Golden.error(status, "No"));
            } else {
                send(exchange, 405, Golden.error(405, "Method Not Allowed"));
            }
        });

        assertThat(got(identity(pylon).neurons(47))).isPresent();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | {\"netuid\":13,\"identity_name\":\"validator\"} | for subnet 13, but the netuid here is 12",
                "GET | {\"identities\":{\"validator\":13}} | for subnet 13, but the netuid here is 12",
                "GET | {\"identities\":{\"miner\":12}} | there is no identity validator"
            })
    void anIdentityThatIsNotForThisSubnetIsNotUsed(String method, String body, String message) throws Exception {
        ScriptedPylon pylon = serving(exchange -> {
            boolean told = exchange.getRequestMethod().equals(method);
            send(exchange, told ? 200 : 404, told ? body : Golden.error(404, "Not Found"));
        });

        assertThat(failure(identity(pylon).neurons(47)))
                .isInstanceOf(PylonAccessRefused.class)
                .hasMessageContaining(message)
                .hasMessageContaining("configure");
    }

    @Test
    void aLoginThatFailedIsTriedAgainWithTheNextRequest() throws Exception {
        AtomicInteger logins = new AtomicInteger();
        ScriptedPylon pylon = serving(exchange -> {
            if (!exchange.getRequestMethod().equals("POST")) {
                golden(exchange);
            } else if (logins.incrementAndGet() == 1) {
                send(exchange, 403, Golden.error(403, "Invalid authorization token"));
            } else {
                send(exchange, 200, "{\"netuid\":12,\"identity_name\":\"validator\"}");
            }
        });
        PylonClient client = identity(pylon);

        assertThat(failure(client.neurons(47))).isInstanceOf(PylonAccessRefused.class);
        assertThat(got(client.neurons(47))).isPresent();
    }

    @Test
    void aBlockThatPylonDoesNotKnowIsEmpty() throws Exception {
        PylonClient client = openAccess(serving(PylonClientTest::golden));

        assertThat(got(client.neurons(999_999))).isEmpty();
        assertThat(got(client.validators(999_999))).isEmpty();
        assertThatThrownBy(() -> client.neurons(-1))
                .isInstanceOf(InvalidArgument.class)
                .hasMessage("block is -1: must be at least 0");
    }

    @Test
    void anotherBlockThanTheOneAskedForIsRefused() throws Exception {
        ScriptedPylon pylon = serving(exchange -> send(exchange, 200, Golden.text("neurons")));

        assertThat(failure(openAccess(pylon).neurons(48)))
                .isInstanceOf(PylonAnswerRefused.class)
                .hasMessage(pylon.uri() + OPEN + "48/neurons: block.number is 47: must be 48, as asked");
    }

    @Test
    void aWrongAnswerIsRefusedAtOnceByAddressFieldAndValue() throws Exception {
        String wrong = Golden.text("neurons").replace("\"total\":8.550692539", "\"total\":-8.5");
        ScriptedPylon pylon = serving(exchange -> send(exchange, 200, wrong));

        assertThat(failure(openAccess(pylon).latestNeurons()))
                .isInstanceOf(PylonAnswerRefused.class)
                .hasMessage(pylon.uri() + OPEN + "latest/neurons: neurons." + Golden.HOTKEYS[3]
                        + ".stakes.total is -8.5: must be a number, finite and at least 0");
        assertThat(pylon.requests()).hasSize(1);
    }

    @Test
    void listsThatAreEqualToThoseBeforeAreTheSame() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        PylonClient client = openAccess(serving(exchange -> {
            String text =
                    Golden.text(exchange.getRequestURI().getPath().endsWith("neurons") ? "neurons" : "validators");
            send(exchange, 200, asked.incrementAndGet() == 4 ? text.replace("8091", "8099") : text);
        }));

        Registered first = got(client.latestNeurons()).value();
        Registered second = got(client.neurons(47)).orElseThrow().value();
        assertThat(second.neurons()).isSameAs(first.neurons());
        assertThat(second.validators()).isSameAs(first.validators());
        assertThat(got(client.latestValidators()).value()).isSameAs(first.validators());

        Registered moved = got(client.latestNeurons()).value();
        assertThat(moved.neurons()).isNotEqualTo(first.neurons());
        assertThat(moved.validators()).isSameAs(first.validators());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "401 | Authorization header is required",
                "403 | Invalid authorization token s3cret-token",
                "404 | Identity 'validator' not found"
            })
    void aTokenThatIsRefusedIsSaidWithWhatToConfigure(int status, String detail) throws Exception {
        ScriptedPylon pylon = serving(exchange -> send(exchange, status, Golden.error(status, detail)));

        assertThat(failure(openAccess(pylon).neurons(47)))
                .isInstanceOf(PylonAccessRefused.class)
                .hasMessageContaining(detail.replace(TOKEN, "***"))
                .hasMessageContaining("configure the token of Pylon's open access");
        assertThat(failure(identity(pylon).neurons(47)))
                .isInstanceOf(PylonAccessRefused.class)
                .hasMessageContaining("configure the name and the token of the identity")
                .hasMessageContaining("(now validator)");
        assertThat(pylon.requests()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504})
    void troubleOfTheServiceIsTriedAgain(int status) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        ScriptedPylon pylon = serving(exchange -> {
            if (asked.incrementAndGet() < PylonRequests.ATTEMPTS) {
                send(exchange, status, Golden.error(status, "Block 47 data is unavailable"));
            } else {
                golden(exchange);
            }
        });

        assertThat(got(openAccess(pylon).neurons(47))).isPresent();
    }

    @Test
    void troubleThatLastsIsToldAfterSomeAttempts() throws Exception {
        ScriptedPylon pylon =
                serving(exchange -> send(exchange, 502, Golden.error(502, "Block 47 data is unavailable")));

        assertThat(failure(openAccess(pylon).neurons(47)))
                .isInstanceOf(PylonUnavailable.class)
                .hasMessage(pylon.uri() + OPEN + "47/neurons answered 502: Block 47 data is unavailable");
        assertThat(pylon.requests()).hasSize(PylonRequests.ATTEMPTS);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 404})
    void aProxysPageIsNotPylon(int status) throws Exception {
        ScriptedPylon pylon = serving(exchange -> send(exchange, status, "<html>Welcome</html>"));

        assertThat(failure(openAccess(pylon).neurons(47)))
                .isInstanceOf(PylonUnavailable.class)
                .hasMessageEndingWith("answered " + status + " with what is not JSON: is this Pylon?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | Not Found | Pylon has no such thing (Not Found)",
                "405 | Method Not Allowed | Pylon has no such thing (Method Not Allowed)",
                "400 | Bad | answered 400: Bad, which Pylon does not"
            })
    void aServiceThatDoesNotKnowTheRequestIsRefused(int status, String detail, String message) throws Exception {
        ScriptedPylon pylon = serving(exchange -> send(exchange, status, Golden.error(status, detail)));

        assertThat(failure(openAccess(pylon).neurons(47)))
                .isInstanceOf(PylonAnswerRefused.class)
                .hasMessageContaining(message);
        assertThat(failure(openAccess(pylon).latestNeurons())).isInstanceOf(PylonAnswerRefused.class);
    }

    @Test
    void aTokenIsNotTakenElsewhere() throws Exception {
        ScriptedPylon elsewhere = serving(PylonClientTest::golden);
        ScriptedPylon pylon = serving(exchange -> {
            exchange.getResponseHeaders().set("Location", elsewhere.uri() + OPEN + "47/neurons");
            send(exchange, 302, "");
        });

        assertThat(failure(openAccess(pylon).neurons(47)))
                .isInstanceOf(PylonAnswerRefused.class)
                .hasMessageContaining("answered 302");
        assertThat(elsewhere.requests()).isEmpty();
    }

    @Test
    void anAnswerThatIsCutOffIsNotUsed() throws Exception {
        ScriptedPylon pylon = serving(exchange -> {
            exchange.sendResponseHeaders(200, 10_000);
            exchange.getResponseBody().write(Golden.text("neurons").getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            exchange.close();
        });

        assertThat(failure(openAccess(pylon).neurons(47)))
                .isInstanceOf(PylonUnavailable.class)
                .hasMessageContaining("can't be had");
    }

    @Test
    void anAnswerThatBeginsAndDoesNotEndIsGivenUp() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        open.add(never::countDown);
        ScriptedPylon pylon = serving(exchange -> {
            exchange.sendResponseHeaders(200, 10_000);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            awaitQuietly(never);
        });

        assertThat(failure(client(pylon.uri(), Optional.empty(), Duration.ofMillis(200))
                        .neurons(47)))
                .isInstanceOf(PylonUnavailable.class)
                .hasMessageEndingWith("did not answer within 200 ms");
    }

    @Test
    void anAnswerThatIsTooLongIsNotReadToItsEnd() throws Exception {
        ScriptedPylon pylon = serving(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] spaces = new byte[1 << 16];
            Arrays.fill(spaces, (byte) ' ');
            try (exchange) {
                for (int i = 0; i < 1 << 10; i++) {
                    exchange.getResponseBody().write(spaces);
                }
            }
        });

        assertThat(failure(openAccess(pylon).neurons(47)))
                .isInstanceOf(PylonUnavailable.class)
                .hasMessageContaining("more than " + PylonRequests.LONGEST_ANSWER_BYTES + " bytes");
    }

    @Test
    void aServiceThatIsNotThereIsUnavailable() throws Exception {
        URI nobody;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }

        assertThat(failure(client(nobody, Optional.empty(), PATIENCE).neurons(47)))
                .isInstanceOf(PylonUnavailable.class)
                .hasMessageContaining(nobody.toString());
    }

    @Test
    void someRequestsAtOnceAndTheOthersInTurn() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        open.add(goOn::countDown);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        PylonClient client = openAccess(serving(exchange -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            awaitQuietly(goOn);
            inside.decrementAndGet();
            golden(exchange);
        }));

        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            answers.add(client.neurons(47));
        }
        await().until(() -> inside.get() == PylonRequests.MOST_AT_ONCE);
        goOn.countDown();
        for (CompletableFuture<?> answer : answers) {
            got(answer);
        }

        assertThat(most).hasValue(PylonRequests.MOST_AT_ONCE);
    }

    @Test
    void moreThanCanWaitAreTurnedAway() {
        Turns turns = new Turns(1, 1);
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<String> underWay = turns.take(() -> first);
        CompletableFuture<String> waiting = turns.take(() -> CompletableFuture.completedFuture("second"));

        assertThat(failure(turns.take(() -> CompletableFuture.completedFuture("third"))))
                .isInstanceOf(PylonUnavailable.class)
                .hasMessageContaining("wait for their turn already");
        assertThat(waiting).isNotDone();
        first.complete("first");
        assertThat(underWay).isCompletedWithValue("first");
        assertThat(waiting).isCompletedWithValue("second");
        assertThat(turns.take(() -> CompletableFuture.completedFuture("fourth")))
                .isCompletedWithValue("fourth");
    }

    @Test
    void aClosedClientAsksNobody() throws Exception {
        ScriptedPylon pylon = serving(PylonClientTest::golden);
        PylonClient client = openAccess(pylon);
        client.close();

        assertThat(failure(client.neurons(47)))
                .isInstanceOf(PylonUnavailable.class)
                .hasMessageContaining("is closed");
        assertThat(pylon.requests()).isEmpty();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            var unused = latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
