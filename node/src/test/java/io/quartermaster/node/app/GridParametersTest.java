package io.quartermaster.node.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.grid.TestGrids;
import io.quartermaster.node.params.ParameterChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One set of parameters for the whole grid. */
class GridParametersTest {
    private static final String WINDOW = "DYNAMIC_ROUTING_RELIABILITY_WINDOW_HOURS";
    private static final String INTERVAL = "DYNAMIC_RECEIPT_TRANSFER_INTERVAL";
    private static final String CHECK = "DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING";

    private final ConcurrentLinkedQueue<SystemEvent> events = new ConcurrentLinkedQueue<>();

    private GridParameters parameters(Grid grid, Map<String, String> given) {
        return new GridParameters(grid, "replica", given, events::add);
    }

    private GridParameters parameters(Grid grid) {
        return parameters(grid, Map.of());
    }

    @Test
    void whatIsSetHoldsOnAllReplicasAndSaysWhoAndWhy() {
        try (TestGrids grids = new TestGrids(3)) {
            GridParameters first = parameters(grids.grid(0));
            GridParameters third = parameters(grids.grid(2));

            List<ParameterChange> changes =
                    first.set(Map.of(WINDOW, "48", CHECK, "false"), "anna", "miners were moved");

            assertThat(changes)
                    .extracting(ParameterChange::parameter, ParameterChange::from, ParameterChange::to)
                    .containsExactlyInAnyOrder(tuple(CHECK, "true", "false"), tuple(WINDOW, "24.0", "48.0"));
            await().until(() -> !third.current().checkAllowanceWhileRouting());
            assertThat(third.current().routingReliabilityWindow()).isEqualTo(Duration.ofDays(2));
            assertThat(third.history()).containsExactlyElementsOf(reversed(changes));
            assertThat(third.history()).allMatch(change -> change.who().equals("anna"));
            assertThat(events)
                    .extracting(SystemEvent::type)
                    .containsExactly(EventType.PARAMETER_CHANGED, EventType.PARAMETER_CHANGED);
            assertThat(events)
                    .anySatisfy(event -> assertThat(event.message())
                            .isEqualTo("anna changed " + WINDOW + " from 24.0 to 48.0: miners were moved"));
        }
    }

    private static List<ParameterChange> reversed(List<ParameterChange> changes) {
        List<ParameterChange> reversed = new ArrayList<>(changes);
        Collections.reverse(reversed);
        return reversed;
    }

    @Test
    void whatIsNotRightChangesNothing() {
        try (TestGrids grids = new TestGrids(1)) {
            GridParameters parameters = parameters(grids.grid(0));

            assertThatThrownBy(() -> parameters.set(Map.of(WINDOW, "48", INTERVAL, "often"), "anna", ""))
                    .isInstanceOf(InvalidArgument.class)
                    .hasMessageContaining(INTERVAL)
                    .hasMessageContaining("often")
                    .hasMessageContaining("a whole number from 1 to 86400");
            assertThatThrownBy(() -> parameters.set(Map.of("DYNAMIC_WEATHER", "fine"), "anna", ""))
                    .isInstanceOf(InvalidArgument.class)
                    .hasMessageContaining("DYNAMIC_WEATHER");
            assertThatThrownBy(() -> parameters.set(Map.of(WINDOW, "48"), " ", ""))
                    .isInstanceOf(InvalidArgument.class)
                    .hasMessageContaining("who");
            assertThat(parameters.history()).isEmpty();
            assertThat(parameters.set(Map.of(WINDOW, "24"), "anna", ""))
                    .as("it was so already")
                    .isEmpty();
        }
    }

    @Test
    void theFirstReplicaOfANewGridEntersWhatItWasGivenAndLaterOnesDoNot() {
        try (TestGrids grids = new TestGrids(3)) {
            GridParameters first = parameters(grids.grid(0), Map.of(INTERVAL, "5", WINDOW, "24.0"));
            assertThat(first.current().receiptTransferIntervalSeconds()).isEqualTo(5);
            first.enter();
            GridParameters second = parameters(grids.grid(1));
            await().until(() -> second.current().receiptTransferIntervalSeconds() == 5);
            GridParameters third = parameters(grids.grid(2), Map.of(INTERVAL, "7"));
            await().until(() -> grids.grid(2).records().parameters().get("all").isPresent());
            third.enter();

            assertThat(third.current().receiptTransferIntervalSeconds()).isEqualTo(5);
            assertThat(third.history())
                    .as("a value that is the default anyway is no change")
                    .singleElement()
                    .satisfies(change -> assertThat(change.why()).isEqualTo("given at the first start"));
        }
    }

    @Test
    void whatIsSetBeforeTheFirstEntryKeepsWhatWasGiven() {
        try (TestGrids grids = new TestGrids(1)) {
            GridParameters parameters = parameters(grids.grid(0), Map.of(INTERVAL, "5"));
            parameters.set(Map.of(WINDOW, "1"), "anna", "");

            assertThat(parameters.current().receiptTransferIntervalSeconds()).isEqualTo(5);
            assertThat(parameters.current().routingReliabilityWindow()).isEqualTo(Duration.ofHours(1));
        }
    }

    @Test
    void parametersOutliveTheEndOfAllReplicas() {
        try (TestGrids grids = new TestGrids(3)) {
            parameters(grids.grid(1)).set(Map.of(INTERVAL, "9"), "anna", "");
            for (int left = 3; left > 0; left--) {
                grids.leave(0);
            }
            IntStream.range(0, 3).forEach(grids::start);
            TestGrids.awaitServing(grids.grid(2));

            GridParameters again = parameters(grids.grid(2), Map.of(INTERVAL, "3"));
            again.enter();
            assertThat(again.current().receiptTransferIntervalSeconds()).isEqualTo(9);
        }
    }

    @Test
    void whatSeveralSetAtOnceAllCounts() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try (TestGrids grids = new TestGrids(3)) {
            List<String> names = List.of(WINDOW, INTERVAL, "DYNAMIC_EXECUTOR_RESERVATION_TIME_LIMIT");
            List<Future<?>> setting = new ArrayList<>();
            for (int replica = 0; replica < 3; replica++) {
                GridParameters parameters = parameters(grids.grid(replica));
                String name = names.get(replica);
                setting.add(threads.submit(() -> {
                    for (int value = 1; value <= 20; value++) {
                        parameters.set(Map.of(name, Integer.toString(value + 100)), "anna", "");
                    }
                }));
            }
            for (Future<?> one : setting) {
                one.get();
            }

            GridParameters parameters = parameters(grids.grid(0));
            await().until(() -> parameters.history().size() == 60);
            for (String name : names) {
                List<String> values = reversed(parameters.history()).stream()
                        .filter(change -> change.parameter().equals(name))
                        .map(change -> change.to().replace(".0", ""))
                        .toList();
                assertThat(values)
                        .as(name)
                        .isEqualTo(IntStream.rangeClosed(101, 120)
                                .mapToObj(Integer::toString)
                                .toList());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void withoutAMajorityNothingIsSet() {
        try (TestGrids grids = new TestGrids(3)) {
            grids.leave(2);
            grids.leave(1);
            await().until(() -> grids.grid(0)
                    .waitingFor()
                    .filter(what -> what.startsWith("a majority"))
                    .isPresent());
            GridParameters parameters = parameters(grids.grid(0));

            assertThatThrownBy(() -> parameters.set(Map.of(INTERVAL, "9"), "anna", ""))
                    .isInstanceOf(GridUnavailable.class);
            assertThat(parameters.current().receiptTransferIntervalSeconds()).isEqualTo(2);
        }
    }
}
