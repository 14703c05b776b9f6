package io.quartermaster.node.params;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.params.ParameterRange.Caps;
import io.quartermaster.node.params.ParameterRange.Fraction;
import io.quartermaster.node.params.ParameterRange.Truth;
import io.quartermaster.node.params.ParameterRange.Wei;
import io.quartermaster.node.params.ParameterRange.Whole;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The dynamic parameters there are. A constant's own name, with {@code DYNAMIC_} before it, is what operators call it. */
public enum Parameter {
    BLOCK_ALLOWANCE_MULTIPLIER(
            new Fraction(0, 10),
            "1.0",
            "Every block's allowance is multiplied by this, as it stood when the block was finalised."),
    CHECK_ALLOWANCE_WHILE_ROUTING(
            new Truth(), "true", "Whether jobs need allowance. If false, routing reserves nothing, and warns."),
    MINIMUM_COLLATERAL_AMOUNT_WEI(
            new Wei(), "10000000000000000", "Miners with less collateral get no jobs. 0: it is not looked at."),
    COLLATERAL_SLASH_AMOUNT_WEI(new Wei(), "5000000000000000", "How much collateral a miner loses that cheated."),
    MINER_MAX_EXECUTORS_PER_CLASS(
            new Caps(), "always_on.llm.a6000=2", "The most executors of a class that a miner is credited with."),
    MANIFESTS_USE_KNOWLEDGE_COMMITMENTS(
            new Truth(), "false", "Whether manifests are read from the chain instead of from the miners themselves."),
    SPENDING_VALIDATION_BLOCK_LEEWAY_LOWER(
            new Whole(0, 722), "15", "How many blocks past its expiry a block may still pay in a foreign receipt."),
    SPENDING_VALIDATION_BLOCK_LEEWAY_UPPER(
            new Whole(0, 722), "0", "How many blocks after the job's start a block may pay in a foreign receipt."),
    ROUTING_RELIABILITY_WINDOW_HOURS(new Fraction(0, 8760), "24.0", "How long an incident lowers a miner's rank."),
    ROUTING_RELIABILITY_SOFT_CUTOFF(
            Fraction.below(0), "-50.0", "Weighted ranking: the reliability at which a miner is hardly drawn any more."),
    ROUTING_RELIABILITY_SEPARATION(
            new Fraction(0, 1e6), "5.0", "Weighted ranking: how sharply reliable miners stand out. 0: not at all."),
    ALLOW_CROSS_CYCLE_ORGANIC_JOBS(
            new Truth(), "false", "Routing by cycle: whether a job may run past the cycle's end."),
    ROUTING_PRELIMINARY_RESERVATION_TIME_SECONDS(
            new Fraction(0, 3600), "10.0", "Routing by cycle: how long a picked miner is kept for the job."),
    ORGANIC_JOB_ALLOWED_LEEWAY_TIME(
            new Whole(0, 3600), "5", "Routing by cycle: seconds of leeway that every job is given."),
    EXECUTOR_RESERVATION_TIME_LIMIT(
            new Whole(0, 3600), "7", "Routing by cycle: seconds that a miner may take to reserve an executor."),
    EXECUTOR_STARTUP_TIME_LIMIT(
            new Whole(0, 3600), "5", "Routing by cycle: seconds that an executor may take to start."),
    JOB_FAILURE_BLACKLIST_TIME_SECONDS(
            new Whole(0, 31_536_000), "14400", "Routing by cycle: seconds without jobs for a miner that failed one."),
    JOB_CHEATED_BLACKLIST_TIME_SECONDS(
            new Whole(0, 31_536_000), "14400", "Routing by cycle: seconds without jobs for a miner that cheated."),
    RECEIPT_TRANSFER_ENABLED(new Truth(), "false", "Whether receipts are fetched from miners."),
    RECEIPT_TRANSFER_INTERVAL(new Whole(1, 86_400), "2", "Seconds between two fetches of receipts.");

    private static final Map<String, Parameter> BY_KEY =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Parameter::key, Function.identity()));

    private final String key;

    // Each of its kinds is a record of numbers or of nothing.
    @SuppressWarnings("ImmutableEnumChecker")
    private final ParameterRange range;

    private final String defaultText;
    private final String description;

    Parameter(ParameterRange range, String defaultText, String description) {
        this.key = "DYNAMIC_" + name();
        this.range = range;
        this.defaultText = defaultText;
        this.description = description;
    }

    /**
     * Finds a parameter by the name that operators use.
     *
     * @param key such as {@code DYNAMIC_ROUTING_RELIABILITY_WINDOW_HOURS}
     * @return the parameter
     * @throws InvalidArgument if there is none of that name
     */
    public static Parameter of(String key) {
        return Optional.ofNullable(BY_KEY.get(key))
                .orElseThrow(() -> new InvalidArgument(
                        "parameter",
                        key,
                        "one of " + BY_KEY.keySet().stream().sorted().collect(Collectors.joining(", "))));
    }

    /**
     * The name that operators use.
     *
     * @return begins with {@code DYNAMIC_}
     */
    public String key() {
        return key;
    }

    /**
     * The kind of value, in a word.
     *
     * @return such as "boolean" or "wei"
     */
    public String type() {
        return range.type();
    }

    /**
     * Which values are right, as a phrase that follows "must be".
     *
     * @return such as "true or false"
     */
    public String expected() {
        return range.expected();
    }

    /**
     * The value that holds unless it was changed.
     *
     * @return the value, as an operator would write it
     */
    public String defaultText() {
        return defaultText;
    }

    /**
     * What it is for.
     *
     * @return a sentence
     */
    public String description() {
        return description;
    }

    /**
     * Reads a value: a Double, Long, Boolean, {@link java.math.BigInteger}, or a Map from {@link ExecutorClass} to Integer.
     *
     * @throws InvalidArgument if the text is not a value of this parameter
     */
    Object parse(String text) {
        return range.parse(text).orElseThrow(() -> new InvalidArgument(key, text, range.expected()));
    }
}
