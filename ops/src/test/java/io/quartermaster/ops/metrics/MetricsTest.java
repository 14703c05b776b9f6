package io.quartermaster.ops.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.Allowance;
import io.quartermaster.api.CannotReserveAllowance;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.NotEnoughAllowance;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.Reservation;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.app.metrics.Meters;
import io.quartermaster.node.chain.Observation;
import io.quartermaster.node.chain.RecordedChain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a replica measures, against numbers that were worked out by hand: blocks 900 to 1001 of 12 s, of which the last but one
 * took 20 s; validators with stakes of 3000 and 1000; miner 5M0 with two executors, of which it drops one at block 950, and
 * 5M1 with one of another class.
 */
class MetricsTest {
    private static final ExecutorClass TEST = new ExecutorClass("always_on.test");
    private static final Hotkey M0 = new Hotkey("5M0");
    private static final long SECOND = 1000;
    private static final long START = 1_767_225_600_000L;

    @TempDir
    Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Replica replica;

    @BeforeEach
    void replay() throws IOException {
        Path file = directory.resolve("chain.jsonl");
        Files.writeString(file, recording());
        replica = Replica.replay(
                RecordedChain.open(file, Double.POSITIVE_INFINITY),
                ReplicaSettings.defaults().withParams(Map.of("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "0")));
    }

    @AfterEach
    void close() {
        replica.close();
    }

    private static String neuron(String hotkey, int uid) {
        return "{\"hotkey\":\"" + hotkey + "\",\"coldkey\":\"5C\",\"uid\":" + uid
                + ",\"ip\":\"10.0.0.1\",\"port\":8000}";
    }

    private static String recording() {
        StringBuilder lines = new StringBuilder(12_000);
        lines.append(
                "{\"format\":\"recorded-chain/1\",\"netuid\":12,\"validator\":\"5V0\",\"finality_lag\":0,\"params\":{}}\n");
        for (long block = 900; block <= 1001; block++) {
            long late = block == 1001 ? 8 * SECOND : 0;
            lines.append("{\"block\":" + block + ",\"time_ms\":" + (START + (block - 900) * 12 * SECOND + late));
            if (block == 900) {
                lines.append(",\"neurons\":[" + String.join(",", neuron("5M0", 0), neuron("5M1", 1), neuron("5V0", 2))
                        + "],\"validators\":[{\"hotkey\":\"5V0\",\"uid\":2,\"stake\":3000},"
                        + "{\"hotkey\":\"5V1\",\"uid\":3,\"stake\":1000}]");
            }
            lines.append("}\n");
            if (block == 900 || block == 950) {
                lines.append("{\"manifests\":{\"block\":" + block + ",\"counts\":{\"5M0\":{\"always_on.test\":"
                        + (block == 900 ? 2 : 1) + "},\"5M1\":{\"always_on.gpu-24gb\":1}},\"failed\":{}}}\n");
            }
        }
        return lines.toString();
    }

    private PrometheusText metrics() {
        return PrometheusText.parse(replica.meters().text(Meters.Format.PLAIN));
    }

    private static double checkpoint(PrometheusText metrics, String miner, String validator, String executorClass) {
        return metrics.value(
                "validator_block_allowance_checkpoint_seconds",
                "miner_hotkey",
                miner,
                "validator_hotkey",
                validator,
                "executor_class",
                executorClass);
    }

    @Test
    void aCheckpointIsTheValidAllowanceOfTheLastHundredBlocks() {
        PrometheusText metrics = metrics();
        // 50 blocks of 12 s of one executor: the 50 before the drop are invalid. Block 1000, of 20 s, is not among
        // them.
        assertThat(checkpoint(metrics, "5M0", "5V0", "always_on.test")).isEqualTo(50 * 12 * 0.75);
        assertThat(checkpoint(metrics, "5M0", "5V1", "always_on.test")).isEqualTo(50 * 12 * 0.25);
        assertThat(checkpoint(metrics, "5M1", "5V0", "always_on.gpu-24gb")).isEqualTo(100 * 12 * 0.75);
        assertThat(checkpoint(metrics, "5M1", "5V1", "always_on.gpu-24gb")).isEqualTo(100 * 12 * 0.25);
        assertThat(metrics.named("validator_block_allowance_checkpoint_seconds"))
                .hasSize(4);
    }

    @Test
    void sharesManifestsAndTheLengthOfTheLastBlockAreShown() {
        PrometheusText metrics = metrics();
        assertThat(metrics.value("validator_stake_share_fraction", "validator_hotkey", "5V0"))
                .isEqualTo(0.75);
        assertThat(metrics.value("validator_stake_share_fraction", "validator_hotkey", "5V1"))
                .isEqualTo(0.25);
        assertThat(metrics.value(
                        "validator_miner_manifest_count", "miner_hotkey", "5M0", "executor_class", "always_on.test"))
                .isEqualTo(1);
        assertThat(metrics.value(
                        "validator_miner_manifest_count",
                        "miner_hotkey",
                        "5M1",
                        "executor_class",
                        "always_on.gpu-24gb"))
                .isEqualTo(1);
        assertThat(metrics.value("validator_block_duration_seconds")).isEqualTo(20);
        assertThat(metrics.value("validator_block_allowance_processing_duration_seconds_count"))
                .isEqualTo(102);
        assertThat(metrics.value("quartermaster_block")).isEqualTo(1001);
        assertThat(metrics.value("quartermaster_miners")).isEqualTo(3);
        // 5M0: blocks 950 to 999 and block 1000, which counts as 12 s.
        assertThat(metrics.value("quartermaster_allowance_total_seconds", "executor_class", "always_on.test"))
                .isEqualTo(51 * 12 * 0.75);
    }

    @Test
    void callsAreCountedAndTimed() {
        Allowance allowance = replica.allowance();
        Reservation reservation = allowance.reserveAllowance(M0, TEST, 10, 1001, new JobId("undone"));
        allowance.undoAllowanceReservation(reservation.id());
        assertThatThrownBy(() -> allowance.reserveAllowance(M0, TEST, 3000, 1001, new JobId("too-much")))
                .isInstanceOf(CannotReserveAllowance.class);
        replica.routing().pickMinerForJobRequest(OrganicJobRequest.of(new JobId("routed"), TEST, 10));
        assertThatThrownBy(() -> replica.routing()
                        .pickMinerForJobRequest(OrganicJobRequest.of(new JobId("nowhere"), TEST, 3000)))
                .isInstanceOf(NotEnoughAllowance.class);

        PrometheusText metrics = metrics();
        assertThat(metrics.value("validator_reserve_allowance_duration_seconds_count"))
                .isEqualTo(3);
        assertThat(metrics.value("validator_undo_allowance_reservation_duration_seconds_count"))
                .isEqualTo(1);
        assertThat(metrics.value("quartermaster_call_duration_seconds_count", "call", "route", "outcome", "ok"))
                .isEqualTo(1);
        assertThat(metrics.value("quartermaster_calls_refused_total", "call", "route", "reason", "NotEnoughAllowance"))
                .isEqualTo(1);
        assertThat(metrics.value("quartermaster_calls_refused_total", "call", "reserve", "reason", "NotEnough"))
                .isEqualTo(1);
        assertThat(metrics.value("quartermaster_active_reservations")).isEqualTo(1);
        assertThat(metrics.value("quartermaster_events_total", "type", "JOB_ROUTED"))
                .isEqualTo(1);
    }

    /** Nobody is asked for receipts unless a parameter says so, but the names are there from the start. */
    @Test
    void theTransferOfReceiptsIsShown() {
        PrometheusText metrics = metrics();
        for (String name : List.of(
                "receipts_total",
                "miners",
                "successful_transfers_total",
                "transfer_duration_sum",
                "transfer_duration_count",
                "catchup_pages_left")) {
            assertThat(metrics.value("receipttransfer_" + name)).as(name).isZero();
        }
        assertThat(metrics.value("receipttransfer_line_errors_total", "exc_type", "BAD_SIGNATURE"))
                .isZero();
        assertThat(metrics.value("receipttransfer_transfer_errors_total", "exc_type", "TIMEOUT"))
                .isZero();
    }

    @Test
    void anIncidentCountsOnceForEachJob() {
        for (String job : List.of("job-1", "job-1", "job-2")) {
            replica.routing().reportMinerIncident(MinerIncidentType.MINER_JOB_FAILED, M0, new JobId(job), TEST);
        }
        assertThat(incidents(metrics())).isEqualTo(2);
    }

    private static double incidents(PrometheusText metrics) {
        return metrics.value(
                "validator_miner_incident_reported_total",
                "incident_type",
                "MINER_JOB_FAILED",
                "miner_hotkey",
                "5M0",
                "executor_class",
                "always_on.test");
    }

    @Test
    void aMinerThatHasLeftIsShownNoLonger() {
        replica.routing().reportMinerIncident(MinerIncidentType.MINER_JOB_FAILED, M0, new JobId("job-1"), TEST);
        assertThat(incidents(metrics())).isEqualTo(1);
        Observation.BlockSeen without = new Observation.BlockSeen(
                1002,
                START + 1300 * SECOND,
                Optional.empty(),
                replica.allowance().neurons(1001).neurons().stream()
                        .filter(neuron -> !neuron.hotkey().equals(M0))
                        .toList(),
                List.of(new Observation.Validator(new Hotkey("5V0"), 2, 3000)));
        replica.take(without);

        PrometheusText metrics = metrics();
        assertThat(metrics.samples())
                .noneMatch(sample -> "5M0".equals(sample.labels().get("miner_hotkey")))
                .anyMatch(sample -> "5M1".equals(sample.labels().get("miner_hotkey")));
    }
}
