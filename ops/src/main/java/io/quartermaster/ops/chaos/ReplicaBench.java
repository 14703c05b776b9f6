package io.quartermaster.ops.chaos;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.QuartermasterException;
import io.quartermaster.api.Reservation;
import io.quartermaster.node.app.Replica;
import io.quartermaster.ops.bench.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Callers that each wait for their answer, to measure what a replica can do when nothing goes wrong. */
final class ReplicaBench {
    private final Replica replica;
    private final AtomicLong jobs = new AtomicLong();
    private final String name;

    ReplicaBench(Replica replica, String name) {
        this.replica = replica;
        this.name = name;
    }

    /** What was measured: of one kind of work, each unit. */
    record Measured(String what, int callers, double perSecond, double p50Millis, double p99Millis, int failed) {}

    /** One unit of work; its own time in nanoseconds, or -1 if the books said no. */
    private interface Work {
        long once(int caller);
    }

    Measured reserveAndSpend(int callers, int seconds) throws InterruptedException {
        List<Manifest> offered = replica.allowance().manifests().stream()
                .filter(manifest -> manifest.executors() > 1)
                .toList();
        return measure("reserve+spend", callers, seconds, caller -> {
            long job = jobs.incrementAndGet();
            Manifest offer = offered.get((int) (job % offered.size()));
            Hotkey miner = offer.miner();
            long began = System.nanoTime();
            Reservation made = replica.allowance()
                    .reserveAllowance(
                            miner,
                            offer.executorClass(),
                            10,
                            replica.allowance().currentBlock(),
                            new JobId(name + "-" + job));
            replica.allowance().spendAllowance(made.id());
            return System.nanoTime() - began;
        });
    }

    Measured route(int callers, int seconds) throws InterruptedException {
        List<Manifest> offered = replica.allowance().manifests();
        return measure("route", callers, seconds, caller -> {
            long job = jobs.incrementAndGet();
            Manifest offer = offered.get((int) (job % offered.size()));
            long began = System.nanoTime();
            JobRoute route = replica.routing()
                    .pickMinerForJobRequest(
                            OrganicJobRequest.of(new JobId(name + "-" + job), offer.executorClass(), 10));
            long took = System.nanoTime() - began;
            route.reservation().ifPresent(replica.allowance()::undoAllowanceReservation);
            return took;
        });
    }

    private Measured measure(String what, int callers, int seconds, Work work) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        List<Future<List<Long>>> all = new ArrayList<>();
        AtomicLong failed = new AtomicLong();
        long began = System.nanoTime();
        long until = began + TimeUnit.SECONDS.toNanos(seconds);
        for (int i = 0; i < callers; i++) {
            int caller = i;
            all.add(threads.submit(() -> {
                List<Long> took = new ArrayList<>();
                while (System.nanoTime() < until) {
                    try {
                        took.add(work.once(caller));
                    } catch (QuartermasterException e) {
                        failed.incrementAndGet();
                    }
                }
                return took;
            }));
        }
        List<Long> took = new ArrayList<>();
        for (Future<List<Long>> one : all) {
            try {
                took.addAll(one.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException("A caller failed", e.getCause());
            }
        }
        double lasted = (System.nanoTime() - began) / 1e9;
        threads.shutdown();
        Sample nanos = Sample.of(took);
        return new Measured(
                what,
                callers,
                nanos.size() / lasted,
                nanos.median() / 1e6,
                nanos.percentile(0.99) / 1e6,
                failed.intValue());
    }
}
