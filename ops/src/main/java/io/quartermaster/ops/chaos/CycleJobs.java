package io.quartermaster.ops.chaos;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.app.Replica;
import io.quartermaster.ops.chaos.CallLog.Booked;
import io.quartermaster.ops.chaos.CallLog.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What callers do where jobs are routed by cycle: route, take receipts of a start and of an end, or forget. */
final class CycleJobs {
    /** By the books' clock. Much longer than clocks may be apart, so that something is left to check. */
    static final long KEPT_MILLIS = 150_000;

    private static final Duration RECEIPTS_HOLD = Duration.ofSeconds(200);

    /** Parameters for a grid whose jobs are routed by cycle: the cycle's end shall not end the test. */
    static final Map<String, String> PARAMETERS = Map.of(
            "DYNAMIC_ROUTING_PRELIMINARY_RESERVATION_TIME_SECONDS",
            Long.toString(KEPT_MILLIS / 1000),
            "DYNAMIC_ALLOW_CROSS_CYCLE_ORGANIC_JOBS",
            "true");

    private final Replica replica;
    private final ChaosLoad.Asking asking;
    private final AtomicLong numbers;

    CycleJobs(Replica replica, ChaosLoad.Asking asking, long seed) {
        this.replica = replica;
        this.asking = asking;
        // Jobs have no reservation, and a number of the caller's own instead: the lives of replicas have different
        // seeds.
        this.numbers = new AtomicLong(seed << 32);
    }

    /** Sends a job; what is to be done later about it, if anything. */
    Optional<Runnable> send(String job, Manifest offer, int seconds, int fate) {
        long number = numbers.incrementAndGet();
        long kept = replica.nowMillis() + KEPT_MILLIS;
        Optional<Booked> booked =
                asking.attempt(job + "/route", Kind.ROUTE, offer.executorClass().name(), () -> {
                    JobRoute route = replica.routing()
                            .pickMinerForJobRequest(
                                    OrganicJobRequest.of(new JobId(job), offer.executorClass(), seconds));
                    return new Booked(
                            number,
                            route.miner().hotkey().value(),
                            offer.executorClass().name(),
                            kept,
                            route.allowanceBlocks());
                });
        if (booked.isEmpty() || fate >= 80) {
            return Optional.empty();
        }
        if (fate < 40) {
            start(job, booked.get());
        }
        return Optional.of(() -> finish(job, booked.get(), seconds));
    }

    private void start(String job, Booked booked) {
        var unused = asking.attempt(job + "/START", Kind.START, Long.toString(booked.reservation()), () -> {
            Instant now = now();
            take(new Receipt.Started(
                    new JobId(job),
                    new Hotkey(booked.miner()),
                    validator(),
                    now,
                    new ExecutorClass(booked.executorClass()),
                    true,
                    RECEIPTS_HOLD));
            take(new Receipt.Accepted(
                    new JobId(job), new Hotkey(booked.miner()), validator(), now, now, RECEIPTS_HOLD));
            return null;
        });
    }

    private void finish(String job, Booked booked, int seconds) {
        var unused = asking.attempt(job + "/FINISH", Kind.FINISH, Long.toString(booked.reservation()), () -> {
            Instant now = now();
            take(new Receipt.Finished(
                    new JobId(job),
                    new Hotkey(booked.miner()),
                    validator(),
                    now,
                    now,
                    Duration.ofSeconds(seconds),
                    seconds,
                    booked.blocks()));
            return null;
        });
    }

    private Instant now() {
        return Instant.ofEpochMilli(replica.nowMillis());
    }

    private Hotkey validator() {
        return replica.status().validator();
    }

    private void take(Receipt receipt) {
        replica.take(new SignedReceipt(receipt, "fault test", "fault test"));
    }
}
