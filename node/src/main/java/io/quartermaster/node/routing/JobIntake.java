package io.quartermaster.node.routing;

import io.quartermaster.api.Allowance;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.Miner;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.manifest.ExecutorClasses;
import io.quartermaster.node.params.DynamicParameters;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What both routers do with a job around the choice of its miner: checks, overrides, and one request of a job at a time. Safe for
 * use by several threads.
 */
final class JobIntake {
    private static final Logger log = LoggerFactory.getLogger(JobIntake.class);

    private final RouterPorts ports;
    private final RoutingSettings settings;
    private final ExecutorClasses classes;
    private final JobLocks locks = new JobLocks();

    JobIntake(RouterPorts ports, RoutingSettings settings, ExecutorClasses classes) {
        this.ports = ports;
        this.settings = settings;
        this.classes = classes;
    }

    /** Routes a job: past all checks where an override says so, else as the router chooses. */
    JobRoute route(OrganicJobRequest request, Purpose purpose, Supplier<JobRoute> choose) {
        classes.require(request.executorClass());
        if (settings.debugMinerKey().isPresent()) {
            Miner miner = minerOrNowhere(settings.debugMinerKey().get());
            return overridden(request, miner, "debug-miner", purpose);
        }
        if (request.onTrustedMiner()) {
            return overridden(request, settings.trustedMiner(), "trusted-miner", purpose);
        }
        requireSecondsInRange(request.requiredSeconds());
        return locks.withLock(request.job(), choose);
    }

    private static void requireSecondsInRange(double seconds) {
        if (seconds <= 0) {
            throw new InvalidArgument(
                    "requiredSeconds", seconds, "above 0: the sum of the download, execution and upload time limits");
        }
        if (seconds > Allowance.MAX_JOB_RUN_TIME_SECONDS) {
            throw new InvalidArgument(
                    "requiredSeconds",
                    "Required allowance cannot be greater than " + Allowance.MAX_JOB_RUN_TIME_SECONDS + " seconds");
        }
    }

    private JobRoute overridden(OrganicJobRequest request, Miner miner, String rule, Purpose purpose) {
        Deliberation deliberation = deliberate(request, rule, ports.parameters().current(), purpose);
        JobRoute route = unpaid(miner, Optional.empty(), deliberation);
        purpose.conclude(deliberation.routed(route));
        return route;
    }

    Deliberation deliberate(OrganicJobRequest request, String rule, DynamicParameters parameters, Purpose purpose) {
        long block = ports.miners().currentBlock().orElse(0);
        return new Deliberation(request, ports.clock().instant(), block, rule, parameters, purpose);
    }

    /** A route for which no blocks are reserved. */
    static JobRoute unpaid(Miner miner, Optional<Instant> deadline, Deliberation deliberation) {
        return new JobRoute(
                deliberation.job(), miner, List.of(), Optional.empty(), deadline, deliberation.requiredSeconds());
    }

    /** A miner's collateral; empty, and told, if there is no telling. */
    Optional<BigInteger> wei(Hotkey miner, Deliberation deliberation) {
        try {
            return Optional.of(ports.collateral().wei(miner));
        } catch (RuntimeException failure) {
            // Whatever is wrong with collateral, jobs go on.
            log.error(
                    "Collateral can't be told, job {} is routed without it: {}",
                    deliberation.job(),
                    failure.toString());
            deliberation
                    .purpose()
                    .tell(SystemEvent.of(
                            deliberation.time(),
                            EventType.COLLATERAL_UNAVAILABLE,
                            "job " + deliberation.job() + " is routed without looking at collateral: "
                                    + failure.getMessage()));
            return Optional.empty();
        }
    }

    Miner minerOrNowhere(Hotkey hotkey) {
        return ports.miners().miner(hotkey).orElseGet(() -> RoutingSettings.nowhere(hotkey));
    }
}
