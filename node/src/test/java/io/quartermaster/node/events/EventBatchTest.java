package io.quartermaster.node.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventBatchTest {
    private static final Hotkey ANNA = new Hotkey("anna");
    private static final Hotkey BERT = new Hotkey("bert");
    private static final Instant NOW = Instant.parse("2024-01-01T00:00:00.123456Z");

    private static SystemEvent routed(int number) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put(SystemEvent.JOB, "job-" + number);
        fields.put(SystemEvent.MINER, BERT.value());
        fields.put("score", "-0.5");
        return new SystemEvent(NOW.plusSeconds(number), EventType.JOB_ROUTED, fields, "job " + number + " -> bert");
    }

    @Test
    void aBatchIsReadBackAsItWas() throws Exception {
        List<SystemEvent> events =
                IntStream.range(0, 100).mapToObj(EventBatchTest::routed).toList();
        EventBatch batch = EventBatch.ofFirst(events);
        EventBatch read = EventBatch.read(batch.bytes());

        assertThat(read.events()).isEqualTo(events);
        assertThat(read).isEqualTo(batch);
        assertThat(read.count()).isEqualTo(100);
        assertThat(read.newest()).isEqualTo(Instant.parse("2024-01-01T00:01:39.123Z"));
        assertThat(batch.size()).as("bytes for 100 events").isLessThan(100 * 30);
    }

    @Test
    void whatWasWrittenOnceIsReadForEver() throws Exception {
        String written = "eAFjYGDsORT4I5mBy8vfKT7IPzTE1YWBNys/ScFQQddOISm1qISZ"
                + "gRnIZ2AFErqGDKy5mXmpRQwsIBkG1uLk/KJUBhZdAz1TAPSsE5k=";

        assertThat(EventBatch.read(Base64.getDecoder().decode(written)).events())
                .containsExactly(routed(1));
    }

    @Test
    void aBatchTakesAsManyAsThereIsRoomForAndCutsWhatNobodyReads() {
        List<SystemEvent> many =
                IntStream.range(0, 1000).mapToObj(EventBatchTest::routed).toList();
        String novel = "word ".repeat(4_000);
        List<SystemEvent> large = IntStream.range(0, 200)
                .mapToObj(i -> new SystemEvent(NOW, EventType.JOB_NOT_ROUTED, novels(novel, 30), novel))
                .toList();

        assertThat(EventBatch.ofFirst(many).events()).isEqualTo(many.subList(0, EventBatch.MOST_EVENTS));
        EventBatch some = EventBatch.ofFirst(large);
        assertThat(some.count()).isBetween(1, 20);
        assertThat(some.events().get(0).message()).isEqualTo(novel.substring(0, 8_000) + "...");
    }

    private static Map<String, String> novels(String novel, int many) {
        Map<String, String> fields = new LinkedHashMap<>();
        IntStream.range(0, many).forEach(i -> fields.put("novel-" + i, novel));
        return fields;
    }

    @Test
    void whatIsNoBatchIsRefused() {
        byte[] good = EventBatch.ofFirst(List.of(routed(1))).bytes();
        byte[] cut = Arrays.copyOf(good, good.length / 2);

        assertThatThrownBy(() -> EventBatch.read(new byte[0])).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> EventBatch.read(new byte[] {1, 2, 3})).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> EventBatch.read(cut)).isInstanceOf(IOException.class);
    }

    @Test
    void eventsAreFoundByTypeMinerJobAndTime() {
        List<SystemEvent> events = new ArrayList<>();
        events.add(SystemEvent.ofMiner(NOW, EventType.MANIFEST_TIMEOUT, ANNA, "anna slept"));
        events.add(SystemEvent.ofMiner(NOW.plusSeconds(60), EventType.MANIFEST_DROP, ANNA, "anna shrank"));
        events.add(routed(120));

        assertThat(messages(events, EventQuery.newest(9).ofType(EventType.MANIFEST_DROP)))
                .containsExactly("anna shrank");
        assertThat(messages(events, EventQuery.newest(9).of(ANNA))).containsExactly("anna slept", "anna shrank");
        assertThat(messages(events, EventQuery.newest(9).of(new JobId("job-120"))))
                .containsExactly("job 120 -> bert");
        assertThat(messages(events, EventQuery.newest(9).of(ANNA).ofType(EventType.JOB_ROUTED)))
                .isEmpty();
        Instant second = events.get(1).time();
        assertThat(messages(events, EventQuery.newest(9).between(second, second.plusSeconds(60))))
                .as("the first instant counts, the last does not")
                .containsExactly("anna shrank");
        assertThatExceptionOfType(InvalidArgument.class).isThrownBy(() -> EventQuery.newest(-1));
    }

    private static List<String> messages(List<SystemEvent> events, EventQuery query) {
        return events.stream().filter(query::matches).map(SystemEvent::message).toList();
    }

    @Test
    void fieldsKeepTheirOrderAndDoNotChange() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("z", "1");
        fields.put("a", "2");
        SystemEvent event = new SystemEvent(NOW, EventType.JOB_ROUTED, fields, "text");
        fields.clear();

        assertThat(event.fields()).containsExactly(Map.entry("z", "1"), Map.entry("a", "2"));
        assertThat(event.inWords()).containsExactly("2024-01-01T00:00:00.123Z text", "  z: 1", "  a: 2");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> event.fields().clear());
    }
}
