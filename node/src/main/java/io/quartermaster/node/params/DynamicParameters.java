package io.quartermaster.node.params;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.InvalidArgument;
import java.math.BigInteger;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A value for every {@link Parameter}. Immutable; every value is within its parameter's range. */
public final class DynamicParameters {
    private static final long NANOS_PER_HOUR = Duration.ofHours(1).toNanos();
    private static final DynamicParameters DEFAULTS = new DynamicParameters(defaultValues());

    private final Map<Parameter, Object> values;

    private DynamicParameters(Map<Parameter, Object> values) {
        this.values = values;
    }

    /**
     * The set that holds unless something was changed.
     *
     * @return every parameter at its default
     */
    public static DynamicParameters defaults() {
        return DEFAULTS;
    }

    /**
     * This set with some values changed. All of them are taken, or none.
     *
     * @param texts values by parameter name, such as {@code DYNAMIC_ROUTING_RELIABILITY_WINDOW_HOURS}
     * @return the changed set
     * @throws InvalidArgument if a name is unknown or a value is not right for its parameter
     */
    public DynamicParameters with(Map<String, String> texts) {
        Map<Parameter, Object> changed = new EnumMap<>(values);
        texts.forEach((key, text) -> {
            Parameter parameter = Parameter.of(key);
            changed.put(parameter, parameter.parse(text));
        });
        return new DynamicParameters(changed);
    }

    /**
     * A value as an operator would write it; {@link #with} reads it back.
     *
     * @param parameter which
     * @return its value
     */
    public String text(Parameter parameter) {
        Object value = value(parameter);
        if (value instanceof Map<?, ?> caps) {
            return caps.entrySet().stream()
                    .map(cap -> cap.getKey() + "=" + cap.getValue())
                    .collect(Collectors.joining(","));
        }
        return value.toString();
    }

    /**
     * All values as an operator would write them.
     *
     * @return every parameter's name and value, in the order of {@link Parameter}
     */
    public Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        for (Parameter parameter : Parameter.values()) {
            texts.put(parameter.key(), text(parameter));
        }
        return texts;
    }

    public double blockAllowanceMultiplier() {
        return number(Parameter.BLOCK_ALLOWANCE_MULTIPLIER);
    }

    public boolean checkAllowanceWhileRouting() {
        return truth(Parameter.CHECK_ALLOWANCE_WHILE_ROUTING);
    }

    public BigInteger minimumCollateralWei() {
        return (BigInteger) value(Parameter.MINIMUM_COLLATERAL_AMOUNT_WEI);
    }

    public BigInteger collateralSlashWei() {
        return (BigInteger) value(Parameter.COLLATERAL_SLASH_AMOUNT_WEI);
    }

    /**
     * The most executors of a class that a miner is credited with.
     *
     * @return in order of class; a class that is not there has no cap
     */
    // Caps.parse makes nothing else.
    @SuppressWarnings("unchecked")
    public Map<ExecutorClass, Integer> minerMaxExecutorsPerClass() {
        return (Map<ExecutorClass, Integer>) value(Parameter.MINER_MAX_EXECUTORS_PER_CLASS);
    }

    public boolean manifestsUseKnowledgeCommitments() {
        return truth(Parameter.MANIFESTS_USE_KNOWLEDGE_COMMITMENTS);
    }

    public int spendingValidationBlockLeewayLower() {
        return whole(Parameter.SPENDING_VALIDATION_BLOCK_LEEWAY_LOWER);
    }

    public int spendingValidationBlockLeewayUpper() {
        return whole(Parameter.SPENDING_VALIDATION_BLOCK_LEEWAY_UPPER);
    }

    public Duration routingReliabilityWindow() {
        return Duration.ofNanos(Math.round(number(Parameter.ROUTING_RELIABILITY_WINDOW_HOURS) * NANOS_PER_HOUR));
    }

    public double routingReliabilitySoftCutoff() {
        return number(Parameter.ROUTING_RELIABILITY_SOFT_CUTOFF);
    }

    public double routingReliabilitySeparation() {
        return number(Parameter.ROUTING_RELIABILITY_SEPARATION);
    }

    public boolean allowCrossCycleOrganicJobs() {
        return truth(Parameter.ALLOW_CROSS_CYCLE_ORGANIC_JOBS);
    }

    public double routingPreliminaryReservationTimeSeconds() {
        return number(Parameter.ROUTING_PRELIMINARY_RESERVATION_TIME_SECONDS);
    }

    public int organicJobAllowedLeewaySeconds() {
        return whole(Parameter.ORGANIC_JOB_ALLOWED_LEEWAY_TIME);
    }

    public int executorReservationTimeLimitSeconds() {
        return whole(Parameter.EXECUTOR_RESERVATION_TIME_LIMIT);
    }

    public int executorStartupTimeLimitSeconds() {
        return whole(Parameter.EXECUTOR_STARTUP_TIME_LIMIT);
    }

    public int jobFailureBlacklistTimeSeconds() {
        return whole(Parameter.JOB_FAILURE_BLACKLIST_TIME_SECONDS);
    }

    public int jobCheatedBlacklistTimeSeconds() {
        return whole(Parameter.JOB_CHEATED_BLACKLIST_TIME_SECONDS);
    }

    public boolean receiptTransferEnabled() {
        return truth(Parameter.RECEIPT_TRANSFER_ENABLED);
    }

    public int receiptTransferIntervalSeconds() {
        return whole(Parameter.RECEIPT_TRANSFER_INTERVAL);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DynamicParameters that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return texts().toString();
    }

    private static Map<Parameter, Object> defaultValues() {
        Map<Parameter, Object> values = new EnumMap<>(Parameter.class);
        for (Parameter parameter : Parameter.values()) {
            values.put(parameter, parameter.parse(parameter.defaultText()));
        }
        return values;
    }

    private Object value(Parameter parameter) {
        return Objects.requireNonNull(values.get(parameter));
    }

    private double number(Parameter parameter) {
        return (Double) value(parameter);
    }

    private int whole(Parameter parameter) {
        return Math.toIntExact((Long) value(parameter));
    }

    private boolean truth(Parameter parameter) {
        return (Boolean) value(parameter);
    }
}
