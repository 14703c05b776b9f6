package io.quartermaster.node.routing;

import static io.quartermaster.node.routing.SmallSubnet.BLOCK;
import static io.quartermaster.node.routing.SmallSubnet.GPU;
import static io.quartermaster.node.routing.SmallSubnet.LLM;
import static io.quartermaster.node.routing.SmallSubnet.NOW;
import static io.quartermaster.node.routing.SmallSubnet.job;
import static io.quartermaster.node.routing.SmallSubnet.minerOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quartermaster.api.AllMinersBusy;
import io.quartermaster.api.BlacklistEntry;
import io.quartermaster.api.BlacklistReason;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobIdReused;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.Miner;
import io.quartermaster.api.NoMinerForExecutorType;
import io.quartermaster.api.NoMinerWithEnoughAllowance;
import io.quartermaster.api.NotEnoughCollateral;
import io.quartermaster.api.NotEnoughTimeInCycle;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.node.collateral.CollateralUnavailable;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The reference of routing by cycle, sentence by sentence: the classes are its headings, the numbers those of its steps. */
class CycleRouterTest {
    private static final String CHECK_ALLOWANCE = "DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING";
    private static final String CROSS_CYCLE = "DYNAMIC_ALLOW_CROSS_CYCLE_ORGANIC_JOBS";
    private static final String MINIMUM_COLLATERAL = "DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI";
    private static final String KEEP = "DYNAMIC_ROUTING_PRELIMINARY_RESERVATION_TIME_SECONDS";

    private final SmallCycle cycle = new SmallCycle();

    private String routed(String id, int seconds) {
        return minerOf(cycle.router().route(job(id, seconds)));
    }

    private void blacklist(Hotkey miner, BlacklistReason reason, Optional<Duration> lasting) {
        cycle.blacklist.put(new BlacklistEntry(miner, reason, "", NOW, lasting.map(NOW::plus)));
    }

    @Nested
    class IntendedFlow {
        @Test
        void step1TheProcessStartsWithAnOrganicJobRequest() {
            cycle.miner("anna", 100, 1);

            assertThat(cycle.router().route(job("job-1", false, 10, 20, 30)).jobValueSeconds())
                    .as("what it has to pay for: download, execution and upload")
                    .isEqualTo(60);
        }

        @Test
        void step2_1MinersThatHavePublishedAManifestWithinTheLast4Hours() {
            Hotkey old = cycle.miner("anna", 200, 1);
            cycle.miner("bert", 100, 1);
            cycle.firstFresh(900);
            cycle.manifest(old, 899);
            assertThat(routed("job-1", 60)).isEqualTo("bert");

            cycle.manifest(old, 900);
            assertThat(routed("job-2", 60)).isEqualTo("anna");
        }

        @Test
        void step2_1ForTheRequiredExecutorClass() {
            cycle.miner("anna", 100, 1);
            cycle.miner("none", 100, 0);

            assertThatExceptionOfType(NoMinerForExecutorType.class)
                    .isThrownBy(() -> cycle.router().route(OrganicJobRequest.of(new JobId("job-1"), LLM, 60)))
                    .satisfies(refusal -> assertThat(refusal.executorClass()).isEqualTo(LLM));
            assertThat(routed("job-2", 60)).isEqualTo("anna");
        }

        @Test
        void step2_1AndAreNotBlacklisted() {
            Hotkey anna = cycle.miner("anna", 200, 1);
            cycle.miner("bert", 100, 1);
            blacklist(anna, BlacklistReason.MANUAL, Optional.empty());

            assertThat(routed("job-1", 60)).isEqualTo("bert");
            assertThat(cycle.subnet.verdicts("job-1")).containsExactly("bert PICKED", "anna BLACKLISTED");
        }

        @Test
        void aBlacklistingThatIsOverIsNone() {
            Hotkey anna = cycle.miner("anna", 200, 1);
            blacklist(anna, BlacklistReason.JOB_FAILED, Optional.of(Duration.ofHours(4)));
            assertThatExceptionOfType(NoMinerForExecutorType.class)
                    .isThrownBy(() -> routed("job-1", 60))
                    .satisfies(refusal -> assertThat(refusal.blacklisted()).isEqualTo(1));

            cycle.subnet.advance(Duration.ofHours(4));

            assertThat(routed("job-2", 60)).isEqualTo("anna");
        }

        @Test
        void ofSeveralReasonsOneThatHoldsIsEnough() {
            Hotkey anna = cycle.miner("anna", 200, 1);
            blacklist(anna, BlacklistReason.JOB_FAILED, Optional.of(Duration.ofSeconds(1)));
            blacklist(anna, BlacklistReason.MANUAL, Optional.empty());
            cycle.subnet.advance(Duration.ofHours(4));

            assertThatExceptionOfType(NoMinerForExecutorType.class).isThrownBy(() -> routed("job-1", 60));

            cycle.blacklist.forget(new BlacklistEntry(anna, BlacklistReason.MANUAL, "", NOW, Optional.empty()));
            assertThat(routed("job-2", 60)).isEqualTo("anna");
        }

        @Test
        void step2_2MinersWhoDoNotMeetTheMinimumCollateralAreLeftOut() {
            cycle.subnet.set(MINIMUM_COLLATERAL, "1000");
            Hotkey anna = cycle.miner("anna", 200, 1);
            Hotkey bert = cycle.miner("bert", 100, 1);
            cycle.collateral(anna, 999);
            cycle.collateral(bert, 1000);
            cycle.use(bert, 10);

            assertThat(routed("job-1", 60)).isEqualTo("bert");
            assertThat(cycle.subnet.verdicts("job-1")).containsExactly("bert PICKED", "anna COLLATERAL_TOO_LOW");
        }

        @Test
        void ifNobodyMeetsItTheJobIsRefusedEvenIfNobodyHasAllowanceEither() {
            cycle.subnet.set(MINIMUM_COLLATERAL, "1000");
            cycle.miner("anna", 1, 1);

            assertThatExceptionOfType(NotEnoughCollateral.class)
                    .isThrownBy(() -> routed("job-1", 60))
                    .satisfies(refusal -> assertThat(refusal.minersFiltered()).isEqualTo(1));
        }

        @Test
        void ifCollateralCannotBeToldJobsGoOnWithoutIt() {
            cycle.subnet.set(MINIMUM_COLLATERAL, "1000");
            cycle.miner("anna", 100, 1);
            cycle.miner("bert", 100, 1);
            cycle.subnet.collateralBook(miner -> {
                throw new CollateralUnavailable("the node does not answer");
            });

            assertThat(routed("job-1", 60)).isEqualTo("anna");
            assertThat(cycle.subnet.events.find(EventQuery.newest(9).ofType(EventType.COLLATERAL_UNAVAILABLE)))
                    .hasSize(1);
        }

        @Test
        void step2_3MinersWhoDoNotHaveEnoughRemainingAllowanceAreLeftOut() {
            Hotkey anna = cycle.miner("anna", 1000, 1);
            cycle.miner("bert", 61, 1);
            cycle.use(anna, 945);

            assertThat(routed("job-1", 60)).isEqualTo("bert");
        }

        @Test
        void ifNobodyHasEnoughTheJobIsRefusedWithTheMostThatIsLeft() {
            Hotkey anna = cycle.miner("anna", 1000, 1);
            cycle.miner("bert", 60, 1);
            cycle.use(anna, 945);

            assertThatExceptionOfType(NoMinerWithEnoughAllowance.class)
                    .isThrownBy(() -> routed("job-1", 60))
                    .satisfies(refusal -> {
                        assertThat(refusal.requiredSeconds()).isEqualTo(60);
                        assertThat(refusal.highestRemainingSeconds()).isEqualTo(60);
                    });
            assertThat(cycle.subnet.verdicts("job-1"))
                    .containsExactly("bert ALLOWANCE_TOO_LOW", "anna ALLOWANCE_TOO_LOW");
        }

        @Test
        void theRemainingAllowanceIsReducedWhenAJobIsAcceptedNotBefore() {
            Hotkey anna = cycle.miner("anna", 100, 9);
            routed("job-1", 40);
            assertThat(cycle.order.bestFirst(GPU).iterator().next().left().part())
                    .isEqualTo(1);

            cycle.accepted(anna, "job-1");

            assertThat(cycle.order.bestFirst(GPU).iterator().next().left().part())
                    .isEqualTo(0.6);
        }

        @Test
        void whatAJobMayStillTakeIsNotGivenToAnotherMeanwhile() {
            cycle.miner("anna", 100, 9);
            routed("job-1", 60);

            assertThatExceptionOfType(AllMinersBusy.class).isThrownBy(() -> routed("job-2", 60));
            assertThat(cycle.subnet.verdicts("job-2")).containsExactly("anna ALLOWANCE_GONE");
        }

        /** 5160 s are left; a job needs 5 s of leeway, 7 to be reserved, 5 to start, 3 to spin up, and its own time. */
        @Test
        void step2_4ThereMustBeTimeRemainingInTheCycleForTheJobToComplete() {
            cycle.miner("anna", 9000, 9);
            cycle.subnet.set("DYNAMIC_ORGANIC_JOB_ALLOWED_LEEWAY_TIME", "1605");
            assertThat(routed("job-1", 3540)).isEqualTo("anna");

            assertThatExceptionOfType(NotEnoughTimeInCycle.class)
                    .isThrownBy(() -> routed("job-2", 3541))
                    .satisfies(refusal -> {
                        assertThat(refusal.remainingSeconds()).isEqualTo(5160);
                        assertThat(refusal.requiredSeconds()).isEqualTo(5161);
                    });
        }

        @Test
        void thePartsOfTheTimeThatAJobNeedsAreParameters() {
            cycle.miner("anna", 9000, 9);
            cycle.subnet.set("DYNAMIC_ORGANIC_JOB_ALLOWED_LEEWAY_TIME", "3600");
            cycle.subnet.set("DYNAMIC_EXECUTOR_RESERVATION_TIME_LIMIT", "1500");
            cycle.subnet.set("DYNAMIC_EXECUTOR_STARTUP_TIME_LIMIT", "57");
            assertThatExceptionOfType(NotEnoughTimeInCycle.class)
                    .isThrownBy(() -> routed("job-1", 1))
                    .satisfies(refusal -> assertThat(refusal.requiredSeconds()).isEqualTo(5161));

            cycle.subnet.set("DYNAMIC_EXECUTOR_STARTUP_TIME_LIMIT", "56");
            assertThat(routed("job-1", 1)).isEqualTo("anna");
        }

        @Test
        void step2_5TheHighestPercentageOfRemainingAllowanceIsPreferred() {
            Hotkey rich = cycle.miner("anna", 10_000, 1);
            Hotkey poor = cycle.miner("bert", 1000, 1);
            cycle.use(rich, 2000);
            cycle.use(poor, 100);

            assertThat(routed("job-1", 60)).isEqualTo("bert");
            assertThat(cycle.subnet.candidate("job-1", poor).score()).isEqualTo(0.9);
            assertThat(cycle.subnet.candidate("job-1", rich).score()).isEqualTo(0.8);
        }

        @Test
        void step2_5TheTotalCollateralServesAsATieBreaker() {
            cycle.collateral(cycle.miner("anna", 100, 1), 5);
            cycle.collateral(cycle.miner("bert", 500, 1), 7);

            assertThat(routed("job-1", 60)).isEqualTo("bert");
        }

        @Test
        void step3AMinerWhoseOngoingJobsFillItsOnlineExecutorsIsPassedOver() {
            Hotkey anna = cycle.miner("anna", 100, 2);
            Hotkey bert = cycle.miner("bert", 100, 2);
            cycle.subnet.busyByReceipts(anna, 2);
            cycle.subnet.busyByReceipts(bert, 1);

            assertThat(routed("job-1", 60)).isEqualTo("bert");
            assertThat(cycle.holdCalls).containsExactly(bert);
            assertThat(cycle.subnet.verdicts("job-1")).containsExactly("anna BUSY", "bert PICKED");
        }

        @Test
        void ifAllAreFullTheJobIsRefused() {
            cycle.subnet.busyByReceipts(cycle.miner("anna", 100, 1), 1);

            assertThatExceptionOfType(AllMinersBusy.class)
                    .isThrownBy(() -> routed("job-1", 60))
                    .satisfies(refusal -> assertThat(refusal.minersTried()).isEqualTo(1));
        }

        @Test
        void step4APreliminaryReservationIsCreatedForTheJob() {
            Hotkey anna = cycle.miner("anna", 100, 1);
            cycle.subnet.set(KEEP, "2.5");

            routed("job-1", 60);

            assertThat(cycle.book(anna).jobs())
                    .hasEntrySatisfying(
                            new JobId("job-1"),
                            kept -> assertThat(kept.deadlineMillis())
                                    .isEqualTo(NOW.plusMillis(2500).toEpochMilli()));
        }

        @Test
        void step4ItIsTemporaryAndPreventsTheSameMinerFromBeingPickedForAnotherJob() {
            cycle.miner("anna", 200, 1);
            cycle.miner("bert", 100, 1);
            assertThat(routed("job-1", 60)).isEqualTo("anna");
            assertThat(routed("job-2", 60)).isEqualTo("bert");
            assertThatExceptionOfType(AllMinersBusy.class).isThrownBy(() -> routed("job-3", 60));

            cycle.subnet.advance(Duration.ofSeconds(10));

            assertThat(routed("job-3", 60)).isEqualTo("anna");
        }

        @Test
        void aSlotThatAnotherReplicaTakesMeanwhileIsNotTakenTwice() {
            cycle.miner("anna", 200, 1);
            cycle.miner("bert", 100, 1);
            boolean[] raced = new boolean[1];
            cycle.beforeHold(() -> {
                if (!raced[0]) {
                    raced[0] = true;
                    assertThat(routed("of-another", 60)).isEqualTo("anna");
                }
            });

            assertThat(routed("job-1", 60)).isEqualTo("bert");
            assertThat(cycle.subnet.verdicts("job-1")).containsExactly("anna BUSY", "bert PICKED");
        }

        @Test
        void step5TheSelectedMinerIsReturned() {
            cycle.miner("anna", 100, 1);

            assertThat(cycle.router().route(job("job-1", 60)))
                    .isEqualTo(new JobRoute(
                            new JobId("job-1"),
                            new Miner(new Hotkey("anna"), "10.0.0.1", 8000, 4, Optional.empty()),
                            List.of(),
                            Optional.empty(),
                            Optional.of(NOW.plusSeconds(10)),
                            60));
        }
    }

    @Nested
    class OverridesAndDebugModes {
        @Test
        void withADebugMinerAllJobsGoThereSkippingAllChecks() {
            RoutingSettings settings = RoutingSettings.defaults().withDebugMiner(new Hotkey("debug"));

            JobRoute route = cycle.router(settings).route(job("job-1", 60));

            assertThat(minerOf(route)).isEqualTo("debug");
            assertThat(route.reservation()).isEmpty();
            assertThat(cycle.subnet.decision("job-1").rule()).isEqualTo("debug-miner");
        }

        @Test
        void aJobForTheTrustedMinerGoesThere() {
            JobRoute route = cycle.router().route(job("job-1", true, 0, 60, 0));

            assertThat(route.miner().hotkey()).isEqualTo(JobRoute.TRUSTED_MINER_FAKE_KEY);
            assertThat(cycle.subnet.decision("job-1").rule()).isEqualTo("trusted-miner");
        }

        @Test
        void checkingAllowanceCanBeDisabled() {
            cycle.miner("anna", 10, 1);
            assertThatExceptionOfType(NoMinerWithEnoughAllowance.class).isThrownBy(() -> routed("job-1", 60));

            cycle.subnet.set(CHECK_ALLOWANCE, "false");

            assertThat(routed("job-1", 60)).isEqualTo("anna");
        }

        @Test
        void withoutTheCheckJobsAreRoutedBeforeAllowancesAreSet() {
            cycle.miner("anna", 100, 1);
            cycle.noAllowancesYet();
            assertThatExceptionOfType(GridUnavailable.class).isThrownBy(() -> routed("job-1", 60));

            cycle.subnet.set(CHECK_ALLOWANCE, "false");

            assertThat(routed("job-1", 60)).isEqualTo("anna");
        }

        @Test
        void checkingTheTimeLeftInTheCycleCanBeDisabled() {
            cycle.miner("anna", 9000, 1);
            cycle.subnet.set("DYNAMIC_ORGANIC_JOB_ALLOWED_LEEWAY_TIME", "3600");
            assertThatExceptionOfType(NotEnoughTimeInCycle.class).isThrownBy(() -> routed("job-1", 3000));

            cycle.subnet.set(CROSS_CYCLE, "true");

            assertThat(routed("job-1", 3000)).isEqualTo("anna");
        }

        @Test
        void aMinimumOfNoCollateralIsNotLookedAt() {
            cycle.subnet.set(MINIMUM_COLLATERAL, "0");
            cycle.miner("anna", 100, 1);
            cycle.subnet.collateralBook(miner -> {
                throw new CollateralUnavailable("nobody asks");
            });

            assertThat(routed("job-1", 60)).isEqualTo("anna");
            assertThat(cycle.subnet.newestEvent().type()).isEqualTo(EventType.JOB_ROUTED);
        }
    }

    @Nested
    class Repeating {
        @Test
        void theSameRequestReturnsTheSameMinerWhileItIsKept() {
            Hotkey anna = cycle.miner("anna", 300, 1);
            cycle.miner("bert", 200, 1);
            routed("job-1", 60);
            cycle.use(anna, 250);

            assertThat(routed("job-1", 60)).isEqualTo("anna");
            assertThat(cycle.subnet.events.find(EventQuery.newest(9))).hasSize(1);
        }

        @Test
        void anotherRequestOfTheSameJobIsRefused() {
            cycle.miner("anna", 300, 1);
            routed("job-1", 60);

            assertThatExceptionOfType(JobIdReused.class)
                    .isThrownBy(() -> routed("job-1", 61))
                    .satisfies(refusal -> assertThat(refusal.active()).isEmpty());
        }
    }

    @Nested
    class DryRun {
        @Test
        void aDryRunDecidesByTheSameStepsAndKeepsNothing() {
            Hotkey anna = cycle.miner("anna", 200, 1);
            cycle.subnet.busyByReceipts(anna, 1);
            Hotkey bert = cycle.miner("bert", 100, 1);

            assertThat(cycle.router().dryRun(job("job-1", 60)).picked()).contains(bert);

            assertThat(cycle.book(bert).jobs()).isEmpty();
            assertThat(cycle.subnet.events.find(EventQuery.newest(9))).isEmpty();
            assertThat(routed("job-2", 60)).isEqualTo("bert");
            assertThat(cycle.router().dryRun(job("job-1", 60)).refusal())
                    .hasValueSatisfying(why -> assertThat(why).startsWith("AllMinersBusy"));
        }
    }

    @Test
    void aJobOfNoTimeIsNoJob() {
        assertThatExceptionOfType(InvalidArgument.class).isThrownBy(() -> routed("job-1", 0));
    }

    @Test
    void beforeTheFirstBlockNothingIsRouted() {
        cycle.miner("anna", 300, 1);
        cycle.subnet.noBlockYet();

        assertThatExceptionOfType(GridUnavailable.class).isThrownBy(() -> routed("job-1", 60));
    }

    @Test
    void theDecisionSaysWhoWasPassedOverAndHowMuchIsLeft() {
        cycle.subnet.busyByReceipts(cycle.miner("anna", 200, 1), 1);
        cycle.miner("bert", 100, 1);

        routed("job-1", 60);

        assertThat(cycle.subnet.decision("job-1").inWords())
                .containsExactly(
                        "job job-1: 60 s of " + GPU + " at block " + BLOCK + " (" + NOW
                                + ", by cycle) -> bert, nothing reserved",
                        "  anna: skipped: 1 of 1 executors at work; 200 s available, part left 1",
                        "  bert: picked; 100 s available, part left 1");
    }

    @Test
    void jobsThatComeAtOnceNeverFillAMinerAboveItsExecutors() throws Exception {
        for (int i = 0; i < 10; i++) {
            cycle.miner("miner-" + i, 1000, 1 + i % 3);
        }
        CycleRouter router = cycle.router();
        ExecutorService callers = Executors.newFixedThreadPool(8);
        try {
            List<Future<String>> answers = IntStream.range(0, 40)
                    .mapToObj(i -> callers.submit(() -> {
                        try {
                            return minerOf(router.route(job("job-" + i, 10)));
                        } catch (AllMinersBusy busy) {
                            return "";
                        }
                    }))
                    .toList();
            int routed = 0;
            Set<String> miners = new TreeSet<>();
            for (Future<String> answer : answers) {
                routed += answer.get().isEmpty() ? 0 : 1;
                miners.add(answer.get());
            }
            assertThat(routed).isEqualTo(19);
            assertThat(miners).hasSize(11);
        } finally {
            callers.shutdown();
        }
    }
}
