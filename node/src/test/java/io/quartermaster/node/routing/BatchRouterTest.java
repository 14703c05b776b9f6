package io.quartermaster.node.routing;

import static io.quartermaster.node.routing.SmallSubnet.LLM;
import static io.quartermaster.node.routing.SmallSubnet.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quartermaster.api.AllMinersBusy;
import io.quartermaster.api.CallId;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.RouteAnswer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class BatchRouterTest {
    private final SmallSubnet subnet = new SmallSubnet();

    private List<String> answers(List<OrganicJobRequest> jobs) {
        return new BatchRouter(subnet.router())
                .route(jobs).stream().map(BatchRouterTest::inWords).toList();
    }

    private static String inWords(RouteAnswer answer) {
        return answer.job() + " "
                + answer.route()
                        .map(SmallSubnet::minerOf)
                        .orElseGet(
                                () -> answer.failure().orElseThrow().getClass().getSimpleName());
    }

    @Test
    void eachJobIsAnsweredInTheOrderOfTheListAndARefusalHindersNoOther() {
        subnet.miner("anna", 100, 2);
        assertThat(answers(List.of(job("a", 900), job("b", 0), job("c", 30), job("d", 40))))
                .containsExactly("a NotEnoughAllowance", "b InvalidArgument", "c anna", "d anna");
        assertThat(answers(List.of())).isEmpty();
    }

    /** The order of the list would give the only miner that can pay for the long job to a short one. */
    @Test
    void aJobThatFewMinersCanTakeIsNotStarvedByThoseThatManyCan() {
        subnet.miner("rich", 1000, 1);
        subnet.miner("poor-1", 60, 1);
        subnet.miner("poor-2", 60, 1);

        assertThat(answers(List.of(job("short-1", 50), job("short-2", 50), job("long", 900))))
                .containsExactly("short-1 poor-1", "short-2 poor-2", "long rich");
    }

    @Test
    void classesTakeTurnsLongestJobsFirst() {
        List<OrganicJobRequest> jobs = List.of(
                job("g1", 10),
                job("g2", 30),
                job("g3", 20),
                OrganicJobRequest.of(new JobId("l1"), LLM, 5),
                OrganicJobRequest.of(new JobId("l2"), LLM, 6));

        assertThat(FairOrder.of(jobs).stream().map(request -> request.job().value()))
                .containsExactly("g2", "l2", "g3", "l1", "g1");
    }

    /** Of nested sets of miners the greedy order leaves nobody out who could have been placed. */
    @Property(tries = 300)
    void noMinerIsOverfilledAndAsManyJobsArePlacedAsThereIsRoomFor(@ForAll long seed) {
        SmallSubnet world = new SmallSubnet();
        Random random = new Random(seed);
        List<Integer> limits = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            int seconds = 1 + random.nextInt(50);
            limits.add(seconds);
            world.miner("miner-" + i, seconds, 1);
        }
        List<OrganicJobRequest> jobs = new ArrayList<>();
        for (int i = random.nextInt(8); i >= 0; i--) {
            jobs.add(job("job-" + i, 1 + random.nextInt(50)));
        }

        List<RouteAnswer> answers = new BatchRouter(world.router()).route(jobs);

        Map<String, Integer> filled = new HashMap<>();
        answers.forEach(
                answer -> answer.route().ifPresent(route -> filled.merge(SmallSubnet.minerOf(route), 1, Integer::sum)));
        assertThat(filled.values()).allMatch(count -> count == 1);
        assertThat(filled).hasSize(mostThatFit(jobs, limits));
    }

    /** Shortest jobs to poorest miners: the most pairs that there can be. */
    private static int mostThatFit(List<OrganicJobRequest> jobs, List<Integer> limits) {
        List<Double> needs =
                jobs.stream().map(OrganicJobRequest::requiredSeconds).sorted().toList();
        List<Integer> ascending = new ArrayList<>(limits);
        Collections.sort(ascending);
        int placed = 0;
        for (int limit : ascending) {
            if (placed < needs.size() && needs.get(placed) <= limit) {
                placed++;
            }
        }
        return placed;
    }

    @Test
    void onceTheGridDoesNotAnswerTheOthersAreNotTried() {
        subnet.miner("anna", 100, 9);
        CallId call = new CallId("lost");
        subnet.beforeReserve(() -> {
            throw new OutcomeUnknown(call, new IllegalStateException("lost on the way"));
        });

        List<RouteAnswer> answers = new BatchRouter(subnet.router()).route(List.of(job("a", 20), job("b", 10)));

        assertThat(answers.get(0).failure()).containsInstanceOf(OutcomeUnknown.class);
        assertThat(answers.get(1).failure())
                .containsInstanceOf(GridUnavailable.class)
                .hasValueSatisfying(failure -> assertThat(failure).hasMessageStartingWith("Not tried"));
        assertThat(subnet.reserveCalls).hasSize(1);
    }

    @Test
    void aRepeatedCallGetsTheSameRoutes() {
        subnet.miner("anna", 100, 1);
        BatchRouter router = new BatchRouter(subnet.router());
        List<OrganicJobRequest> jobs = List.of(job("a", 20), job("b", 10));

        List<RouteAnswer> first = router.route(jobs);
        List<RouteAnswer> again = router.route(jobs);

        assertThat(again.get(0).route()).isEqualTo(first.get(0).route()).isPresent();
        assertThat(again.get(1).failure()).containsInstanceOf(AllMinersBusy.class);
    }

    @Test
    void tooManyJobsAndTheSameJobTwiceAreRefusedWhole() {
        BatchRouter router = new BatchRouter(subnet.router());
        subnet.miner("anna", 100_000, 1000);

        assertThatExceptionOfType(InvalidArgument.class)
                .isThrownBy(() -> router.route(IntStream.range(0, 257)
                        .mapToObj(i -> job("job-" + i, 1))
                        .toList()))
                .withMessageContaining("at most 256");
        assertThatExceptionOfType(InvalidArgument.class)
                .isThrownBy(() -> router.route(List.of(job("a", 1), job("a", 1))))
                .withMessageContaining("in the list once");
        assertThat(subnet.reserveCalls).isEmpty();
    }
}
