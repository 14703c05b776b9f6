package io.quartermaster.ops.chaos;

import io.quartermaster.api.Allowance;
import io.quartermaster.api.CallId;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.Refused;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.ReservationAlreadySpent;
import io.quartermaster.api.ReservationId;
import io.quartermaster.api.ReservationNotFound;
import io.quartermaster.node.app.Replica;
import io.quartermaster.ops.chaos.CallLog.Booked;
import io.quartermaster.ops.chaos.CallLog.Kind;
import io.quartermaster.ops.chaos.CallLog.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Callers that do not wait for each other: jobs arrive at a rate of their own, whether earlier ones are answered or not, since
 * callers that wait hide what happens while they are stuck. Each job is reserved or routed, then undone, spent or forgotten.
 */
final class ChaosLoad implements AutoCloseable {
    private static final int MOST_AT_ONCE = 400;
    private static final int MOST_ATTEMPTS = 8;
    private static final long BETWEEN_JOBS_NANOS = 5_000_000;

    private final Replica replica;
    private final CallLog log;
    private final String name;
    private final SplittableRandom random;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final ExecutorService callers =
            new ThreadPoolExecutor(0, MOST_AT_ONCE * 2, 10, TimeUnit.SECONDS, new SynchronousQueue<>());
    private final Semaphore room = new Semaphore(MOST_AT_ONCE);
    private final AtomicLong attempts = new AtomicLong();
    private final AtomicLong jobs = new AtomicLong();

    /** Calls that go on or will be made. */
    private final AtomicLong open = new AtomicLong();

    private final Optional<CycleJobs> byCycle;
    private volatile int callersWanted;
    private volatile double perSecond;

    /** Asks until there is an answer. */
    interface Asking {
        Optional<Booked> attempt(String op, Kind kind, String target, Supplier<@Nullable Booked> asking);
    }

    ChaosLoad(Replica replica, CallLog log, String name, long seed, boolean cycle) {
        this.replica = replica;
        this.log = log;
        this.name = name;
        this.random = new SplittableRandom(seed);
        this.byCycle = cycle ? Optional.of(new CycleJobs(replica, this::attempt, seed)) : Optional.empty();
        later(0, this::next);
    }

    void rate(double jobsPerSecond) {
        perSecond = jobsPerSecond;
    }

    /** From now on so many callers each send one job after the other; with 0 they end. */
    synchronized void callers(int count) {
        int there = callersWanted;
        callersWanted = count;
        for (int caller = there; caller < count; caller++) {
            int number = caller;
            open.incrementAndGet();
            callers.execute(() -> {
                try {
                    while (number < callersWanted && !Thread.currentThread().isInterrupted()) {
                        job().run();
                        LockSupport.parkNanos(BETWEEN_JOBS_NANOS);
                    }
                } finally {
                    open.decrementAndGet();
                }
            });
        }
    }

    /** How many calls go on or will still be made for jobs that have come. */
    long open() {
        return open.get();
    }

    private void next() {
        double rate = perSecond;
        if (rate <= 0) {
            later(50, this::next);
            return;
        }
        double gapMillis = -Math.log(1 - random.nextDouble()) * 1000 / rate;
        later((long) gapMillis, this::next);
        // Between two ticks of the timer several may be due.
        double extra = gapMillis < 1 ? 1 / Math.max(gapMillis, 0.05) : 1;
        for (int i = 0; i < Math.min(20, Math.round(extra * Math.min(1, gapMillis + 0.5))); i++) {
            arrive();
        }
    }

    private void arrive() {
        spawn(job());
    }

    private synchronized Runnable job() {
        String job = name + "-" + jobs.incrementAndGet();
        boolean routed = random.nextInt(100) < 45;
        int seconds = 6 + random.nextInt(30);
        int fate = random.nextInt(100);
        int after = random.nextInt(2500);
        int pick = random.nextInt(1 << 20);
        return () -> {
            List<Manifest> offered = replica.allowance().manifests().stream()
                    .filter(manifest -> manifest.executors() > 0)
                    .toList();
            if (offered.isEmpty()) {
                return;
            }
            Manifest offer = offered.get(pick % offered.size());
            if (byCycle.isPresent()) {
                byCycle.get().send(job, offer, seconds, fate).ifPresent(then -> afterwards(after, then));
                return;
            }
            Optional<Booked> booked = routed ? route(job, offer, seconds) : reserve(job, offer, seconds);
            booked.ifPresent(made -> {
                if (fate < 60) {
                    afterwards(after, () -> settle(job, made, Kind.UNDO));
                } else if (fate < 90) {
                    afterwards(after, () -> settle(job, made, Kind.SPEND));
                }
            });
        };
    }

    private void afterwards(long millis, Runnable work) {
        open.incrementAndGet();
        later(millis, () -> {
            spawn(work);
            open.decrementAndGet();
        });
    }

    private Optional<Booked> route(String job, Manifest offer, int seconds) {
        return attempt(job + "/route", Kind.ROUTE, offer.executorClass().name(), () -> {
            JobRoute route = replica.routing()
                    .pickMinerForJobRequest(OrganicJobRequest.of(new JobId(job), offer.executorClass(), seconds));
            return new Booked(
                    route.reservation().orElseThrow().value(),
                    route.miner().hotkey().value(),
                    offer.executorClass().name(),
                    0,
                    route.allowanceBlocks());
        });
    }

    private Optional<Booked> reserve(String job, Manifest offer, int seconds) {
        Hotkey miner = offer.miner();
        Allowance allowance = replica.allowance();
        return attempt(job + "/reserve", Kind.RESERVE, miner.value(), () -> {
            Reservation made = allowance.reserveAllowance(
                    miner, offer.executorClass(), seconds, allowance.currentBlock(), new JobId(job));
            return new Booked(
                    made.id().value(),
                    miner.value(),
                    made.executorClass().name(),
                    made.deadline().toEpochMilli(),
                    made.blocks());
        });
    }

    private void settle(String job, Booked booked, Kind kind) {
        ReservationId id = new ReservationId(booked.reservation());
        CallId call = new CallId(job + "-" + kind);
        var unused = attempt(job + "/" + kind, kind, Long.toString(booked.reservation()), () -> {
            if (kind == Kind.UNDO) {
                replica.allowance().undoAllowanceReservation(id, call);
            } else {
                replica.allowance().spendAllowance(id, call);
            }
            return null;
        });
    }

    /** Asks until there is an answer, with the same id. */
    private Optional<Booked> attempt(String op, Kind kind, String target, Supplier<@Nullable Booked> asking) {
        for (int tries = 0; tries < MOST_ATTEMPTS && !Thread.currentThread().isInterrupted(); tries++) {
            long attempt = attempts.incrementAndGet();
            log.began(attempt, replica.nowMillis(), op, kind, target);
            try {
                Booked booked = asking.get();
                log.ended(attempt, replica.nowMillis(), Outcome.OK, booked == null ? "" : booked.words());
                return Optional.ofNullable(booked);
            } catch (ReservationNotFound e) {
                return refused(attempt, Outcome.NOT_FOUND, e);
            } catch (ReservationAlreadySpent e) {
                return refused(attempt, Outcome.ALREADY_SPENT, e);
            } catch (Refused | InvalidArgument e) {
                return refused(attempt, Outcome.REFUSED, e);
            } catch (GridUnavailable e) {
                log.ended(attempt, replica.nowMillis(), Outcome.UNAVAILABLE, "");
                if (kind == Kind.ROUTE || kind == Kind.RESERVE) {
                    return Optional.empty();
                }
            } catch (OutcomeUnknown e) {
                log.ended(attempt, replica.nowMillis(), Outcome.UNKNOWN, "");
            } catch (RuntimeException e) {
                log.ended(
                        attempt,
                        replica.nowMillis(),
                        Outcome.FAULT,
                        e.toString().replace('\n', ' '));
                return Optional.empty();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300L << Math.min(tries, 3)));
        }
        return Optional.empty();
    }

    private Optional<Booked> refused(long attempt, Outcome outcome, RuntimeException why) {
        log.ended(attempt, replica.nowMillis(), outcome, why.getClass().getSimpleName());
        return Optional.empty();
    }

    private void spawn(Runnable work) {
        if (!room.tryAcquire()) {
            return;
        }
        open.incrementAndGet();
        try {
            callers.execute(() -> {
                try {
                    work.run();
                } finally {
                    room.release();
                    open.decrementAndGet();
                }
            });
        } catch (RuntimeException closing) {
            open.decrementAndGet();
            room.release();
        }
    }

    private void later(long millis, Runnable action) {
        try {
            var unused = timer.schedule(action, millis, TimeUnit.MILLISECONDS);
        } catch (RuntimeException closing) {
            perSecond = 0;
        }
    }

    @Override
    public void close() {
        perSecond = 0;
        callersWanted = 0;
        timer.shutdownNow();
        callers.shutdownNow();
    }
}
