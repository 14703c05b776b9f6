package io.quartermaster.node.params;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.InvalidArgument;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DynamicParametersTest {
    private final DynamicParameters defaults = DynamicParameters.defaults();

    @Test
    void theDefaultsAreThoseOfTheReference() {
        assertThat(defaults.blockAllowanceMultiplier()).isEqualTo(1.0);
        assertThat(defaults.checkAllowanceWhileRouting()).isTrue();
        assertThat(defaults.minimumCollateralWei()).isEqualTo(new BigInteger("10000000000000000"));
        assertThat(defaults.collateralSlashWei()).isEqualTo(new BigInteger("5000000000000000"));
        assertThat(defaults.minerMaxExecutorsPerClass())
                .containsExactly(Map.entry(new ExecutorClass("always_on.llm.a6000"), 2));
        assertThat(defaults.manifestsUseKnowledgeCommitments()).isFalse();
        assertThat(defaults.spendingValidationBlockLeewayLower()).isEqualTo(15);
        assertThat(defaults.spendingValidationBlockLeewayUpper()).isZero();
        assertThat(defaults.routingReliabilityWindow()).isEqualTo(Duration.ofHours(24));
        assertThat(defaults.routingReliabilitySoftCutoff()).isEqualTo(-50.0);
        assertThat(defaults.routingReliabilitySeparation()).isEqualTo(5.0);
        assertThat(defaults.allowCrossCycleOrganicJobs()).isFalse();
        assertThat(defaults.routingPreliminaryReservationTimeSeconds()).isEqualTo(10.0);
        assertThat(defaults.organicJobAllowedLeewaySeconds()).isEqualTo(5);
        assertThat(defaults.executorReservationTimeLimitSeconds()).isEqualTo(7);
        assertThat(defaults.executorStartupTimeLimitSeconds()).isEqualTo(5);
        assertThat(defaults.jobFailureBlacklistTimeSeconds()).isEqualTo(14_400);
        assertThat(defaults.jobCheatedBlacklistTimeSeconds()).isEqualTo(14_400);
        assertThat(defaults.receiptTransferEnabled()).isFalse();
        assertThat(defaults.receiptTransferIntervalSeconds()).isEqualTo(2);
    }

    @Test
    void aChangeLeavesTheOtherParametersAndTheOldSetAsTheyWere() {
        DynamicParameters changed = defaults.with(Map.of("DYNAMIC_ROUTING_RELIABILITY_WINDOW_HOURS", "0.5"));

        assertThat(changed.routingReliabilityWindow()).isEqualTo(Duration.ofMinutes(30));
        assertThat(changed.blockAllowanceMultiplier()).isEqualTo(1.0);
        assertThat(defaults.routingReliabilityWindow()).isEqualTo(Duration.ofHours(24));
        assertThat(changed).isNotEqualTo(defaults);
    }

    @Test
    void anAmountOfWeiCanBeOfAnySize() {
        String huge = "9".repeat(200);

        assertThat(with("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", huge).minimumCollateralWei())
                .isEqualTo(new BigInteger(huge));
    }

    @Test
    void capsAreReadClassByClass() {
        DynamicParameters capped =
                with("DYNAMIC_MINER_MAX_EXECUTORS_PER_CLASS", "always_on.llm.a6000=3, always_on.gpu-24gb=0");

        assertThat(capped.minerMaxExecutorsPerClass())
                .containsOnly(
                        Map.entry(new ExecutorClass("always_on.llm.a6000"), 3),
                        Map.entry(new ExecutorClass("always_on.gpu-24gb"), 0));
    }

    @Test
    void emptyCapsAreNoCaps() {
        assertThat(with("DYNAMIC_MINER_MAX_EXECUTORS_PER_CLASS", "").minerMaxExecutorsPerClass())
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void everyParameterSaysWhatItIsFor(Parameter parameter) {
        assertThat(Parameter.of(parameter.key())).isEqualTo(parameter);
        assertThat(parameter.description()).endsWith(".");
        assertThat(parameter.type()).isNotBlank();
        assertThat(parameter.expected()).isNotBlank();
    }

    @Test
    void whatIsWrittenIsReadBack() {
        DynamicParameters changed = with("DYNAMIC_MINER_MAX_EXECUTORS_PER_CLASS", "b=3,a=1")
                .with(Map.of(
                        "DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "0",
                        "DYNAMIC_ROUTING_RELIABILITY_SOFT_CUTOFF", "-1e-8"));

        assertThat(changed.texts()).hasSize(Parameter.values().length);
        assertThat(defaults.with(changed.texts())).isEqualTo(changed);
        assertThat(changed.text(Parameter.MINER_MAX_EXECUTORS_PER_CLASS)).isEqualTo("a=1,b=3");
    }

    @Test
    void anUnknownNameIsRefusedWithTheNamesThereAre() {
        assertThatExceptionOfType(InvalidArgument.class)
                .isThrownBy(() -> with("DYNAMIC_MULTIPLIER", "1"))
                .withMessageContaining("\"DYNAMIC_MULTIPLIER\"")
                .withMessageContaining("DYNAMIC_BLOCK_ALLOWANCE_MULTIPLIER");
    }

    @Test
    void oneWrongValueAmongGoodOnesChangesNothing() {
        assertThatExceptionOfType(InvalidArgument.class)
                .isThrownBy(() -> defaults.with(Map.of(
                        "DYNAMIC_BLOCK_ALLOWANCE_MULTIPLIER", "2", "DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING", "maybe")));
        assertThat(defaults.blockAllowanceMultiplier()).isEqualTo(1.0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DYNAMIC_BLOCK_ALLOWANCE_MULTIPLIER | 10.01 | a number from 0 to 10",
                "DYNAMIC_BLOCK_ALLOWANCE_MULTIPLIER | -0.1 | a number from 0 to 10",
                "DYNAMIC_BLOCK_ALLOWANCE_MULTIPLIER | NaN | a number from 0 to 10",
                "DYNAMIC_BLOCK_ALLOWANCE_MULTIPLIER | Infinity | a number from 0 to 10",
                "DYNAMIC_BLOCK_ALLOWANCE_MULTIPLIER | 1d | a number from 0 to 10",
                "DYNAMIC_BLOCK_ALLOWANCE_MULTIPLIER | '' | a number from 0 to 10",
                "DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING | True | true or false",
                "DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING | 1 | true or false",
                "DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI | -1 | a whole number of wei, at least 0",
                "DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI | 1e16 | a whole number of wei, at least 0",
                "DYNAMIC_MINER_MAX_EXECUTORS_PER_CLASS | a=-1 | class=number pairs",
                "DYNAMIC_MINER_MAX_EXECUTORS_PER_CLASS | a=1,a=2 | class=number pairs",
                "DYNAMIC_MINER_MAX_EXECUTORS_PER_CLASS | a | class=number pairs",
                "DYNAMIC_MINER_MAX_EXECUTORS_PER_CLASS | a b=1 | class=number pairs",
                "DYNAMIC_MINER_MAX_EXECUTORS_PER_CLASS | a=1, | class=number pairs",
                "DYNAMIC_SPENDING_VALIDATION_BLOCK_LEEWAY_LOWER | 1.5 | a whole number from 0 to 722",
                "DYNAMIC_SPENDING_VALIDATION_BLOCK_LEEWAY_UPPER | -1 | a whole number from 0 to 722",
                "DYNAMIC_ROUTING_RELIABILITY_WINDOW_HOURS | -1 | a number from 0 to 8760",
                "DYNAMIC_ROUTING_RELIABILITY_SOFT_CUTOFF | 0 | a finite number below 0",
                "DYNAMIC_ROUTING_RELIABILITY_SOFT_CUTOFF | -1e999 | a finite number below 0",
                "DYNAMIC_RECEIPT_TRANSFER_INTERVAL | 0 | a whole number from 1 to 86400",
            })
    void aWrongValueIsRefusedWithWhatWouldBeRight(String name, String value, String right) {
        assertThatExceptionOfType(InvalidArgument.class)
                .isThrownBy(() -> with(name, value))
                .withMessageStartingWith(name + " is \"" + value + "\": must be " + right)
                .satisfies(refusal -> assertThat(refusal.field()).isEqualTo(name));
    }

    private DynamicParameters with(String name, String value) {
        return defaults.with(Map.of(name, value));
    }
}
