package io.quartermaster.node.app.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quartermaster.node.Quartermaster;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // set before all tests
class EventStreamTest {
    private static final String SEPARATION = "DYNAMIC_ROUTING_RELIABILITY_SEPARATION";
    private static Quartermaster grid;
    private static ReplicaHttp http;

    @BeforeAll
    static void start() {
        grid = Quartermaster.simulated();
        http = ReplicaHttp.start(grid.replica(), 0);
    }

    @AfterAll
    static void stop() {
        http.close();
        grid.close();
    }

    @Test
    void eventsArriveAsTheyHappenAndAReaderGoesOnWhereItLeftOff() throws Exception {
        List<String> values =
                IntStream.rangeClosed(1, 6).mapToObj(i -> i + ".25").toList();
        List<Event> read = new ArrayList<>();
        try (Reader reader = new Reader("")) {
            await().until(() -> reader.open);
            values.subList(0, 3).forEach(EventStreamTest::change);
            await().until(() -> reader.events.size() == 3);
            read.addAll(reader.events);
        }
        values.subList(3, 5).forEach(EventStreamTest::change);
        try (Reader reader = new Reader("Last-Event-ID: " + read.get(2).id() + "\r\n")) {
            await().until(() -> reader.events.size() == 2);
            change(values.get(5));
            await().until(() -> reader.events.size() == 3);
            read.addAll(reader.events);
        }
        assertThat(read.stream().map(Event::data))
                .zipSatisfy(values, (data, value) -> assertThat(data).contains(value));
        assertThat(read.stream().map(Event::id).collect(Collectors.toSet())).hasSize(6);
        assertThat(read).allMatch(event -> event.type().equals("PARAMETER_CHANGED"));
    }

    @Test
    void anIdThatIsNoneIsRefused() throws Exception {
        try (Reader reader = new Reader("Last-Event-ID: nonsense\r\n")) {
            await().until(() -> reader.lines.stream().anyMatch(line -> line.contains("Last-Event-ID is")));
            assertThat(reader.lines.get(0)).startsWith("HTTP/1.1 400");
        }
    }

    private static void change(String value) {
        grid.replica().parameters().set(Map.of(SEPARATION, value), "a test", "");
    }

    private record Event(String id, String type, String data) {}

    /** Reads a stream until it is closed. */
    private static final class Reader implements AutoCloseable {
        private final Socket socket = new Socket(InetAddress.getLoopbackAddress(), http.port());
        private final List<String> lines = new CopyOnWriteArrayList<>();
        private final List<Event> events = new CopyOnWriteArrayList<>();
        private volatile boolean open;

        Reader(String header) throws IOException {
            socket.getOutputStream()
                    .write(("GET /v1/events/stream?type=PARAMETER_CHANGED HTTP/1.1\r\nHost: localhost\r\n" + header
                                    + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            Thread thread = new Thread(() -> read(in), "reader");
            thread.setDaemon(true);
            thread.start();
        }

        private void read(BufferedReader in) {
            String id = "";
            String type = "";
            try {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    lines.add(line);
                    open |= line.startsWith(":");
                    if (line.startsWith("id: ")) {
                        id = line.substring(4);
                    } else if (line.startsWith("event: ")) {
                        type = line.substring(7);
                    } else if (line.startsWith("data: ")) {
                        events.add(new Event(id, type, line.substring(6)));
                    }
                }
            } catch (IOException closed) {
                open = false;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
