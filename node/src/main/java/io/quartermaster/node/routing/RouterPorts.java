package io.quartermaster.node.routing;

import io.quartermaster.node.collateral.CollateralBook;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.params.ParameterSource;
import io.quartermaster.node.receipts.OngoingJobs;
import java.time.InstantSource;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What a router asks and tells.
 *
 * @param finder who has allowance
 * @param booking takes executors and allowance
 * @param miners who the miners are, and what they have
 * @param incidents how reliable they are
 * @param collateral what they have put down
 * @param ongoingJobs what they are at work on
 * @param parameters read once for each decision
 * @param events told of each decision
 * @param clock read once for each decision
 * @param random for weighted ranking: called once for each decision, by the thread that makes it; a test hands in a seeded one
 */
public record RouterPorts(
        AllowanceFinder finder,
        SlotBooking booking,
        MinerDirectory miners,
        Incidents incidents,
        CollateralBook collateral,
        OngoingJobs ongoingJobs,
        ParameterSource parameters,
        EventLog events,
        InstantSource clock,
        Supplier<? extends RandomGenerator> random) {}
