package io.quartermaster.node.routing;

import static io.quartermaster.node.routing.SmallSubnet.GPU;
import static io.quartermaster.node.routing.SmallSubnet.job;
import static io.quartermaster.node.routing.SmallSubnet.minerOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quartermaster.api.AllMinersBusy;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.NotEnoughAllowance;
import io.quartermaster.api.NotEnoughCollateral;
import io.quartermaster.node.manifest.ExecutorClasses;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The reference of the routing module, sentence by sentence. The numbers are those of its lists. */
class RoutingReferenceTest {
    private final SmallSubnet subnet = new SmallSubnet();

    private RoutingService routing() {
        return new RoutingService(
                subnet.router(), subnet.ports(), ExecutorClasses.defaults(), subnet.events::find, Runnable::run);
    }

    @Test
    void flow1PickMinerForJobRequestGivesAJobRoute() {
        subnet.miner("anna", 100, 1);
        JobRoute route = routing().pickMinerForJobRequest(job("job-1", 60));
        assertThat(route.miner().hotkey()).isEqualTo(new Hotkey("anna"));
        assertThat(route.allowanceBlocks()).isNotEmpty();
        assertThat(route.reservation()).isPresent();
    }

    @Test
    void flow2_1MinersWithEnoughAllowanceForTheRequiredExecutorSecondsAreAskedFor() {
        subnet.miner("poor", 59, 1);
        subnet.miner("rich", 60, 1);
        assertThat(minerOf(subnet.router().route(job("job-1", false, 10, 20, 30))))
                .isEqualTo("rich");
    }

    @Test
    void flow2_2OnlyMinersWithTheMinimumOfCollateralAreKept() {
        subnet.miner("anna", 100, 1);
        Hotkey bert = subnet.miner("bert", 100, 1);
        subnet.set("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "10");
        subnet.collateral(bert, 10);
        assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("bert");
        subnet.collateral(bert, 9);
        assertThatExceptionOfType(NotEnoughCollateral.class)
                .isThrownBy(() -> subnet.router().route(job("job-2", 10)))
                .withMessageContaining("2");
    }

    @Test
    void flow2_3SortingMinersAreRankedByReliabilityPerExecutorAndTiesKeepTheOrderOfAllowance() {
        Hotkey anna = subnet.miner("anna", 100, 1);
        Hotkey bert = subnet.miner("bert", 100, 4);
        subnet.miner("carl", 100, 1);
        subnet.miner("dora", 100, 1);
        subnet.incidents(anna, 1);
        subnet.incidents(bert, 2);
        subnet.router().route(job("job-1", 60));
        assertThat(subnet.verdicts("job-1"))
                .containsExactly("carl PICKED", "dora NOT_NEEDED", "bert NOT_NEEDED", "anna NOT_NEEDED");
    }

    @Test
    void flow2_3AvailabilityMinersWhoseOngoingJobsFillTheirExecutorsAreSkipped() {
        Hotkey anna = subnet.miner("anna", 100, 2);
        subnet.miner("bert", 100, 1);
        subnet.busyByReceipts(anna, 2);
        assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("bert");
    }

    @Test
    void flow2_4TheFirstSuccessfulReservationIsTheRoute() {
        Hotkey anna = subnet.miner("anna", 100, 1);
        Hotkey bert = subnet.miner("bert", 100, 1);
        subnet.miner("carl", 100, 1);
        subnet.beforeReserve(() -> subnet.take(anna, 50));
        assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("bert");
        assertThat(subnet.reserveCalls).containsExactly(anna, bert);
    }

    @Test
    void flow3TheRouteCarriesTheReservationAndItsBlocksForTheReceipts() {
        subnet.miner("anna", 100, 1);
        JobRoute route = subnet.router().route(job("job-1", 60));
        assertThat(subnet.activeReservation(new JobId("job-1"))).hasValueSatisfying(made -> {
            assertThat(route.reservation()).contains(made.id());
            assertThat(route.allowanceBlocks()).isEqualTo(made.blocks());
            assertThat(route.deadline()).contains(made.deadline());
        });
    }

    @Test
    void flow4NotEnoughAllowanceAndAllMinersBusyAreRaised() {
        subnet.miner("anna", 100, 1);
        assertThatExceptionOfType(NotEnoughAllowance.class)
                .isThrownBy(() -> subnet.router().route(job("job-1", 900)));
        subnet.router().route(job("job-2", 10));
        assertThatExceptionOfType(AllMinersBusy.class)
                .isThrownBy(() -> subnet.router().route(job("job-3", 10)));
    }

    @Test
    void override1TheDebugMinerGetsAllJobsWithoutAllowanceChecks() {
        Hotkey debug = new Hotkey("debug");
        JobRoute route =
                subnet.router(RoutingSettings.defaults().withDebugMiner(debug)).route(job("job-1", 60));
        assertThat(route.miner().hotkey()).isEqualTo(debug);
        assertThat(route.reservation()).isEmpty();
    }

    @Test
    void override2AJobOnTheTrustedMinerGoesToItsFakeKeyWithoutReservationOrBlocks() {
        JobRoute route = subnet.router().route(job("job-1", true, 0, 60, 0));
        assertThat(route.miner().hotkey()).isEqualTo(JobRoute.TRUSTED_MINER_FAKE_KEY);
        assertThat(route.reservation()).isEmpty();
        assertThat(route.allowanceBlocks()).isEqualTo(List.of());
    }

    @Test
    void method2AReportedIncidentInfluencesFutureDecisions() {
        Hotkey anna = subnet.miner("anna", 100, 2);
        subnet.miner("bert", 100, 2);
        routing().reportMinerIncident(MinerIncidentType.MINER_JOB_REJECTED, anna, new JobId("job-0"), GPU);
        assertThat(minerOf(subnet.router().route(job("job-1", 60)))).isEqualTo("bert");
    }
}
