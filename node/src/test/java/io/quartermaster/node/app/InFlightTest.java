package io.quartermaster.node.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.CallId;
import io.quartermaster.api.GridUnavailable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InFlightTest {
    private final InFlight inFlight = new InFlight(() -> new CallId("call"));

    @Test
    void thousandsAreSentButNeverMoreAtOnceThanAreAnsweredInTime() throws InterruptedException {
        AtomicInteger open = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger answered = new AtomicInteger();
        ExecutorService grid = Executors.newFixedThreadPool(4);

        for (int i = 0; i < 10_000; i++) {
            inFlight.send(() -> {
                most.accumulateAndGet(open.incrementAndGet(), Math::max);
                return CompletableFuture.runAsync(
                        () -> {
                            answered.incrementAndGet();
                            open.decrementAndGet();
                        },
                        grid);
            });
        }
        inFlight.await();

        assertThat(answered).hasValue(10_000);
        assertThat(most).hasValueLessThanOrEqualTo(InFlight.MOST);
        grid.shutdown();
        assertThat(grid.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void asManyAreOnTheirWayTogetherAsThereIsRoomFor() {
        CountDownLatch all = new CountDownLatch(InFlight.MOST);
        ExecutorService grid = Executors.newSingleThreadExecutor();
        CompletableFuture<Void> answer = CompletableFuture.runAsync(
                () -> {
                    try {
                        assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                grid);

        for (int i = 0; i < InFlight.MOST; i++) {
            inFlight.send(() -> {
                all.countDown();
                return answer;
            });
        }
        inFlight.await();

        grid.shutdown();
        assertThat(answer).isCompleted();
    }

    @Test
    void whatFailsIsToldAndStopsWhatWouldComeAfterIt() {
        List<Integer> sent = new ArrayList<>();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1_000; i++) {
                        int number = i;
                        inFlight.send(() -> {
                            sent.add(number);
                            return number == 7
                                    ? CompletableFuture.failedFuture(new GridUnavailable("no majority"))
                                    : CompletableFuture.completedFuture(number);
                        });
                    }
                })
                .isInstanceOf(GridUnavailable.class)
                .hasMessageContaining("no majority");
        assertThat(sent).hasSize(InFlight.MOST + 7 + 1).endsWith(7);
    }

    @Test
    void oneThatFailsOnceIsSentAgainAlone() {
        AtomicInteger sent = new AtomicInteger();
        for (int i = 0; i < 1_000; i++) {
            int number = i;
            AtomicInteger attempts = new AtomicInteger();
            inFlight.send(() -> {
                sent.incrementAndGet();
                return number % 100 == 7 && attempts.incrementAndGet() == 1
                        ? CompletableFuture.failedFuture(new GridUnavailable("a replica has gone"))
                        : CompletableFuture.completedFuture(number);
            });
        }
        inFlight.await();

        assertThat(sent).hasValue(1_010);
    }
}
