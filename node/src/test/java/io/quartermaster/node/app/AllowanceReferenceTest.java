package io.quartermaster.node.app;

import static io.quartermaster.node.app.QuietChain.GPU;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.quartermaster.api.Allowance;
import io.quartermaster.api.CannotReserveAllowance;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.Miner;
import io.quartermaster.api.MinerAllowance;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.ReservationAlreadySpent;
import io.quartermaster.api.ReservationNotFound;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The reference of the allowance module, sentence by sentence, against a replica. The numbers are those of its lists. */
class AllowanceReferenceTest {
    private static final Hotkey ANNA = new Hotkey("anna");
    private static final Hotkey BERT = new Hotkey("bert");
    private static final int BLOCKS = 31;

    private final Replica replica = Replica.replay(
            new QuietChain(new TreeMap<>(Map.of("anna", 1, "bert", 2)), BLOCKS),
            ReplicaSettings.defaults().withParams(Map.of("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "0")));
    private final Allowance allowance = replica.allowance();
    private final long block = allowance.currentBlock();

    @AfterEach
    void close() {
        replica.close();
    }

    private List<MinerAllowance> find(double seconds) {
        return allowance.findMinersWithAllowance(seconds, GPU, block);
    }

    private Reservation reserve(Hotkey miner, String job) {
        return allowance.reserveAllowance(miner, GPU, 10, block, new JobId(job));
    }

    /** "block_length * validator_stake_share * executor_count", of every block but the newest. */
    @Test
    void overview7EachBlockYieldsLengthTimesShareTimesExecutors() {
        assertThat(find(1).stream().filter(found -> found.miner().equals(BERT)))
                .singleElement()
                .satisfies(found ->
                        assertThat(found.availableSeconds()).isCloseTo((BLOCKS - 1) * 12.0 / 3 * 2, within(1e-6)));
    }

    @Test
    void overview5_1OnlyMinersWithAtLeastTheRequiredAmountLeftAreFound() {
        assertThat(find(120)).extracting(MinerAllowance::miner).containsExactly(BERT, ANNA);
        assertThat(find(120.1)).extracting(MinerAllowance::miner).containsExactly(BERT);
    }

    @Test
    void overview5_2TheEarliestFreeBlockComesFirstThenTheHighestPartLeft() {
        reserve(ANNA, "job-1");
        assertThat(find(1))
                .as("anna's earliest blocks are taken")
                .extracting(MinerAllowance::miner)
                .containsExactly(BERT, ANNA);
        reserve(BERT, "job-2");
        reserve(BERT, "job-3");
        assertThat(find(1)).extracting(MinerAllowance::miner).containsExactly(ANNA, BERT);
    }

    @Test
    void overview8NothingIsLockedBetweenFindAndReserve() {
        assertThat(find(120)).hasSize(2);
        allowance.reserveAllowance(ANNA, GPU, 120, block, new JobId("faster"));
        assertThatExceptionOfType(CannotReserveAllowance.class).isThrownBy(() -> reserve(ANNA, "slower"));
    }

    @Test
    void flow1To3_1AMinerIsFoundAndReservedAndTheJobProceeds() {
        MinerAllowance best = find(10).get(0);
        Reservation made = reserve(best.miner(), "job-1");
        assertThat(made.reservedSeconds()).isGreaterThanOrEqualTo(10);
        assertThat(allowance.reservations()).containsExactly(made);
    }

    @Test
    void flow3_2IfItDeclinesTheReservationIsUndoneAndAnotherMinerChosen() {
        Reservation declined = reserve(BERT, "job-1");
        allowance.undoAllowanceReservation(declined.id());
        Reservation next = reserve(ANNA, "job-1");
        assertThat(next.miner()).isEqualTo(ANNA);
        assertThat(allowance.reservations()).containsExactly(next);
    }

    @Test
    void flow4IfTheJobIsSuccessfulTheReservationIsSpent() {
        Reservation made = reserve(ANNA, "job-1");
        allowance.spendAllowance(made.id());
        assertThatExceptionOfType(ReservationAlreadySpent.class)
                .isThrownBy(() -> allowance.undoAllowanceReservation(made.id()));
        assertThat(allowance.reservations()).isEmpty();
    }

    @Test
    void flow5OtherwiseItIsUndoneAndAReservationThatIsForgottenTimesOut() {
        Reservation made = reserve(ANNA, "job-1");
        double left = find(1).size();
        allowance.undoAllowanceReservation(made.id());
        assertThatExceptionOfType(ReservationNotFound.class).isThrownBy(() -> allowance.spendAllowance(made.id()));
        assertThat(find(1)).hasSize((int) left);
        assertThat(Duration.ofMillis(made.deadline().toEpochMilli() - replica.nowMillis()))
                .isBetween(Duration.ofSeconds(90), Duration.ofSeconds(110));
    }

    @Test
    void override1AllowanceCheckingIsSwitchedOffInDynamicParameters() {
        replica.parameters().set(Map.of("DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING", "false"), "anna", "");
        assertThat(replica.routing()
                        .pickMinerForJobRequest(OrganicJobRequest.of(new JobId("job-1"), GPU, 3000))
                        .reservation())
                .isEmpty();
    }

    @Test
    void methods6To8TellTheBlockTheManifestsAndTheMetagraph() {
        assertThat(allowance.currentBlock()).isEqualTo(QuietChain.FIRST_BLOCK + BLOCKS - 1);
        assertThat(allowance.manifests())
                .containsExactly(
                        new Manifest(ANNA, GPU, QuietChain.FIRST_BLOCK, 1),
                        new Manifest(BERT, GPU, QuietChain.FIRST_BLOCK, 2));
        assertThat(allowance.metagraph().hotkeys()).containsExactly(ANNA, BERT);
        assertThat(allowance.miners()).extracting(Miner::hotkey).containsExactly(ANNA, BERT);
    }
}
