package io.quartermaster.node.app;

import static io.quartermaster.node.app.QuietChain.GPU;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.Refused;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.RouteAnswer;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.grid.GridSettings;
import io.quartermaster.node.grid.TestGrids;
import io.quartermaster.node.store.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Routing by allowance on three replicas in this JVM. */
class RoutingOnReplicasTest {
    private static final int CALLERS = 64;
    private static final int ROUNDS = Integer.getInteger("quartermaster.routing.rounds", 6);
    private static final Duration SOON = Duration.ofSeconds(40);

    /** A busy machine may lose its majority for a while. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private final Map<Integer, Replica> replicas = new ConcurrentHashMap<>();
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();
    private final String name = "routing-" + UUID.randomUUID();
    private final List<String> addresses = TestGrids.freeAddresses(3);

    /** Forty miners with one to three executors each. */
    private void start(int id) {
        Map<String, Integer> miners = new TreeMap<>();
        IntStream.range(0, 40).forEach(i -> miners.put("miner-%02d".formatted(i), 1 + i % 3));
        GridSettings grid = GridSettings.of(
                        name,
                        id,
                        "127.0.0.1",
                        Integer.parseInt(addresses.get(id - 1).split(":", 2)[1]),
                        addresses)
                .withSecret("secret of " + name)
                .withDirectory(directory.resolve("replica-" + id), Durability.REPLICATED);
        replicas.put(
                id,
                Replica.start(
                        new QuietChain(miners, 200),
                        ReplicaSettings.defaults()
                                .withGrid(grid)
                                .withParams(Map.of("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "0"))));
    }

    private Replica replica(int id) {
        return Objects.requireNonNull(replicas.get(id));
    }

    private void startAll() {
        IntStream.rangeClosed(1, 3).forEach(this::start);
        IntStream.rangeClosed(1, 3).forEach(this::awaitRouting);
    }

    private void awaitRouting(int id) {
        await().atMost(SOON)
                .until(() -> replica(id).ready()
                        && replica(id).allowance().manifests().size() == 40
                        && replica(id).status().block() == QuietChain.FIRST_BLOCK + 199);
    }

    @AfterEach
    void close() {
        replicas.values().forEach(Replica::close);
    }

    private static OrganicJobRequest job(String id) {
        return OrganicJobRequest.of(new JobId(id), GPU, 20);
    }

    @Test
    void aDecisionAndAnIncidentAreKnownOnEveryReplicaAndAfterAllWereStartedAnew() {
        startAll();
        replica(1).routing().pickMinerForJobRequest(job("job-1"));
        RoutingDecision decision =
                replica(1).routing().explain(new JobId("job-1")).orElseThrow();
        for (int id = 2; id <= 3; id++) {
            Replica other = replica(id);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(other.routing().explain(new JobId("job-1")))
                            .hasValueSatisfying(told -> {
                                assertThat(told.candidates()).isEqualTo(decision.candidates());
                                assertThat(told.inWords()).hasSameSizeAs(decision.inWords());
                            }));
        }

        Hotkey next = replica(1).routing().dryRun(job("job-2")).picked().orElseThrow();
        replica(1).routing().reportMinerIncident(MinerIncidentType.MINER_JOB_FAILED, next, new JobId("job-0"), GPU);
        replicas.values().forEach(replica -> await().untilAsserted(() -> expectNot(next, replica)));

        replicas.values().forEach(Replica::close);
        replicas.clear();
        startAll();
        expectNot(next, replica(3));
        assertThat(replica(2).routing().explain(new JobId("job-1"))).hasValueSatisfying(told -> {
            assertThat(told.picked()).isEqualTo(decision.picked());
            assertThat(told.candidates()).isEqualTo(decision.candidates());
            assertThat(told.verdicts()).isEqualTo(decision.verdicts());
        });
    }

    private static void expectNot(Hotkey unreliable, Replica replica) {
        assertThat(replica.routing().dryRun(job("job-2")).picked()).isPresent().isNotEqualTo(Optional.of(unreliable));
    }

    /** 64 callers on all replicas, one of which is closed and started anew in between; some route several jobs at once. */
    @Test
    void noMinerIsFilledAboveItsExecutorsAndNoBlockBookedTwiceWhileAReplicaIsLost() throws Exception {
        startAll();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        CountDownLatch halfWay = new CountDownLatch(CALLERS * ROUNDS / 3);
        Set<String> ever = ConcurrentHashMap.newKeySet();
        List<Future<?>> running = new ArrayList<>();
        for (int caller = 0; caller < CALLERS; caller++) {
            int number = caller;
            running.add(callers.submit(() -> {
                for (int round = 0; round < ROUNDS; round++) {
                    String id = "job-" + number + "-" + round;
                    for (JobRoute route : routed(number, id)) {
                        // A block that was spent is never in another route.
                        for (long block : route.allowanceBlocks()) {
                            assertThat(ever.add(route.miner().hotkey() + "/" + block))
                                    .as("block %d of %s", block, route.miner().hotkey())
                                    .isTrue();
                        }
                        spend(route);
                    }
                    halfWay.countDown();
                }
                return null;
            }));
        }
        halfWay.await();
        Replica lost = replica(3);
        replicas.remove(3);
        lost.close();
        checkExecutors();
        start(3);
        for (Future<?> one : running) {
            one.get();
        }
        callers.shutdown();
        awaitRouting(3);
        checkExecutors();
        assertThat(ever).as("routes beside %s", failures).isNotEmpty();
    }

    /** One job, or for every fourth caller three at once; a job that the grid did not answer for is asked for again. */
    private List<JobRoute> routed(int caller, String id) {
        List<OrganicJobRequest> jobs =
                caller % 4 == 0 ? List.of(job(id + "-a"), job(id + "-b"), job(id + "-c")) : List.of(job(id));
        List<JobRoute> routes = new ArrayList<>();
        for (long end = System.nanoTime() + PATIENCE.toNanos(); System.nanoTime() < end && !jobs.isEmpty(); ) {
            List<OrganicJobRequest> again = new ArrayList<>();
            List<RouteAnswer> answers = anyReplica().routing().pickMinersForJobRequests(jobs);
            for (int i = 0; i < jobs.size(); i++) {
                RouteAnswer answer = answers.get(i);
                answer.route().ifPresent(routes::add);
                answer.failure()
                        .ifPresent(failure -> failures.merge(failure.getClass().getSimpleName(), 1, Integer::sum));
                if (answer.failure()
                        .filter(failure -> failure instanceof GridUnavailable || failure instanceof OutcomeUnknown)
                        .isPresent()) {
                    again.add(jobs.get(i));
                }
            }
            jobs = again;
        }
        checkExecutors();
        return routes;
    }

    private Replica anyReplica() {
        List<Replica> there = List.copyOf(replicas.values());
        return there.get(ThreadLocalRandom.current().nextInt(there.size()));
    }

    private void spend(JobRoute route) {
        for (long end = System.nanoTime() + PATIENCE.toNanos(); System.nanoTime() < end; ) {
            try {
                anyReplica().allowance().spendAllowance(route.reservation().orElseThrow());
                return;
            } catch (Refused settled) {
                return;
            } catch (GridUnavailable | OutcomeUnknown again) {
                assertThat(again).isNotNull();
            }
        }
    }

    private void checkExecutors() {
        for (Replica replica : replicas.values()) {
            Map<Hotkey, List<Reservation>> held =
                    replica.allowance().reservations().stream().collect(Collectors.groupingBy(Reservation::miner));
            held.forEach((miner, reservations) -> {
                int executors = 1 + Integer.parseInt(miner.value().substring("miner-".length())) % 3;
                assertThat(reservations).hasSizeLessThanOrEqualTo(executors);
                Set<Long> blocks = new HashSet<>();
                reservations.forEach(made -> made.blocks()
                        .forEach(block -> assertThat(blocks.add(block))
                                .as("block %d of %s", block, miner)
                                .isTrue()));
            });
        }
    }
}
