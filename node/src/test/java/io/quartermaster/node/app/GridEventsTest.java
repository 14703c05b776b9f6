package io.quartermaster.node.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.TestGrids;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What happened on one replica is known on all of them, and outlives them. */
class GridEventsTest {
    private static final Instant NOW = Instant.parse("2024-01-01T00:00:00Z");
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final long ROOM = 16 << 20;

    private static SystemEvent event(int number) {
        return SystemEvent.of(NOW.plusMillis(number), EventType.BLOCK_REFUSED, "block " + number);
    }

    private static List<String> messages(GridEvents events, int limit) {
        return events.find(EventQuery.newest(limit)).stream()
                .map(SystemEvent::message)
                .toList();
    }

    @Test
    void anEventIsSeenAtOnceHereAndSoonEverywhereNewestFirst() {
        try (TestGrids grids = new TestGrids(3);
                GridEvents first = new GridEvents(grids.grid(0), ROOM);
                GridEvents second = new GridEvents(grids.grid(1), ROOM)) {
            first.record(event(1));
            second.record(event(2));
            assertThat(messages(first, 9)).contains("block 1");
            await().atMost(SOON).until(() -> messages(second, 9).size() == 2);
            first.record(event(3));

            for (GridEvents events : List.of(first, second)) {
                await().atMost(SOON)
                        .untilAsserted(
                                () -> assertThat(messages(events, 9)).containsExactly("block 3", "block 2", "block 1"));
                assertThat(messages(events, 2)).containsExactly("block 3", "block 2");
                assertThat(messages(events, 0)).isEmpty();
                assertThat(events.find(EventQuery.newest(9).ofType(EventType.JOB_ROUTED)))
                        .isEmpty();
                assertThat(events.find(EventQuery.newest(9).between(NOW.plusMillis(2), NOW.plusMillis(3))))
                        .containsExactly(event(2));
            }
        }
    }

    @Test
    void eventsOutliveTheEndOfAllReplicas() {
        try (TestGrids grids = new TestGrids(3)) {
            try (GridEvents events = new GridEvents(grids.grid(1), ROOM)) {
                IntStream.range(0, 1000).mapToObj(GridEventsTest::event).forEach(events::record);
            }
            for (int left = 3; left > 0; left--) {
                grids.leave(0);
            }
            IntStream.range(0, 3).forEach(grids::start);
            TestGrids.awaitServing(grids.grid(2));

            try (GridEvents again = new GridEvents(grids.grid(2), ROOM)) {
                assertThat(messages(again, 2000)).hasSize(1000).startsWith("block 999");
            }
        }
    }

    @Test
    void eventsWaitWhileThereIsNoMajority() {
        try (TestGrids grids = new TestGrids(3);
                GridEvents events = new GridEvents(grids.grid(0), ROOM)) {
            grids.leave(2);
            grids.leave(1);
            await().atMost(SOON).until(() -> grids.grid(0).waitingFor().isPresent());
            events.record(event(1));
            assertThat(messages(events, 9)).containsExactly("block 1");

            grids.start(1);
            try (GridEvents second = new GridEvents(grids.grid(1), ROOM)) {
                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(messages(second, 9)).containsExactly("block 1"));
                assertThat(messages(events, 9)).containsExactly("block 1");
            }
        }
    }

    @Test
    void theOldestAreLetGoWhenThereIsNoRoom() {
        long room = 50_000;
        try (TestGrids grids = new TestGrids(1);
                GridEvents events = new GridEvents(grids.grid(0), room)) {
            int number = 0;
            while (grids.grid(0).records().events().entries().size() < 150 && number < 60_000) {
                for (int i = 0; i < 512; i++) {
                    events.record(event(number++));
                }
                int sent = number;
                await().atMost(SOON).until(() -> newestSent(grids) == sent - 1);
                if (messages(events, 1_000_000).size() < number) {
                    break;
                }
            }

            List<String> left = messages(events, 1_000_000);
            assertThat(left).hasSizeLessThan(number).startsWith("block " + (number - 1));
            assertThat(left).as("without a gap").endsWith("block " + (number - left.size()));
            long bytes = grids.grid(0).records().events().entries().values().stream()
                    .mapToLong(batch -> batch.size())
                    .sum();
            assertThat(bytes).isLessThan(room);
        }
    }

    private static int newestSent(TestGrids grids) {
        return grids.grid(0).records().events().entries().values().stream()
                .mapToInt(batch -> (int) Duration.between(NOW, batch.newest()).toMillis())
                .max()
                .orElse(-1);
    }

    @Test
    void noEventIsLostOrDoubledWhileManyThreadsRecordAndLook() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        CountDownLatch start = new CountDownLatch(1);
        try (TestGrids grids = new TestGrids(1);
                GridEvents events = new GridEvents(grids.grid(0), ROOM)) {
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < 4; writer++) {
                int first = writer * 1000;
                writers.add(threads.submit(() -> {
                    start.await();
                    for (int i = 0; i < 1000; i++) {
                        events.record(event(first + i));
                        assertThat(messages(events, 10_000)).doesNotHaveDuplicates();
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> writer : writers) {
                writer.get();
            }
            assertThat(messages(events, 10_000)).hasSize(4000).doesNotHaveDuplicates();
            await().atMost(SOON).until(() -> newestSent(grids) == 3999);
            assertThat(messages(events, 10_000)).hasSize(4000);
        } finally {
            threads.shutdownNow();
        }
    }
}
