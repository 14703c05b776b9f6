package io.quartermaster.node.app.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quartermaster.node.Quartermaster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // set before all tests
class EventStreamTest {
    private static final String SEPARATION = "DYNAMIC_ROUTING_RELIABILITY_SEPARATION";
    private static final String LAST = "Last-Event-ID";
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
        List<StreamReader.Event> read = new ArrayList<>();
        try (StreamReader reader = reader(Map.of())) {
            await().until(() -> reader.open());
            values.subList(0, 3).forEach(EventStreamTest::change);
            await().until(() -> reader.events().size() == 3);
            read.addAll(reader.events());
        }
        values.subList(3, 5).forEach(EventStreamTest::change);
        try (StreamReader reader = reader(Map.of(LAST, read.get(2).id()))) {
            await().until(() -> reader.events().size() == 2);
            change(values.get(5));
            await().until(() -> reader.events().size() == 3);
            read.addAll(reader.events());
        }
        assertThat(read.stream().map(StreamReader.Event::data))
                .zipSatisfy(values, (data, value) -> assertThat(data).contains(value));
        assertThat(read.stream().map(StreamReader.Event::id).collect(Collectors.toSet()))
                .hasSize(6);
        assertThat(read).allMatch(event -> event.type().equals("PARAMETER_CHANGED"));
    }

    @Test
    void anIdThatIsNoneIsRefused() throws Exception {
        try (StreamReader reader = reader(Map.of(LAST, "nonsense"))) {
            await().until(() -> reader.lines().stream().anyMatch(line -> line.contains("Last-Event-ID is")));
            assertThat(reader.status()).isEqualTo(400);
        }
    }

    private static StreamReader reader(Map<String, String> headers) throws IOException, InterruptedException {
        return new StreamReader(http.port(), "?type=PARAMETER_CHANGED", headers);
    }

    private static void change(String value) {
        grid.replica().parameters().set(Map.of(SEPARATION, value), "a test", "");
    }
}
