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
import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobIdReused;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.Miner;
import io.quartermaster.api.NotEnoughAllowance;
import io.quartermaster.api.NotEnoughCollateral;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.collateral.CollateralUnavailable;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.manifest.ManifestTrouble;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AllowanceRouterTest {
    private final SmallSubnet subnet = new SmallSubnet();

    @Nested
    class Reserving {
        @Test
        void theFirstMinerWithAllowanceGetsTheJob() {
            subnet.miner("anna", 100, 2);
            subnet.miner("bert", 100, 2);

            JobRoute route = subnet.router().route(job("job-1", 60));

            assertThat(route)
                    .isEqualTo(new JobRoute(
                            new JobId("job-1"),
                            new Miner(new Hotkey("anna"), "10.0.0.1", 8000, 4, Optional.empty()),
                            List.of(BLOCK - 3, BLOCK - 2),
                            subnet.activeReservation(new JobId("job-1")).map(reservation -> reservation.id()),
                            subnet.activeReservation(new JobId("job-1")).map(reservation -> reservation.deadline()),
                            60));
        }

        @Test
        void theJobPaysForDownloadExecutionAndUpload() {
            subnet.miner("anna", 100, 2);

            assertThat(subnet.router().route(job("job-1", false, 10, 20, 30)).jobValueSeconds())
                    .isEqualTo(60);
        }

        @Test
        void aMinerWithoutEnoughAllowanceIsNoCandidate() {
            subnet.miner("anna", 59, 2);
            subnet.miner("bert", 60, 2);

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("bert");
            assertThat(subnet.verdicts("job-1")).containsExactly("bert PICKED");
        }

        @Test
        void ifNobodyHasEnoughTheJobIsRefused() {
            subnet.miner("anna", 59, 2);

            assertThatExceptionOfType(NotEnoughAllowance.class)
                    .isThrownBy(() -> subnet.router().route(job("job-1", 60)));
            assertThat(subnet.decision("job-1").refusal())
                    .hasValueSatisfying(why -> assertThat(why).startsWith("NotEnoughAllowance: No miner has 60.0 s"));
        }

        @Test
        void aMinerWhoseAllowanceIsGoneMeanwhileIsPassedOver() {
            Hotkey anna = subnet.miner("anna", 100, 2);
            subnet.miner("bert", 100, 2);
            subnet.beforeReserve(() -> subnet.take(anna, 90));

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("bert");
            assertThat(subnet.verdicts("job-1")).containsExactly("anna ALLOWANCE_GONE", "bert PICKED");
        }

        @Test
        void aMinerWhoseJobsFillItsExecutorsIsNotEvenAsked() {
            Hotkey anna = subnet.miner("anna", 100, 2);
            Hotkey bert = subnet.miner("bert", 100, 2);
            subnet.busyByReceipts(anna, 2);
            subnet.busyByReceipts(bert, 1);

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("bert");
            assertThat(subnet.reserveCalls).containsExactly(bert);
            assertThat(subnet.verdicts("job-1")).containsExactly("anna BUSY", "bert PICKED");
            assertThat(subnet.candidate("job-1", anna).busy()).contains(2);
            assertThat(subnet.candidate("job-1", bert).busy()).contains(1);
        }

        @Test
        void reservationsFillExecutorsToo() {
            subnet.miner("anna", 1000, 1);
            subnet.miner("bert", 1000, 1);
            AllowanceRouter router = subnet.router();

            assertThat(minerOf(router.route(job("job-1", 60)))).isEqualTo("anna");
            assertThat(minerOf(router.route(job("job-2", 60)))).isEqualTo("bert");
            assertThatExceptionOfType(AllMinersBusy.class)
                    .isThrownBy(() -> router.route(job("job-3", 60)))
                    .satisfies(busy -> assertThat(busy.minersTried()).isEqualTo(2));
            assertThat(subnet.verdicts("job-3")).containsExactly("anna BUSY", "bert BUSY");
        }

        @Test
        void aMinerWithoutExecutorsIsBusy() {
            subnet.miner("anna", 100, 0);

            assertThatExceptionOfType(AllMinersBusy.class)
                    .isThrownBy(() -> subnet.router().route(job("job-1", 60)));
        }

        @Test
        void beforeTheFirstBlockTheGridIsNotAvailable() {
            subnet.miner("anna", 100, 2);
            subnet.noBlockYet();

            assertThatExceptionOfType(GridUnavailable.class)
                    .isThrownBy(() -> subnet.router().route(job("job-1", 60)));
            assertThat(subnet.decision("job-1").block()).isZero();
        }

        @Test
        void afterAnUnknownOutcomeNoOtherMinerIsTried() {
            Hotkey anna = subnet.miner("anna", 100, 2);
            subnet.miner("bert", 100, 2);
            OutcomeUnknown unknown = new OutcomeUnknown(new CallId("call-1"), new IllegalStateException("cut off"));
            subnet.beforeReserve(() -> {
                throw unknown;
            });

            assertThatExceptionOfType(OutcomeUnknown.class)
                    .isThrownBy(() -> subnet.router().route(job("job-1", 60)));
            assertThat(subnet.reserveCalls).containsExactly(anna);
            assertThat(subnet.decision("job-1").refusal())
                    .hasValueSatisfying(why -> assertThat(why).startsWith("OutcomeUnknown: "));
        }
    }

    @Nested
    class BadRequests {
        @Test
        void aClassThatIsNotKnownIsRefused() {
            OrganicJobRequest request =
                    OrganicJobRequest.of(new JobId("job-1"), new ExecutorClass("always_on.toaster"), 60);

            assertThatExceptionOfType(InvalidArgument.class)
                    .isThrownBy(() -> subnet.router().route(request))
                    .withMessageStartingWith("executorClass is \"always_on.toaster\": must be one of ");
        }

        @Test
        void aJobThatTakesNoTimeIsRefused() {
            assertThatExceptionOfType(InvalidArgument.class)
                    .isThrownBy(() -> subnet.router().route(job("job-1", 0)))
                    .withMessageStartingWith("requiredSeconds is 0.0: must be above 0");
        }

        @Test
        void aJobLongerThanAnHourIsRefused() {
            subnet.miner("anna", 10_000, 2);

            assertThat(subnet.router().route(job("job-1", 3600)).jobValueSeconds())
                    .isEqualTo(3600);
            assertThatExceptionOfType(InvalidArgument.class)
                    .isThrownBy(() -> subnet.router().route(job("job-2", false, 1, 3599, 1)))
                    .withMessage("Required allowance cannot be greater than 3600.0 seconds");
        }

        @Test
        void timeLimitsThatOverflowAreRefusedToo() {
            int most = Integer.MAX_VALUE;

            assertThatExceptionOfType(InvalidArgument.class)
                    .isThrownBy(() -> subnet.router().route(job("job-1", false, most, most, most)))
                    .withMessage("Required allowance cannot be greater than 3600.0 seconds");
        }
    }

    @Nested
    class Reliability {
        @Test
        void aMinerWithIncidentsComesAfterThoseWithout() {
            Hotkey anna = subnet.miner("anna", 100, 2);
            subnet.miner("bert", 100, 2);
            subnet.incidents(anna, 1);

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("bert");
            assertThat(subnet.candidate("job-1", anna).score()).isEqualTo(-0.5);
        }

        @Test
        void theScoreIsPerExecutor() {
            Hotkey anna = subnet.miner("anna", 100, 1);
            Hotkey bert = subnet.miner("bert", 100, 4);
            subnet.incidents(anna, 1);
            subnet.incidents(bert, 2);

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("bert");
            assertThat(subnet.candidate("job-1", anna).score()).isEqualTo(-1);
            assertThat(subnet.candidate("job-1", bert).score()).isEqualTo(-0.5);
        }

        @Test
        void equallyReliableMinersKeepFindsOrder() {
            Hotkey zoe = subnet.miner("zoe", 100, 2);
            Hotkey anna = subnet.miner("anna", 100, 2);
            subnet.incidents(zoe, 2);
            subnet.incidents(anna, 2);

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("zoe");
        }

        @Test
        void incidentsCountUntilTheWindowHasPassed() {
            Hotkey anna = subnet.miner("anna", 1000, 5);
            subnet.miner("bert", 1000, 5);
            subnet.incidents(anna, 1);
            subnet.advance(Duration.ofHours(24));

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("bert");

            subnet.advance(Duration.ofMillis(1));
            assertThat(minerOf(subnet.router().route(job("job-2", 60)))).isEqualTo("anna");
        }

        @Test
        void incidentsOfAnotherClassDoNotCount() {
            Hotkey anna = subnet.miner("anna", 100, 2);
            subnet.miner("bert", 100, 2);
            subnet.incidents(anna, LLM, 3, NOW);

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("anna");
        }

        @Test
        void anUnreliableMinerStillGetsTheJobThatNobodyElseTakes() {
            Hotkey anna = subnet.miner("anna", 100, 2);
            Hotkey bert = subnet.miner("bert", 100, 1);
            subnet.incidents(anna, 9);
            subnet.busyByReceipts(bert, 1);

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("anna");
        }
    }

    @Nested
    class WeightedRanking {
        private final RoutingSettings weighted = RoutingSettings.defaults().withWeightedRanking();

        @Test
        void reliableMinersGetMoreJobsAndOthersStillSome() {
            Hotkey anna = subnet.miner("anna", 1e9, 1);
            Hotkey bert = subnet.miner("bert", 1e9, 1);
            subnet.incidents(bert, 30);
            AllowanceRouter router = subnet.router(weighted);
            int toAnna = 0;
            for (int i = 0; i < 10_000; i++) {
                OrganicJobRequest request = job("job-" + i, 60);
                toAnna += minerOf(router.route(request)).equals("anna") ? 1 : 0;
                subnet.undo(request.job());
            }

            // Weights 0.99331 and 0.26894.
            assertThat(toAnna).isBetween(7700, 8050);
            assertThat(subnet.decision("job-9999").rule()).isEqualTo("weighted");
            assertThat(subnet.candidate("job-9999", anna).probability())
                    .hasValueSatisfying(p -> assertThat(p).isBetween(0.786, 0.788));
        }

        @Test
        void theReliabilityRuleDrawsNothing() {
            Hotkey anna = subnet.miner("anna", 100, 2);
            subnet.router().route(job("job-1", 60));

            assertThat(subnet.candidate("job-1", anna).probability()).isEmpty();
        }
    }

    @Nested
    class Collateral {
        private Hotkey anna = new Hotkey("anna");

        @Test
        void onlyMinersWithTheMinimumAreTried() {
            anna = subnet.miner("anna", 100, 2);
            Hotkey bert = subnet.miner("bert", 100, 2);
            subnet.set("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "10");
            subnet.collateral(anna, 9);
            subnet.collateral(bert, 10);

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("bert");
            assertThat(subnet.verdicts("job-1")).containsExactly("bert PICKED", "anna COLLATERAL_TOO_LOW");
            assertThat(subnet.candidate("job-1", anna).collateralWei()).contains(BigInteger.valueOf(9));
            assertThat(subnet.decision("job-1").minimumCollateralWei()).isEqualTo(BigInteger.TEN);
        }

        @Test
        void ifAllAreFilteredTheAnswerSaysHowMany() {
            subnet.miner("anna", 100, 2);
            subnet.miner("bert", 100, 2);
            subnet.set("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "1");

            assertThatExceptionOfType(NotEnoughCollateral.class)
                    .isThrownBy(() -> subnet.router().route(job("job-1", 60)))
                    .satisfies(refusal -> assertThat(refusal.minersFiltered()).isEqualTo(2))
                    .satisfies(refusal -> assertThat(refusal.minimumWei()).isEqualTo(BigInteger.ONE));
            assertThat(subnet.verdicts("job-1")).containsExactly("anna COLLATERAL_TOO_LOW", "bert COLLATERAL_TOO_LOW");
            assertThat(subnet.reserveCalls).isEmpty();
        }

        @Test
        void ofManyFilteredMinersSomeAreListedAndAllAreCounted() {
            IntStream.range(100, 300).forEach(i -> subnet.miner("miner-" + i, 100, 1));
            Hotkey zoe = subnet.miner("zoe", 100, 1);
            subnet.set("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "1");
            subnet.collateral(zoe, 1);
            subnet.router().route(job("job-1", 60));

            assertThat(subnet.verdicts("job-1"))
                    .hasSize(Deliberation.MOST_LISTED)
                    .startsWith("zoe PICKED", "miner-100 COLLATERAL_TOO_LOW");
            assertThat(subnet.newestEvent().fields()).containsEntry("verdicts", "PICKED=1 COLLATERAL_TOO_LOW=200");
        }

        @Test
        void withoutAMinimumNobodyAsks() {
            anna = subnet.miner("anna", 100, 2);
            subnet.collateralBook(miner -> {
                throw new AssertionError("asked");
            });

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("anna");
        }

        @Test
        void ifCollateralCannotBeToldTheJobGoesOnWithoutIt() {
            anna = subnet.miner("anna", 100, 2);
            subnet.set("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "1");
            subnet.collateralBook(miner -> {
                throw new CollateralUnavailable("no endpoint answers");
            });

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("anna");
            assertThat(subnet.events.find(EventQuery.newest(9).ofType(EventType.COLLATERAL_UNAVAILABLE)))
                    .singleElement()
                    .satisfies(event -> assertThat(event.message()).contains("no endpoint answers"));
            assertThat(subnet.candidate("job-1", anna).collateralWei()).isEmpty();
            assertThat(subnet.decision("job-1").minimumCollateralWei()).isEqualTo(BigInteger.ONE);
        }
    }

    @Nested
    class Overrides {
        @Test
        void theDebugMinerGetsEveryJobPastAllChecks() {
            Hotkey anna = subnet.miner("anna", 100, 2);
            subnet.busyByReceipts(anna, 2);
            AllowanceRouter router = subnet.router(RoutingSettings.defaults().withDebugMiner(anna));

            JobRoute route = router.route(job("job-1", true, 0, 7200, 0));

            assertThat(route)
                    .isEqualTo(new JobRoute(
                            new JobId("job-1"),
                            new Miner(anna, "10.0.0.1", 8000, 4, Optional.empty()),
                            List.of(),
                            Optional.empty(),
                            Optional.empty(),
                            7200));
            assertThat(subnet.decision("job-1").rule()).isEqualTo("debug-miner");
            assertThat(subnet.reserveCalls).isEmpty();
        }

        @Test
        void aDebugMinerThatNobodyKnowsIsNowhere() {
            subnet.noBlockYet();
            AllowanceRouter router = subnet.router(RoutingSettings.defaults().withDebugMiner(new Hotkey("mine")));

            Miner miner = router.route(job("job-1", 60)).miner();

            assertThat(miner).isEqualTo(new Miner(new Hotkey("mine"), "0.0.0.0", 0, 4, Optional.empty()));
        }

        @Test
        void aJobForTheTrustedMinerGoesToItPastAllChecks() {
            JobRoute route = subnet.router().route(job("job-1", true, 0, 7200, 0));

            assertThat(route.miner().hotkey()).isEqualTo(JobRoute.TRUSTED_MINER_FAKE_KEY);
            assertThat(route.allowanceBlocks()).isEmpty();
            assertThat(route.reservation()).isEmpty();
            assertThat(subnet.decision("job-1").rule()).isEqualTo("trusted-miner");
            assertThat(subnet.newestEvent().type()).isEqualTo(EventType.JOB_ROUTED);
        }

        @Test
        void withoutAllowanceCheckingNothingIsReserved() {
            subnet.miner("bert", 0, 2);
            subnet.miner("anna", 0, 2);
            subnet.set("DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING", "false");

            JobRoute route = subnet.router().route(job("job-1", 60));

            assertThat(minerOf(route)).isEqualTo("anna");
            assertThat(route.allowanceBlocks()).isEmpty();
            assertThat(route.reservation()).isEmpty();
            assertThat(subnet.reserveCalls).isEmpty();
            assertThat(subnet.decision("job-1").rule()).isEqualTo("unchecked");
        }

        @Test
        void withoutAllowanceCheckingRankCollateralAndBusyMinersStillCount() {
            Hotkey anna = subnet.miner("anna", 0, 2);
            Hotkey bert = subnet.miner("bert", 0, 2);
            Hotkey carl = subnet.miner("carl", 0, 2);
            Hotkey dora = subnet.miner("dora", 0, 2);
            subnet.set("DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING", "false");
            subnet.set("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "5");
            List.of(bert, carl, dora).forEach(miner -> subnet.collateral(miner, 5));
            subnet.collateral(anna, 4);
            subnet.incidents(bert, 1);
            subnet.busyByReceipts(carl, 2);

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("dora");
            assertThat(subnet.verdicts("job-1"))
                    .containsExactly("carl BUSY", "dora PICKED", "bert NOT_NEEDED", "anna COLLATERAL_TOO_LOW");
        }

        @Test
        void withoutAllowanceCheckingSomebodyMustStillHaveTheClass() {
            subnet.miner("anna", 100, 0);
            subnet.set("DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING", "false");

            assertThatExceptionOfType(NotEnoughAllowance.class)
                    .isThrownBy(() -> subnet.router().route(job("job-1", 60)));
        }
    }

    @Nested
    class Repeats {
        @Test
        void theSameJobAgainGetsTheSameRoute() {
            subnet.miner("anna", 100, 2);
            subnet.miner("bert", 100, 2);
            AllowanceRouter router = subnet.router();
            JobRoute first = router.route(job("job-1", 60));
            RoutingDecision why = subnet.decision("job-1");

            assertThat(router.route(job("job-1", 60))).isEqualTo(first);
            // Asked again, since only a majority's answer counts, but no other miner.
            assertThat(subnet.reserveCalls).containsOnly(first.miner().hotkey()).hasSize(2);
            assertThat(subnet.decision("job-1")).isEqualTo(why);
        }

        @Test
        void aJobThatAnotherReplicaPlacedGetsThatRoute() {
            subnet.miner("anna", 100, 2);
            subnet.reserve(new Hotkey("anna"), GPU, 60, BLOCK, new JobId("job-1"), Set.of());

            assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("anna");
            assertThat(subnet.decision("job-1").picked()).contains(new Hotkey("anna"));
        }

        @Test
        void otherContentsUnderTheSameIdAreRefused() {
            subnet.miner("anna", 1000, 2);
            AllowanceRouter router = subnet.router();
            router.route(job("job-1", 60));

            assertThatExceptionOfType(JobIdReused.class)
                    .isThrownBy(() -> router.route(job("job-1", 30)))
                    .withMessageContaining("seconds: 60.0, now 30.0");
            assertThatExceptionOfType(JobIdReused.class)
                    .isThrownBy(() -> router.route(OrganicJobRequest.of(new JobId("job-1"), LLM, 60)))
                    .withMessageContaining("class: always_on.gpu-24gb, now always_on.llm.a6000");
        }

        @Test
        void afterAnUndoTheJobIsPlacedAnew() {
            Hotkey anna = subnet.miner("anna", 100, 2);
            subnet.miner("bert", 100, 2);
            AllowanceRouter router = subnet.router();
            router.route(job("job-1", 60));
            subnet.undo(new JobId("job-1"));
            subnet.incidents(anna, 1);

            assertThat(minerOf(router.route(job("job-1", 60)))).isEqualTo("bert");
        }

        @Test
        void aJobThatIsSentByManyThreadsAtOnceIsPlacedOnce() throws Exception {
            IntStream.range(0, 8).forEach(i -> subnet.miner("miner-" + i, 1000, 4));
            subnet.beforeReserve(Thread::yield);
            AllowanceRouter router = subnet.router();
            int threads = 8;
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            CyclicBarrier together = new CyclicBarrier(threads);
            try {
                for (int round = 0; round < 50; round++) {
                    OrganicJobRequest request = job("job-" + round, 60);
                    List<Future<JobRoute>> routes = IntStream.range(0, threads)
                            .mapToObj(i -> pool.submit(() -> {
                                together.await();
                                return router.route(request);
                            }))
                            .toList();
                    Set<JobRoute> different = new HashSet<>();
                    for (Future<JobRoute> route : routes) {
                        different.add(route.get());
                    }
                    assertThat(different).hasSize(1);
                    subnet.undo(request.job());
                }
            } finally {
                pool.shutdownNow();
            }
            assertThat(subnet.reserveCalls).hasSize(50 * threads);
        }

        @Test
        void manyJobsAtOnceNeverShareAMinersLastExecutor() throws Exception {
            IntStream.range(0, 4).forEach(i -> subnet.miner("miner-" + i, 1e6, 2));
            AllowanceRouter router = subnet.router();
            ExecutorService pool = Executors.newFixedThreadPool(8);
            try {
                List<Future<String>> outcomes = IntStream.range(0, 24)
                        .mapToObj(i -> pool.submit(() -> {
                            try {
                                return minerOf(router.route(job("job-" + i, 60)));
                            } catch (AllMinersBusy busy) {
                                return "busy";
                            }
                        }))
                        .toList();
                Map<String, Integer> counts = new TreeMap<>();
                for (Future<String> outcome : outcomes) {
                    counts.merge(outcome.get(), 1, Integer::sum);
                }
                assertThat(counts)
                        .containsOnly(
                                Map.entry("miner-0", 2),
                                Map.entry("miner-1", 2),
                                Map.entry("miner-2", 2),
                                Map.entry("miner-3", 2),
                                Map.entry("busy", 16));
            } finally {
                pool.shutdownNow();
            }
        }
    }

    @Nested
    class Explanations {
        @Test
        void aDecisionReadsLikeAnAnswer() {
            Hotkey anna = subnet.miner("anna", 100, 2);
            Hotkey bert = subnet.miner("bert", 90, 1);
            Hotkey carl = subnet.miner("carl", 80, 4);
            Hotkey dora = subnet.miner("dora", 70, 1);
            subnet.set("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "10");
            List.of(anna, bert, carl).forEach(miner -> subnet.collateral(miner, 10));
            subnet.collateral(dora, 3);
            subnet.incidents(carl, 2);
            subnet.busyByReceipts(anna, 2);

            subnet.router().route(job("job-1", 60));

            assertThat(subnet.decision("job-1").inWords())
                    .containsExactly(
                            "job job-1: 60 s of always_on.gpu-24gb at block 1000 (2024-01-01T12:00:00Z, by allowance)"
                                    + " -> bert, reservation 1",
                            "  anna: skipped: 2 of 2 executors at work; 100 s available, reliability 0",
                            "  bert: picked; 90 s available, reliability 0",
                            "  carl: ranked after the one picked; 80 s available, reliability -0.5",
                            "  dora: filtered: collateral 3 wei is below 10; 70 s available, reliability 0");
        }

        @Test
        void everyDecisionIsAnEvent() {
            Hotkey anna = subnet.miner("anna", 100, 1);
            subnet.miner("bert", 100, 3);
            subnet.busyByReceipts(anna, 1);
            AllowanceRouter router = subnet.router();
            router.route(job("job-1", 60));

            assertThat(subnet.newestEvent().type()).isEqualTo(EventType.JOB_ROUTED);
            assertThat(subnet.newestEvent().message()).isEqualTo("job job-1 -> bert");
            assertThat(subnet.newestEvent().fields())
                    .containsEntry("job", "job-1")
                    .containsEntry("miner", "bert")
                    .containsEntry("class", "always_on.gpu-24gb")
                    .containsEntry("block", "1000")
                    .containsEntry("seconds", "60.0")
                    .containsEntry("found", "2")
                    .containsEntry("verdicts", "PICKED=1 BUSY=1")
                    .containsEntry(
                            "candidates",
                            "anna BUSY available=100.0 score=0.0 executors=1 busy=1;"
                                    + " bert PICKED available=100.0 score=0.0 executors=3 busy=0");

            assertThatExceptionOfType(NotEnoughAllowance.class).isThrownBy(() -> router.route(job("job-2", 900)));
            assertThat(subnet.newestEvent().type()).isEqualTo(EventType.JOB_NOT_ROUTED);
            assertThat(subnet.newestEvent().fields().get("refusal")).startsWith("NotEnoughAllowance: ");
        }

        @Test
        void ofManyCandidatesOnlyThoseThatTellSomethingAreListed() {
            IntStream.range(100, 400).forEach(i -> subnet.miner("miner-" + i, 100, 1));
            subnet.router().route(job("job-1", 60));

            assertThat(subnet.verdicts("job-1"))
                    .containsExactly(
                            "miner-100 PICKED",
                            "miner-101 NOT_NEEDED",
                            "miner-102 NOT_NEEDED",
                            "miner-103 NOT_NEEDED",
                            "miner-104 NOT_NEEDED");
            assertThat(subnet.decision("job-1").candidatesFound()).isEqualTo(300);
        }

        @Test
        void theMinerThatWasPickedIsListedHoweverManyWereBusy() {
            IntStream.range(100, 300).forEach(i -> subnet.busyByReceipts(subnet.miner("miner-" + i, 100, 1), 1));
            subnet.miner("zoe", 100, 1);
            subnet.router().route(job("job-1", 60));

            assertThat(subnet.verdicts("job-1"))
                    .hasSize(Deliberation.MOST_LISTED)
                    .startsWith("miner-100 BUSY")
                    .endsWith("zoe PICKED");
        }

        @Test
        void theLogForgetsTheOldestJobFirst() {
            DecisionLog log = new DecisionLog(2);
            subnet.miner("anna", 1000, 9);
            for (String id : List.of("job-1", "job-2", "job-3")) {
                subnet.router().route(job(id, 1));
            }
            log.add(subnet.decision("job-1"));
            log.add(subnet.decision("job-2"));
            log.add(subnet.decision("job-1"));
            log.add(subnet.decision("job-3"));

            assertThat(log.newest(9))
                    .extracting(RoutingDecision::job)
                    .containsExactly(new JobId("job-3"), new JobId("job-1"));
            assertThat(log.find(new JobId("job-2"))).isEmpty();
            assertThat(log.newest(1)).hasSize(1);
        }

        @Test
        void everyManifestTroubleHasAnEventOfItsName() {
            assertThat(Stream.of(EventType.values()).map(EventType::name))
                    .containsAll(Stream.of(ManifestTrouble.Kind.values())
                            .map(ManifestTrouble.Kind::name)
                            .toList());
        }
    }
}
