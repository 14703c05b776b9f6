package io.quartermaster.node.app.web;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.node.events.EventType;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The bodies of requests: as they come, everything optional; checked when they are turned into the api's own values. */
final class Requests {
    private Requests() {}

    static <T> T require(String field, @Nullable T value) {
        if (value == null) {
            throw new InvalidArgument(field, field + " is missing");
        }
        return value;
    }

    static CallId call(@Nullable String given) {
        return given == null ? CallId.fresh() : new CallId(given);
    }

    /** The body of a reservation. */
    record Reserve(
            @Needed @Nullable String miner,
            @Needed @Nullable String executorClass,
            @Needed @Nullable Double seconds,
            @Nullable Long startBlock,
            @Needed @Nullable String job) {
        Hotkey minerKey() {
            return new Hotkey(require("miner", miner));
        }

        ExecutorClass executors() {
            return new ExecutorClass(require("executorClass", executorClass));
        }

        JobId jobId() {
            return new JobId(require("job", job));
        }

        double amount() {
            return require("seconds", seconds);
        }
    }

    /** The body of a job to route. What is only passed through to miners is not needed to pick one. */
    record Route(
            @Needed @Nullable String job,
            @Needed @Nullable String executorClass,
            @Nullable Boolean onTrustedMiner,
            @Nullable Integer downloadTimeLimitSeconds,
            @Nullable Integer executionTimeLimitSeconds,
            @Nullable Integer uploadTimeLimitSeconds) {
        OrganicJobRequest request() {
            OrganicJobRequest plain = OrganicJobRequest.of(
                    new JobId(require("job", job)),
                    new ExecutorClass(require("executorClass", executorClass)),
                    executionTimeLimitSeconds == null ? 0 : executionTimeLimitSeconds);
            return new OrganicJobRequest(
                    plain.job(),
                    plain.executorClass(),
                    Boolean.TRUE.equals(onTrustedMiner),
                    downloadTimeLimitSeconds == null ? 0 : downloadTimeLimitSeconds,
                    plain.executionTimeLimitSeconds(),
                    uploadTimeLimitSeconds == null ? 0 : uploadTimeLimitSeconds,
                    0,
                    plain.dockerImage(),
                    plain.args(),
                    plain.env(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }
    }

    /** The body of several jobs to route at once. */
    record Batch(@Needed @Nullable List<Route> jobs) {
        List<OrganicJobRequest> requests() {
            return require("jobs", jobs).stream()
                    .map(job -> require("jobs", job).request())
                    .toList();
        }
    }

    /** The body of an extension. */
    record Extend(@Needed @Nullable Double seconds) {
        double amount() {
            return require("seconds", seconds);
        }
    }

    static EventType eventType(String name) {
        return oneOf("type", name, EventType.values());
    }

    static Instant instant(String field, String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new InvalidArgument(field, text, "an instant such as 2026-11-16T03:00:00Z");
        }
    }

    static <E extends Enum<E>> E oneOf(String field, String name, E[] values) {
        return Arrays.stream(values)
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new InvalidArgument(field, name, "one of " + Arrays.toString(values)));
    }

    /** The body of a change of parameters. */
    record Parameters(
            @Needed @Nullable Map<String, String> values,
            @Needed @Nullable String who,
            @Nullable String why) {
        Map<String, String> newValues() {
            return require("values", values);
        }

        String byWhom() {
            return require("who", who);
        }

        String whatFor() {
            return why == null ? "" : why;
        }
    }

    /** The body of an incident. */
    record Incident(
            @Needed @Nullable String type,
            @Needed @Nullable String miner,
            @Needed @Nullable String job,
            @Needed @Nullable String executorClass) {
        MinerIncidentType incidentType() {
            return oneOf("type", require("type", type), MinerIncidentType.values());
        }

        Hotkey minerKey() {
            return new Hotkey(require("miner", miner));
        }

        JobId jobId() {
            return new JobId(require("job", job));
        }

        ExecutorClass executors() {
            return new ExecutorClass(require("executorClass", executorClass));
        }
    }
}
