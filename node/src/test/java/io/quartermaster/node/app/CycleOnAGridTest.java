package io.quartermaster.node.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.BlacklistEntry;
import io.quartermaster.api.BlacklistReason;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.Refused;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.SimulationSettings.MinerMix;
import io.quartermaster.node.chain.SimulationSettings.Misbehaviour;
import io.quartermaster.node.cycle.SlotBook;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.GridSettings;
import io.quartermaster.node.grid.TestGrids;
import io.quartermaster.node.params.Parameter;
import io.quartermaster.node.routing.RoutingSettings;
import io.quartermaster.node.store.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Routing by cycle with real replicas: in this JVM, on the loopback, with a simulated subnet of 40 miners. */
class CycleOnAGridTest {
    private static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");
    private static final int CALLERS = 64;
    private static final Duration KEPT = Duration.ofSeconds(4);

    @TempDir
    private Path directory;

    private final Instant began = Instant.now();
    private final List<Replica> replicas = new ArrayList<>();
    private List<String> addresses = List.of();

    @AfterEach
    void closeAll() {
        replicas.forEach(Replica::close);
    }

    /** So many replicas; no miner has more than 3 executors of a class. */
    private void startAll(int count, Map<String, String> parameters) {
        addresses = TestGrids.freeAddresses(count);
        ExecutorService starting = Executors.newFixedThreadPool(count);
        try {
            List<Future<Replica>> started = IntStream.range(0, count)
                    .mapToObj(i -> starting.submit(() -> start(i, parameters)))
                    .toList();
            for (Future<Replica> replica : started) {
                replicas.add(replica.get());
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("The replicas do not start", e);
        } finally {
            starting.shutdown();
        }
        await().atMost(Duration.ofMinutes(1)).until(() -> replicas.stream().allMatch(this::canRoute));
    }

    private boolean canRoute(Replica replica) {
        try {
            return replica.routing().dryRun(job("ready", 10)).picked().isPresent();
        } catch (GridUnavailable | Refused notYet) {
            return false;
        }
    }

    private Replica start(int index, Map<String, String> parameters) {
        SimulationSettings subnet = SimulationSettings.defaults()
                .withSeed(5)
                .withParticipants(40, 2)
                .withStart(began)
                .withTrouble(Misbehaviour.none(), MinerMix.reliable());
        Map<String, String> given = new HashMap<>(parameters);
        given.put(
                Parameter.MINER_MAX_EXECUTORS_PER_CLASS.key(),
                subnet.executorClasses().stream()
                        .map(executorClass -> executorClass + "=3")
                        .collect(Collectors.joining(",")));
        given.put(Parameter.ALLOW_CROSS_CYCLE_ORGANIC_JOBS.key(), "true");
        GridSettings grid = GridSettings.of(
                        "cycle",
                        index + 1,
                        "127.0.0.1",
                        Integer.parseInt(addresses.get(index).split(":", 2)[1]),
                        addresses)
                .withSecret("cycle")
                .withDirectory(directory.resolve("replica-" + index), Durability.REPLICATED);
        return Replica.start(
                new SimulatedSubnet(subnet, began),
                ReplicaSettings.defaults()
                        .withGrid(grid)
                        .withParams(given)
                        .withRouting(RoutingSettings.defaults().withRouter(RoutingSettings.By.CYCLE)));
    }

    private static OrganicJobRequest job(String id, int seconds) {
        return OrganicJobRequest.of(new JobId(id), GPU, seconds);
    }

    /** An executor that was given to a job: at least from the answer until the time for which it is kept is over. */
    private record Given(Hotkey miner, long fromMillis, long untilMillis) {}

    @Test
    void noMinerIsEverFilledAboveItsExecutorsByCallersOnAllReplicas() throws Exception {
        startAll(
                3,
                Map.of(Parameter.ROUTING_PRELIMINARY_RESERVATION_TIME_SECONDS.key(), Long.toString(KEPT.toSeconds())));
        ConcurrentLinkedQueue<Given> given = new ConcurrentLinkedQueue<>();
        AtomicInteger refused = new AtomicInteger();
        long end = System.nanoTime() + Duration.ofSeconds(7).toNanos();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        List<Future<?>> calls = new ArrayList<>();
        for (int caller = 0; caller < CALLERS; caller++) {
            int number = caller;
            Replica replica = replicas.get(caller % 3);
            calls.add(callers.submit(() -> {
                for (int i = 0; System.nanoTime() < end; i++) {
                    try {
                        JobRoute route = replica.routing().pickMinerForJobRequest(job("job-" + number + "-" + i, 10));
                        given.add(new Given(
                                route.miner().hotkey(),
                                replica.nowMillis(),
                                route.deadline().orElseThrow().toEpochMilli()));
                    } catch (Refused full) {
                        refused.incrementAndGet();
                    } catch (GridUnavailable | OutcomeUnknown untold) {
                        // One replica leaves meanwhile.
                    }
                }
            }));
        }
        // The one that leaves has given slots that the others must not give again.
        await().atMost(Duration.ofSeconds(20)).until(() -> given.size() > 40);
        replicas.remove(2).close();
        for (Future<?> call : calls) {
            call.get();
        }
        callers.shutdown();

        Map<Hotkey, Integer> executors = replicas.get(0).allowance().manifests().stream()
                .filter(manifest -> manifest.executorClass().equals(GPU))
                .collect(Collectors.toMap(Manifest::miner, Manifest::executors));
        given.forEach(one -> assertThat(given.stream()
                        .filter(other -> other.miner().equals(one.miner())
                                && other.fromMillis() <= one.fromMillis()
                                && other.untilMillis() > one.fromMillis())
                        .count())
                .as("jobs with %s at %d", one.miner(), one.fromMillis())
                .isLessThanOrEqualTo(executors.getOrDefault(one.miner(), 0)));
        assertThat(refused).as("all were full at times").hasPositiveValue();
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(replicas.get(0).slots())
                        .isEqualTo(replicas.get(1).slots()));
    }

    @Test
    void whatIsAcceptedAndWhoIsBlacklistedOutlivesAllReplicas() throws Exception {
        startAll(1, Map.of());
        Replica first = replicas.get(0);
        JobRoute route = first.routing().pickMinerForJobRequest(job("job-1", 600));
        Hotkey miner = route.miner().hotkey();
        Instant now = Instant.ofEpochMilli(first.nowMillis());
        first.take(new SignedReceipt(
                new Receipt.Accepted(
                        new JobId("job-1"), miner, first.status().validator(), now, now, Duration.ofMinutes(10)),
                "0x",
                "0x"));
        first.blacklist().add(miner, BlacklistReason.MANUAL, "it is moved", Optional.empty());
        SlotBook before = first.slots().getOrDefault(miner, SlotBook.FRESH);
        replicas.remove(first);
        first.close();

        replicas.add(start(0, Map.of()));
        Replica again = replicas.get(0);
        await().atMost(Duration.ofMinutes(1)).until(() -> canRoute(again));

        assertThat(again.slots()).containsEntry(miner, before);
        assertThat(before.usedNanos()).isEqualTo(600_000_000_000L);
        assertThat(again.blacklist().entries())
                .extracting(BlacklistEntry::miner)
                .containsExactly(miner);
        assertThat(again.routing()
                        .pickMinerForJobRequest(job("job-2", 10))
                        .miner()
                        .hotkey())
                .isNotEqualTo(miner);
    }

    @Test
    void aMinerThatFailsAJobGetsNoneForTheConfiguredTime() throws Exception {
        startAll(1, Map.of(Parameter.JOB_FAILURE_BLACKLIST_TIME_SECONDS.key(), "3600"));
        Replica replica = replicas.get(0);
        Hotkey miner = replica.routing()
                .pickMinerForJobRequest(job("job-1", 10))
                .miner()
                .hotkey();

        replica.routing().reportMinerIncident(MinerIncidentType.MINER_JOB_REJECTED, miner, new JobId("job-0"), GPU);
        assertThat(replica.blacklist().entries())
                .as("to decline is not to fail")
                .isEmpty();
        replica.routing().reportMinerIncident(MinerIncidentType.MINER_JOB_FAILED, miner, new JobId("job-1"), GPU);
        replica.routing().reportMinerIncident(MinerIncidentType.MINER_JOB_FAILED, miner, new JobId("job-1"), GPU);

        BlacklistEntry entry = replica.blacklist().entries().get(0);
        assertThat(entry.reason()).isEqualTo(BlacklistReason.JOB_FAILED);
        assertThat(entry.until()).contains(entry.since().plus(Duration.ofHours(1)));
        assertThat(replica.events(EventQuery.newest(10).ofType(EventType.MINER_BLACKLISTED)))
                .extracting(SystemEvent::message)
                .containsExactly("miner " + miner + " gets no jobs until "
                        + entry.until().orElseThrow() + " (JOB_FAILED: job job-1: MINER_JOB_FAILED)");

        assertThat(replica.blacklist().remove(miner, Optional.of(BlacklistReason.MANUAL)))
                .isEmpty();
        assertThat(replica.blacklist().remove(miner, Optional.empty())).containsExactly(entry);
        assertThat(replica.blacklist().entries()).isEmpty();
        assertThat(replica.events(EventQuery.newest(10).ofType(EventType.BLACKLISTING_REMOVED)))
                .hasSize(1);
        assertThatExceptionOfType(InvalidArgument.class)
                .isThrownBy(
                        () -> replica.blacklist().add(miner, BlacklistReason.MANUAL, "", Optional.of(Duration.ZERO)));
    }
}
