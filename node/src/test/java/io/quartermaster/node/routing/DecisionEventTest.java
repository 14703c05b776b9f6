package io.quartermaster.node.routing;

import static io.quartermaster.node.routing.SmallSubnet.GPU;
import static io.quartermaster.node.routing.SmallSubnet.NOW;
import static io.quartermaster.node.routing.SmallSubnet.job;
import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.ReservationId;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.api.RoutingDecision.Candidate;
import io.quartermaster.api.RoutingDecision.Verdict;
import io.quartermaster.node.events.EventBatch;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.manifest.ExecutorClasses;
import io.quartermaster.node.params.DynamicParameters;
import java.io.IOException;
import java.math.BigInteger;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DecisionEventTest {
    private static <T> Optional<T> perhaps(Random random, T value) {
        return random.nextBoolean() ? Optional.of(value) : Optional.empty();
    }

    private static Candidate candidate(Random random, int number) {
        Verdict[] verdicts = Verdict.values();
        return new Candidate(
                new Hotkey("5Miner%042d".formatted(number)),
                verdicts[random.nextInt(verdicts.length)],
                random.nextDouble() * 1e6,
                -random.nextDouble() * Math.pow(10, random.nextInt(12)),
                perhaps(random, random.nextDouble()),
                random.nextInt(30_000),
                perhaps(random, random.nextInt(30_000)),
                perhaps(random, new BigInteger(80, random)));
    }

    private static RoutingDecision decision(Random random, int candidates) {
        Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
        for (Verdict verdict : Verdict.values()) {
            if (random.nextBoolean()) {
                verdicts.put(verdict, random.nextInt(10_000));
            }
        }
        boolean picked = random.nextBoolean();
        return new RoutingDecision(
                new JobId("job-" + random.nextInt(99)),
                NOW.plusMillis(random.nextInt(99_999)),
                GPU,
                random.nextInt(9_999_999),
                random.nextInt(3600),
                new BigInteger(70, random),
                random.nextBoolean() ? "allowance" : "weighted",
                IntStream.range(0, candidates)
                        .mapToObj(i -> candidate(random, i))
                        .toList(),
                random.nextInt(10_000),
                verdicts,
                picked ? Optional.of(new Hotkey("anna")) : Optional.empty(),
                perhaps(random, new ReservationId(1L + random.nextInt(99))),
                picked ? Optional.empty() : Optional.of("NotEnoughAllowance: No miner has 60.0 s; a=b c"));
    }

    @Property(tries = 300)
    void aDecisionIsReadWholeFromItsEventHoweverManyItLists(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        RoutingDecision decision = decision(random, random.nextInt(Deliberation.MOST_LISTED + 1));

        EventBatch stored = EventBatch.read(
                EventBatch.ofFirst(List.of(DecisionEvent.of(decision))).bytes());

        assertThat(DecisionEvent.read(stored.events().get(0))).contains(decision);
    }

    @Test
    void anEventThatIsNoDecisionOrOfAnEarlierVersionTellsNone() {
        assertThat(DecisionEvent.read(SystemEvent.of(NOW, EventType.BLOCK_REFUSED, "block 7")))
                .isEmpty();
        assertThat(DecisionEvent.read(SystemEvent.of(NOW, EventType.JOB_ROUTED, "job 7")))
                .isEmpty();
        SystemEvent event = DecisionEvent.of(decision(new Random(1), 3));
        Map<String, String> later = new LinkedHashMap<>(event.fields());
        later.put("candidates", "anna SNORES available=1.0 score=0.0 executors=1");
        assertThat(DecisionEvent.read(new SystemEvent(NOW, event.type(), later, "")))
                .isEmpty();
    }

    @Test
    void ofTenThousandMinersAFewAreListedAndTheOthersCounted() {
        SmallSubnet subnet = new SmallSubnet();
        IntStream.range(0, 5_000)
                .forEach(i -> subnet.busyByReceipts(subnet.miner("5Miner%042d".formatted(i), 100, 1), 1));
        IntStream.range(5_000, 10_000).forEach(i -> subnet.miner("5Miner%042d".formatted(i), 100, 1));
        subnet.router().route(job("job-1", 60));

        SystemEvent event = subnet.newestEvent();
        assertThat(event.fields().values()).allMatch(text -> text.length() < 8_000);
        RoutingDecision decision = DecisionEvent.read(event).orElseThrow();
        assertThat(decision).isEqualTo(subnet.decision("job-1"));
        assertThat(decision.candidatesFound()).isEqualTo(10_000);
        assertThat(decision.verdicts())
                .containsOnly(
                        Map.entry(Verdict.PICKED, 1),
                        Map.entry(Verdict.BUSY, 5_000),
                        Map.entry(Verdict.NOT_NEEDED, 4_999));
        assertThat(decision.candidates()).anyMatch(candidate -> candidate.verdict() == Verdict.PICKED);
        assertThat(decision.inWords())
                .hasSize(Deliberation.MOST_LISTED + 2)
                .endsWith("  and 9968 more that are not listed: 4999 ranked after the one picked, 4969 busy");
    }

    @Test
    void oneDecisionReadsTheParametersOnce() {
        SmallSubnet subnet = new SmallSubnet();
        Hotkey anna = subnet.miner("anna", 100, 1);
        subnet.collateral(anna, 5);
        AtomicInteger reads = new AtomicInteger();
        RouterPorts ports = subnet.ports();
        RouterPorts changing = new RouterPorts(
                ports.finder(),
                ports.booking(),
                ports.miners(),
                ports.incidents(),
                ports.collateral(),
                ports.ongoingJobs(),
                () -> {
                    // Each set is consistent; a mixture of two would ask for collateral that is not there.
                    boolean strict = reads.getAndIncrement() % 2 == 1;
                    return DynamicParameters.defaults()
                            .with(Map.of(
                                    "DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", strict ? "9" : "0",
                                    "DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING", strict ? "true" : "false"));
                },
                ports.events(),
                ports.clock(),
                ports.random());
        AllowanceRouter router =
                new AllowanceRouter(changing, RoutingSettings.defaults(), ExecutorClasses.defaults(), subnet.decisions);

        RoutingDecision lenient = router.dryRun(job("job-1", 60));
        assertThat(reads).hasValue(1);
        assertThat(lenient.rule() + " " + lenient.minimumCollateralWei()).isEqualTo("unchecked 0");
        RoutingDecision strict = router.dryRun(job("job-1", 60));
        assertThat(reads).hasValue(2);
        assertThat(strict.rule() + " " + strict.minimumCollateralWei()).isEqualTo("allowance 9");
    }
}
