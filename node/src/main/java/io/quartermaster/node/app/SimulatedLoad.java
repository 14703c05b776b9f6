package io.quartermaster.node.app;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.Refused;
import io.quartermaster.api.ReservationId;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.chain.Fate;
import io.quartermaster.node.chain.SimulatedJobs;
import io.quartermaster.node.chain.SimulatedMiners;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users' jobs on a simulated subnet: each is routed, and its miner accepts, declines, does not answer, succeeds or fails; the
 * reservation is spent or undone as a validator's program would do it. Now and then one is forgotten, and expires. By cycle there
 * is no reservation: the receipts say what became of a job.
 */
public final class SimulatedLoad implements AutoCloseable {
    /** What stands in the place of signatures: nobody holds the keys of a simulated subnet. */
    static final String UNSIGNED = "simulated";

    private static final Logger LOG = LoggerFactory.getLogger(SimulatedLoad.class);

    /** One job in this many is forgotten by its program, so that expiry can be watched. */
    private static final int ONE_FORGOTTEN_IN = 40;

    private final Replica replica;
    private final Hotkey validator;
    private final SimulatedMiners miners;
    private final SimulatedJobs jobs;
    private final ScheduledExecutorService timer;
    private final Tally tally = new Tally();

    /** What has become of the jobs. */
    private static final class Tally {
        private final LongAdder arrived = new LongAdder();
        private final LongAdder notRouted = new LongAdder();
        private final LongAdder declined = new LongAdder();
        private final LongAdder failed = new LongAdder();
        private final LongAdder succeeded = new LongAdder();
        private final LongAdder forgotten = new LongAdder();
    }

    /**
     * How many jobs ended how.
     *
     * @param arrived all
     * @param notRouted nobody could take them
     * @param declined the miner declined or did not answer; undone
     * @param failed the miner took them and failed; undone
     * @param succeeded spent
     * @param forgotten neither spent nor undone; they expire
     */
    public record Count(long arrived, long notRouted, long declined, long failed, long succeeded, long forgotten) {}

    private SimulatedLoad(Replica replica, Hotkey validator, SimulatedMiners miners, SimulatedJobs jobs) {
        this.replica = replica;
        this.validator = validator;
        this.miners = miners;
        this.jobs = jobs;
        this.timer = new ScheduledThreadPoolExecutor(2, task -> {
            Thread thread = new Thread(task, "simulated-jobs");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Starts sending jobs.
     *
     * @param replica what routes them
     * @param miners how the miners treat them
     * @param jobs which jobs come when
     * @return the running load
     */
    public static SimulatedLoad start(Replica replica, SimulatedMiners miners, SimulatedJobs jobs) {
        SimulatedLoad load = new SimulatedLoad(replica, replica.status().validator(), miners, jobs);
        load.next();
        return load;
    }

    /**
     * What has become of the jobs so far.
     *
     * @return a snapshot
     */
    public Count count() {
        return new Count(
                tally.arrived.sum(),
                tally.notRouted.sum(),
                tally.declined.sum(),
                tally.failed.sum(),
                tally.succeeded.sum(),
                tally.forgotten.sum());
    }

    private void next() {
        SimulatedJobs.Job job = jobs.next();
        later(job.gap(), () -> {
            next();
            if (replica.status().block() >= 0) {
                send(job);
            }
        });
    }

    private void send(SimulatedJobs.Job job) {
        tally.arrived.increment();
        JobRoute route;
        try {
            route = replica.routing()
                    .pickMinerForJobRequest(OrganicJobRequest.of(job.id(), job.executorClass(), job.seconds()));
        } catch (Refused refused) {
            tally.notRouted.increment();
            return;
        }
        Hotkey miner = route.miner().hotkey();
        Optional<ReservationId> reservation = route.reservation();
        Fate fate = miners.fate(miner, job.id());
        Duration after = fate.after(job.seconds());
        Instant sent = Instant.ofEpochMilli(replica.nowMillis());
        if (fate instanceof Fate.Declines || fate instanceof Fate.TimesOut) {
            later(after, () -> {
                tally.declined.increment();
                giveUp(reservation, MinerIncidentType.MINER_JOB_REJECTED, miner, job.id(), job.executorClass());
            });
            return;
        }
        started(job, miner, sent);
        if (reservation.isEmpty()) {
            accepted(job, miner, sent);
        }
        later(after, () -> {
            boolean paid = false;
            if (fate instanceof Fate.Fails) {
                tally.failed.increment();
                giveUp(reservation, MinerIncidentType.MINER_JOB_FAILED, miner, job.id(), job.executorClass());
            } else if (Math.floorMod(job.id().value().hashCode(), ONE_FORGOTTEN_IN) == 0) {
                tally.forgotten.increment();
            } else {
                reservation.ifPresent(id -> replica.allowance().spendAllowance(id));
                tally.succeeded.increment();
                paid = true;
            }
            finished(job, miner, sent, route, paid);
        });
    }

    private void giveUp(
            Optional<ReservationId> reservation,
            MinerIncidentType why,
            Hotkey miner,
            JobId job,
            ExecutorClass executorClass) {
        reservation.ifPresent(id -> replica.allowance().undoAllowanceReservation(id));
        replica.routing().reportMinerIncident(why, miner, job, executorClass);
    }

    private void started(SimulatedJobs.Job job, Hotkey miner, Instant sent) {
        Duration ttl = Duration.ofSeconds(job.seconds() + 60L);
        take(new Receipt.Started(job.id(), miner, validator, sent, job.executorClass(), true, ttl));
    }

    private void accepted(SimulatedJobs.Job job, Hotkey miner, Instant sent) {
        Duration ttl = Duration.ofSeconds(job.seconds() + 60L);
        take(new Receipt.Accepted(job.id(), miner, validator, sent, sent, ttl));
    }

    /** A job that nobody pays for costs nothing: its blocks are given back, and pay for others. */
    private void finished(SimulatedJobs.Job job, Hotkey miner, Instant sent, JobRoute route, boolean paid) {
        Instant now = Instant.ofEpochMilli(replica.nowMillis());
        take(new Receipt.Finished(
                job.id(),
                miner,
                validator,
                now,
                sent,
                Duration.between(sent, now),
                paid ? route.jobValueSeconds() : 0,
                paid ? route.allowanceBlocks() : List.of()));
    }

    private void take(Receipt receipt) {
        replica.take(new SignedReceipt(receipt, UNSIGNED, UNSIGNED));
    }

    private void later(Duration delay, Runnable action) {
        try {
            var unused =
                    timer.schedule(() -> run(action), replica.realTime(delay).toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closing) {
            LOG.debug("No more jobs: the load is closing", closing);
        }
    }

    private static void run(Runnable action) {
        try {
            action.run();
        } catch (Refused | GridUnavailable | OutcomeUnknown e) {
            LOG.warn("A simulated job met: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("A simulated job failed in a way that should not be possible", e);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
