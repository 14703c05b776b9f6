package io.quartermaster.node.app.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.Quartermaster;
import io.quartermaster.node.app.web.HttpSettings.Limits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Who is let in, how much of a request is read, and how serving ends. */
@SuppressWarnings("NullAway.Init") // set before all tests, and by JUnit
class ServingTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static Quartermaster grid;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        grid = Quartermaster.simulated();
    }

    @AfterAll
    static void stop() {
        grid.close();
    }

    @Test
    void aTokenAllowsWhatItsScopesSayAndNothingElse() throws Exception {
        Path file = directory.resolve("tokens");
        String read = token(file, "reader", Scope.READ);
        String route = token(file, "router", Scope.ROUTE);
        String both = token(file, "page", Scope.READ, Scope.OPERATE);
        try (ReplicaHttp http = serve(settings().withTokens(file))) {
            assertThat(get(http, "/v1/status", "")).isEqualTo(401);
            assertThat(get(http, "/v1/status", "Basic " + read)).isEqualTo(401);
            assertThat(get(http, "/v1/status", "Bearer " + read + "x")).isEqualTo(401);
            assertThat(get(http, "/v1/status", "Bearer " + read)).isEqualTo(200);
            assertThat(get(http, "/v1/status", "bearer " + both)).isEqualTo(200);
            assertThat(get(http, "/v1/status", "Bearer " + route)).isEqualTo(403);
            assertThat(get(http, "/v1/backup", "Bearer " + read)).isEqualTo(403);
            assertThat(get(http, "/v1/backup", "Bearer " + both)).isEqualTo(200);
            assertThat(get(http, "/livez", "")).isEqualTo(200);
            assertThat(get(http, "/readyz", "")).isEqualTo(200);

            HttpRequest.Builder job = request(http, "/v1/routes")
                    .header("Content-Type", "application/json")
                    .POST(
                            BodyPublishers.ofString(
                                    "{\"job\":\"scoped\",\"executorClass\":\"always_on.test\",\"executionTimeLimitSeconds\":1}"));
            assertThat(problem(job.copy().header("Authorization", "Bearer " + read), 403))
                    .contains("needs the scope route", "the token reader");
            assertThat(CLIENT.send(
                                    job.header("Authorization", "Bearer " + route)
                                            .build(),
                                    BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(201);
        }
    }

    @Test
    void tokensComeAndGoWithoutARestart() throws Exception {
        Path file = directory.resolve("tokens");
        String first = token(file, "first", Scope.READ);
        try (ReplicaHttp http = serve(settings().withTokens(file))) {
            String second = token(file, "second", Scope.READ);
            await().untilAsserted(() ->
                    assertThat(get(http, "/v1/status", "Bearer " + second)).isEqualTo(200));
            Tokens.revoke(file, "first");
            await().untilAsserted(() ->
                    assertThat(get(http, "/v1/status", "Bearer " + first)).isEqualTo(401));
            assertThat(get(http, "/v1/status", "Bearer " + second)).isEqualTo(200);

            Files.writeString(file, "{\"tokens\":");
            assertThat(get(http, "/v1/status", "Bearer " + second)).isEqualTo(200);
            Files.delete(file);
            await().untilAsserted(() ->
                    assertThat(get(http, "/v1/status", "Bearer " + second)).isEqualTo(401));
        }
    }

    @Test
    void aTokenEndsWhenItsTimeIsUp() throws Exception {
        Path file = directory.resolve("tokens");
        Instant past = Instant.now().minusSeconds(60);
        String ended = Tokens.create(file, "ended", Set.of(Scope.READ), past.minusSeconds(60), Optional.of(past));
        token(file, "other", Scope.READ);
        try (ReplicaHttp http = serve(settings().withTokens(file))) {
            assertThat(get(http, "/v1/status", "Bearer " + ended)).isEqualTo(401);
        }
    }

    @Test
    void theFileOfTokensTellsNoTokenAndIsForItsOwnerOnly() throws IOException {
        Path file = directory.resolve("tokens");
        String token = token(file, "reader", Scope.READ);
        assertThat(Files.readString(file)).doesNotContain(token.substring(5));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThatThrownBy(() -> token(file, "reader", Scope.ROUTE)).hasMessageContaining("no other token");
        assertThatThrownBy(() -> Tokens.revoke(file, "nobody")).hasMessageContaining("[reader]");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> serve(settings().withTokens(file)))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void beyondTheLoopbackThereMustBeTokens() {
        assertThatThrownBy(() -> new HttpSettings("0.0.0.0", 0, Optional.empty(), Optional.empty(), Limits.defaults()))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("qm token create");
        Path none = directory.resolve("none");
        assertThatThrownBy(() -> serve(settings().withTokens(none))).hasMessageContaining("can't be read");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBodyThatIsTooLargeIsNotRead(boolean lengthSaid) throws Exception {
        try (ReplicaHttp http = serve(settings().withLimits(new Limits(1_000, 16_384, 10)))) {
            byte[] large = ("{\"job\":\"" + "x".repeat(5_000) + "\"}").getBytes(StandardCharsets.UTF_8);
            BodyPublisher body = lengthSaid
                    ? BodyPublishers.ofByteArray(large)
                    : BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large));
            assertThat(problem(
                            request(http, "/v1/routes")
                                    .header("Content-Type", "application/json")
                                    .POST(body),
                            413))
                    .contains("urn:quartermaster:TooLarge", "1000 bytes");
        }
    }

    @Test
    void headersThatAreTooLargeAreNotRead() throws Exception {
        try (ReplicaHttp http = serve(settings())) {
            assertThat(problem(request(http, "/v1/status").header("X-Long", "x".repeat(20_000)), 431))
                    .contains("urn:quartermaster:HeadersTooLarge");
            assertThat(problem(request(http, "/v1/status?x=" + "x".repeat(20_000)), 431))
                    .contains("urn:quartermaster:HeadersTooLarge");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/status\u0001 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /v1/sta|tus HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /v1/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /v1/../../etc HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /v1/status HTTP/1.1\r\n\r\n",
                "GET /v1/status HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "POST /v1/routes HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
                "NONSENSE\r\n\r\n"
            })
    void whatIsNoHttpIsSaidSoInTheSameForm(String garbage) throws Exception {
        try (ReplicaHttp http = serve(settings());
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(garbage.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer)
                    .startsWith("HTTP/1.1 4")
                    .containsIgnoringCase("content-type: application/problem+json")
                    .contains("urn:quartermaster:")
                    .doesNotContain("<html");
        }
    }

    @Test
    void noMoreAreLetInThanMayBeAtWork() throws Exception {
        try (ReplicaHttp http = serve(settings().withLimits(new Limits(100_000, 16_384, 1)));
                Socket slow = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
            slow.getOutputStream()
                    .write(("POST /v1/routes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: 100\r\n\r\n{")
                            .getBytes(StandardCharsets.US_ASCII));
            slow.getOutputStream().flush();
            await().untilAsserted(() -> assertThat(get(http, "/v1/status", "")).isEqualTo(429));
            assertThat(get(http, "/livez", "")).isEqualTo(200);
            HttpResponse<String> turnedAway =
                    CLIENT.send(request(http, "/v1/status").build(), BodyHandlers.ofString());
            assertThat(turnedAway.headers().firstValue("Retry-After")).hasValue("1");
        }
    }

    @Test
    void aPageOfAnotherSiteIsNotAnswered() throws Exception {
        try (ReplicaHttp http = serve(settings());
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
            assertThat(problem(request(http, "/v1/status").header("Origin", "https://evil.example"), 403))
                    .contains("urn:quartermaster:ForeignOrigin");
            assertThat(CLIENT.send(
                                    request(http, "/v1/status")
                                            .header("Origin", "http://localhost:" + http.port())
                                            .build(),
                                    BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            socket.getOutputStream()
                    .write("GET /v1/status HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 403");
        }
    }

    @Test
    void whatWasBegunIsFinishedBeforeServingEnds() throws Exception {
        ReplicaHttp http = serve(settings());
        String body = "{\"job\":\"last\",\"executorClass\":\"always_on.test\",\"executionTimeLimitSeconds\":1}";
        CountDownLatch closed = new CountDownLatch(1);
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
            slow.getOutputStream()
                    .write(("POST /v1/routes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                    + "Connection: close\r\nContent-Length: " + body.length() + "\r\n\r\n{")
                            .getBytes(StandardCharsets.US_ASCII));
            slow.getOutputStream().flush();
            await().until(() -> http.atWork() == 1);
            Thread closing = new Thread(() -> {
                http.close();
                closed.countDown();
            });
            closing.start();
            await().untilAsserted(() -> assertThat(get(http, "/readyz", "")).isEqualTo(503));
            assertThat(problem(request(http, "/v1/status"), 503)).contains("urn:quartermaster:Closing");
            assertThat(closed.getCount()).isOne();

            slow.getOutputStream().write(body.substring(1).getBytes(StandardCharsets.US_ASCII));
            slow.getOutputStream().flush();
            assertThat(new String(slow.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 201")
                    .contains("\"hotkey\"");
            closing.join(20_000);
            assertThat(closed.getCount()).isZero();
        }
    }

    @Test
    void withACertificateItIsHttps() throws Exception {
        Certificates made = Certificates.make(directory);
        try (ReplicaHttp http = serve(settings().withTls(new HttpSettings.Tls(made.certificate(), made.key())))) {
            assertThat(http.url()).startsWith("https://127.0.0.1:");
            HttpClient trusting =
                    HttpClient.newBuilder().sslContext(made.trusting()).build();
            assertThat(trusting.send(request(http, "/v1/status").build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
        Files.writeString(made.key(), "nonsense");
        assertThatThrownBy(() -> serve(settings().withTls(new HttpSettings.Tls(made.certificate(), made.key()))))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("can't be used");
    }

    private static HttpSettings settings() {
        return HttpSettings.onLoopback(0);
    }

    private static ReplicaHttp serve(HttpSettings settings) {
        return ReplicaHttp.start(grid.replica(), settings);
    }

    private static String token(Path file, String name, Scope... scopes) {
        return Tokens.create(file, name, Set.copyOf(List.of(scopes)), Instant.now(), Optional.empty());
    }

    private static HttpRequest.Builder request(ReplicaHttp http, String path) {
        return HttpRequest.newBuilder(URI.create(http.url() + path)).timeout(Duration.ofSeconds(20));
    }

    private static int get(ReplicaHttp http, String path, String authorization) throws Exception {
        HttpRequest.Builder request = request(http, path);
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return CLIENT.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    private static String problem(HttpRequest.Builder request, int status) throws Exception {
        HttpResponse<String> answer = CLIENT.send(request.build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        JsonNode body = Json.MAPPER.readTree(answer.body());
        assertThat(body.get("status").asInt()).isEqualTo(status);
        return answer.body();
    }
}
