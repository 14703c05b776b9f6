package io.quartermaster.node.routing;

import static io.quartermaster.node.routing.SmallSubnet.GPU;
import static io.quartermaster.node.routing.SmallSubnet.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.NotEnoughAllowance;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.manifest.ExecutorClasses;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RoutingServiceTest {
    private final SmallSubnet subnet = new SmallSubnet();
    private final Hotkey anna = subnet.miner("anna", 100, 2);
    private final Queue<Runnable> waiting = new ArrayDeque<>();

    @Test
    void aJobIsRoutedAndExplained() {
        RoutingService routing = service(Runnable::run);

        assertThat(routing.pickMinerForJobRequest(job("job-1", 60)).miner().hotkey())
                .isEqualTo(anna);
        assertThat(routing.explain(new JobId("job-1")))
                .hasValueSatisfying(why -> assertThat(why.picked()).contains(anna));
        assertThat(routing.explain(new JobId("job-2"))).isEmpty();
    }

    @Test
    void anIncidentLowersTheMinersRankAndIsAnEventOnce() {
        Hotkey bert = subnet.miner("bert", 100, 2);
        RoutingService routing = service(Runnable::run);
        for (int i = 0; i < 3; i++) {
            routing.reportMinerIncident(MinerIncidentType.MINER_HORDE_FAILED, anna, new JobId("job-0"), GPU);
        }

        assertThat(routing.pickMinerForJobRequest(job("job-1", 60)).miner().hotkey())
                .isEqualTo(bert);
        assertThat(subnet.candidate("job-1", anna).score()).isEqualTo(-0.5);
        assertThat(subnet.events.find(EventQuery.newest(9).ofType(EventType.MINER_INCIDENT)))
                .singleElement()
                .satisfies(event -> assertThat(event.fields())
                        .containsEntry("miner", "anna")
                        .containsEntry("job", "job-0")
                        .containsEntry("incident", "MINER_HORDE_FAILED"));
    }

    @Test
    void anIncidentOfAClassThatIsNotKnownIsRefused() {
        assertThatExceptionOfType(InvalidArgument.class)
                .isThrownBy(() -> service(Runnable::run)
                        .reportMinerIncident(
                                MinerIncidentType.MINER_JOB_FAILED,
                                anna,
                                new JobId("job-0"),
                                new ExecutorClass("always_on.toaster")));
    }

    @Test
    void theAsyncViewDoesNotWait() throws Exception {
        RoutingService routing = service(waiting::add);
        var route = routing.async().pickMinerForJobRequest(job("job-1", 60)).toCompletableFuture();
        CompletableFuture<Void> reported = routing.async()
                .reportMinerIncident(MinerIncidentType.MINER_JOB_FAILED, anna, new JobId("job-1"), GPU)
                .toCompletableFuture();
        assertThat(route).isNotDone();
        assertThat(reported).isNotDone();

        while (!waiting.isEmpty()) {
            waiting.remove().run();
        }

        assertThat(route.get().miner().hotkey()).isEqualTo(anna);
        assertThat(reported).isCompleted();
    }

    @Test
    void aStageFailsWithWhatTheBlockingCallThrows() {
        AtomicReference<Throwable> seen = new AtomicReference<>(new AssertionError("nothing was thrown"));
        service(Runnable::run).async().pickMinerForJobRequest(job("job-1", 900)).whenComplete((route, failure) -> {
            seen.set(Objects.requireNonNull(failure));
        });

        assertThat(seen.get()).isInstanceOf(NotEnoughAllowance.class);
    }

    @Test
    void aReplicaThatTakesNoMoreCallsSaysSo() {
        RoutingService closing = service(call -> {
            throw new RejectedExecutionException("closed");
        });

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> closing.async()
                        .pickMinerForJobRequest(job("job-1", 60))
                        .toCompletableFuture()
                        .get())
                .withCauseInstanceOf(GridUnavailable.class);
    }

    private RoutingService service(Executor executor) {
        return new RoutingService(
                subnet.router(), subnet.ports(), ExecutorClasses.defaults(), subnet.events::find, executor);
    }
}
