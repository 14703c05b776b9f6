package io.quartermaster.node.routing;

import static io.quartermaster.node.routing.SmallSubnet.job;
import static io.quartermaster.node.routing.SmallSubnet.minerOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.events.EventQuery;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DryRunTest {
    private final SmallSubnet subnet = new SmallSubnet();
    private final AllowanceRouter router = subnet.router();

    private static SmallSubnet random(long seed) {
        SmallSubnet subnet = new SmallSubnet();
        Random random = new Random(seed);
        for (int i = random.nextInt(6); i >= 0; i--) {
            Hotkey miner = subnet.miner("miner-" + i, random.nextInt(120), random.nextInt(3));
            subnet.incidents(miner, random.nextInt(3));
            subnet.busyByReceipts(miner, random.nextInt(2));
            subnet.collateral(miner, random.nextInt(3));
        }
        subnet.set("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", Integer.toString(random.nextInt(2)));
        subnet.set("DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING", Boolean.toString(random.nextInt(5) > 0));
        return subnet;
    }

    @Property(tries = 300)
    void itSaysWhatTheRealRequestThenDoes(@ForAll long seed) {
        SmallSubnet subnet = random(seed);
        AllowanceRouter router = subnet.router();

        RoutingDecision foretold = router.dryRun(job("job-1", 60));
        try {
            router.route(job("job-1", 60));
        } catch (RuntimeException refused) {
            assertThat(foretold.refusal()).isPresent();
        }

        RoutingDecision made = subnet.decision("job-1");
        assertThat(foretold.picked()).isEqualTo(made.picked());
        assertThat(foretold.candidates()).isEqualTo(made.candidates());
        assertThat(foretold.verdicts()).isEqualTo(made.verdicts());
        assertThat(foretold.refusal()).isEqualTo(made.refusal());
        assertThat(foretold.reservation()).isEmpty();
    }

    @Test
    void itLeavesNoTrace() {
        Hotkey anna = subnet.miner("anna", 100, 1);

        assertThat(router.dryRun(job("job-1", 60)).picked()).contains(anna);
        assertThat(router.dryRun(job("job-2", 900)).refusal())
                .hasValueSatisfying(why -> assertThat(why).startsWith("NotEnoughAllowance"));

        assertThat(subnet.reserveCalls).isEmpty();
        assertThat(subnet.activeReservation(new JobId("job-1"))).isEmpty();
        assertThat(subnet.events.find(EventQuery.newest(9))).isEmpty();
        assertThat(router.explain(new JobId("job-1"))).isEmpty();
        assertThat(minerOf(router.route(job("job-3", 60)))).isEqualTo("anna");
    }

    @Test
    void ofAJobThatHasItsRouteItTellsThatOne() {
        subnet.miner("anna", 100, 1);
        JobRoute route = router.route(job("job-1", 60));

        RoutingDecision again = router.dryRun(job("job-1", 60));

        assertThat(again.picked()).contains(route.miner().hotkey());
        assertThat(again.reservation()).isEqualTo(route.reservation());
        assertThat(router.dryRun(job("job-1", 61)).refusal())
                .hasValueSatisfying(why -> assertThat(why).startsWith("JobIdReused"));
    }

    @Test
    void whatNoRequestCanSucceedWithIsThrown() {
        assertThatExceptionOfType(InvalidArgument.class).isThrownBy(() -> router.dryRun(job("job-1", 0)));
        subnet.noBlockYet();
        assertThatExceptionOfType(GridUnavailable.class).isThrownBy(() -> router.dryRun(job("job-1", 60)));
    }
}
