package io.quartermaster.node.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.node.events.RecentEvents.Query;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecentEventsTest {
    private static final Hotkey ANNA = new Hotkey("anna");
    private static final Hotkey BERT = new Hotkey("bert");
    private static final Instant NOW = Instant.parse("2024-01-01T00:00:00Z");

    private final RecentEvents events = new RecentEvents(3);

    @Test
    void theNewestEventsAreKeptNewestFirst() {
        for (int i = 1; i <= 5; i++) {
            events.record(SystemEvent.of(NOW, EventType.BLOCK_REFUSED, "block " + i));
        }

        assertThat(messages(Query.newest(10))).containsExactly("block 5", "block 4", "block 3");
        assertThat(messages(Query.newest(2))).containsExactly("block 5", "block 4");
        assertThat(messages(Query.newest(0))).isEmpty();
    }

    @Test
    void eventsAreFoundByTypeMinerAndJob() {
        events.record(SystemEvent.ofMiner(NOW, EventType.MANIFEST_TIMEOUT, ANNA, "anna slept"));
        events.record(SystemEvent.ofMiner(NOW, EventType.MANIFEST_DROP, ANNA, "anna shrank"));
        events.record(new SystemEvent(
                NOW,
                EventType.JOB_ROUTED,
                Map.of(SystemEvent.MINER, BERT.value(), SystemEvent.JOB, "job-1"),
                "job-1 went to bert"));

        assertThat(messages(Query.newest(9).ofType(EventType.MANIFEST_DROP))).containsExactly("anna shrank");
        assertThat(messages(Query.newest(9).of(ANNA))).containsExactly("anna shrank", "anna slept");
        assertThat(messages(Query.newest(9).of(new JobId("job-1")))).containsExactly("job-1 went to bert");
        assertThat(messages(Query.newest(9).of(ANNA).ofType(EventType.JOB_ROUTED)))
                .isEmpty();
    }

    @Test
    void fieldsKeepTheirOrderAndDoNotChange() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("z", "1");
        fields.put("a", "2");
        SystemEvent event = new SystemEvent(NOW, EventType.JOB_ROUTED, fields, "text");
        fields.clear();

        assertThat(event.fields()).containsExactly(Map.entry("z", "1"), Map.entry("a", "2"));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> event.fields().clear());
    }

    @Test
    void aLogThatKeepsNothingIsRefused() {
        assertThatExceptionOfType(InvalidArgument.class).isThrownBy(() -> new RecentEvents(0));
    }

    @Test
    void noEventIsLostWhenManyThreadsRecord() throws Exception {
        RecentEvents large = new RecentEvents(10_000);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        CountDownLatch start = new CountDownLatch(1);
        try {
            List<Future<?>> writers = IntStream.range(0, 4)
                    .<Future<?>>mapToObj(writer -> threads.submit(() -> {
                        start.await();
                        for (int i = 0; i < 1000; i++) {
                            large.record(SystemEvent.of(NOW, EventType.REPLICA_JOINED, "x"));
                            large.find(Query.newest(1));
                        }
                        return null;
                    }))
                    .toList();
            start.countDown();
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(large.find(Query.newest(10_000))).hasSize(4000);
    }

    private List<String> messages(Query query) {
        return events.find(query).stream().map(SystemEvent::message).toList();
    }
}
