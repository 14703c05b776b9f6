package io.quartermaster.node.app.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quartermaster.node.Quartermaster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Readers of events that hear nothing, that fall behind, and that do not read. */
@SuppressWarnings("NullAway.Init") // set before all tests
class EventStreamPaceTest {
    private static final String SEPARATION = "DYNAMIC_ROUTING_RELIABILITY_SEPARATION";
    private static final String CHANGES = "?type=PARAMETER_CHANGED";

    /** Of whose events each takes more than a reader gets at once. */
    private static final String WORDY = "because ".repeat(120);

    private static final Pattern NUMBER = Pattern.compile("\"to\":\"(\\d+)\\.25\"");
    private static final int MOST_KEPT = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static Quartermaster grid;

    @BeforeAll
    static void start() {
        grid = Quartermaster.simulated();
    }

    @AfterAll
    static void stop() {
        grid.close();
    }

    private static ReplicaHttp serve(int bytesALook, int mostKept) {
        return ReplicaHttp.start(
                grid.replica(),
                HttpSettings.onLoopback(0),
                new StreamPace(Duration.ofMillis(50), bytesALook, mostKept, Duration.ofMillis(150), PATIENCE));
    }

    @Test
    void whileNothingHappensThereAreComments() throws Exception {
        try (ReplicaHttp http = serve(1 << 20, 10_000);
                StreamReader reader = new StreamReader(http.port(), CHANGES, Map.of())) {
            await().until(() ->
                    reader.lines().stream().filter(line -> line.startsWith(":")).count() >= 4);
            assertThat(reader.events()).isEmpty();
        }
    }

    @Test
    void aReaderThatFallsBehindIsToldHowManyEventsItHasMissed() throws Exception {
        int changes = 1_000;
        try (ReplicaHttp http = serve(10_000, MOST_KEPT);
                StreamReader reader = new StreamReader(http.port(), CHANGES, Map.of())) {
            await().until(reader::open);
            for (int i = 1; i <= changes; i++) {
                change(i);
            }
            await().until(() -> reader.events().stream().anyMatch(event -> number(event) == changes));
            Map<Boolean, List<StreamReader.Event>> byLeftOut = reader.events().stream()
                    .collect(Collectors.partitioningBy(event -> event.type().equals("left-out")));
            List<StreamReader.Event> read = byLeftOut.getOrDefault(false, List.of());
            List<StreamReader.Event> leftOut = byLeftOut.getOrDefault(true, List.of());
            assertThat(leftOut).isNotEmpty();
            // Events of other types are among those left out.
            assertThat(read.size()
                            + leftOut.stream()
                                    .mapToInt(EventStreamPaceTest::count)
                                    .sum())
                    .isGreaterThanOrEqualTo(changes);
            assertThat(read.stream().map(EventStreamPaceTest::number))
                    .isSorted()
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void aReaderThatTakesNothingIsDroppedAndHoldsUpNobody() throws Exception {
        try (ReplicaHttp http = serve(64 << 20, 10_000);
                StreamReader reader = new StreamReader(http.port(), CHANGES, Map.of());
                Socket lazy = connectWithoutReading(http.port())) {
            await().until(() -> reader.open() && http.eventReaders() == 2);
            int changes = 0;
            long began = System.nanoTime();
            while (http.eventReaders() == 2) {
                changes++;
                change(changes);
                assertThat(System.nanoTime() - began)
                        .isLessThan(Duration.ofSeconds(60).toNanos());
            }
            int all = changes;
            await().until(() -> reader.events().size() == all);
            assertThat(http.eventReaders()).isEqualTo(1);
            // The connection was closed with what the server still had for it: no last chunk says that this is all.
            String taken = new String(lazy.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(taken).startsWith("HTTP/1.1 200").doesNotEndWith("\r\n0\r\n\r\n");
        }
    }

    /** As someone does who asked for a stream and then was busy with something else. */
    private static Socket connectWithoutReading(int port) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4_096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.getOutputStream()
                .write(("GET /v1/events/stream" + CHANGES + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static int count(StreamReader.Event leftOut) {
        return Integer.parseInt(leftOut.data().replaceAll("\\D", ""));
    }

    /** Which change an event tells of; 0 for none. */
    private static int number(StreamReader.Event event) {
        Matcher number = NUMBER.matcher(event.data());
        return number.find() ? Integer.parseInt(number.group(1)) : 0;
    }

    private static void change(int number) {
        grid.replica().parameters().set(Map.of(SEPARATION, number + ".25"), "a test", WORDY);
    }
}
