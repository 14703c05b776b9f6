package io.quartermaster.ops.bench;

import io.quartermaster.ops.bench.KeptConnection.Answer;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Pairs of a route and the spend of its reservation, so many a second, over a bounded number of connections. Each pair has the
 * moment at which it is due, whatever becomes of those before it, and what it takes is counted from there: one that has to wait
 * for a connection, as all are waiting for answers, has waited for the replica.
 *
 * <p>Callers in life keep few connections and use them again. So does this: opening one for whatever is due when the others are
 * at work makes a replica that falls behind for a moment accept connections instead of answering, and it never comes back.
 */
final class HttpLoad {
    /** Who waits longer has given up. */
    private static final int PATIENCE_MILLIS = 10_000;

    private static final Pattern RESERVATION = Pattern.compile("\"reservation\":(\\d+)");
    private static final Pattern PROBLEM = Pattern.compile("\"type\":\"urn:quartermaster:(\\w+)\"");
    private static final int JOB_SECONDS = 5;

    private final URI replica;
    private final int connections;
    private final String name;

    /**
     * What became of the pairs.
     *
     * @param due how many were due
     * @param route what the routes took from when they were due, in nanoseconds
     * @param pair what whole pairs took from when they were due, in nanoseconds
     * @param failures how many failed, by what went wrong
     * @param seconds how long it took until the last one had ended
     */
    record Outcome(int due, Sample route, Sample pair, Map<String, Integer> failures, double seconds) {
        int failed() {
            return failures.values().stream().mapToInt(Integer::intValue).sum();
        }

        double perSecond() {
            return pair.size() / seconds;
        }
    }

    /**
     * Prepares.
     *
     * @param replica where to send to
     * @param connections how many connections
     * @param name begins the jobs' ids, so that those of two loads differ
     */
    HttpLoad(URI replica, int connections, String name) {
        this.replica = replica;
        this.connections = connections;
        this.name = name;
    }

    /**
     * Runs, until every pair has ended in one way or the other.
     *
     * @param perSecond how many pairs are due each second
     * @param seconds how long
     * @return what became of them
     * @throws InterruptedException if the thread is interrupted
     */
    Outcome run(int perSecond, int seconds) throws InterruptedException {
        int due = Math.multiplyExact(perSecond, seconds);
        AtomicInteger next = new AtomicInteger();
        long began = System.nanoTime();
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            callers.add(new Caller(next, due, began, TimeUnit.SECONDS.toNanos(1) / (double) perSecond));
        }
        callers.forEach(Thread::start);
        for (Caller caller : callers) {
            caller.join();
        }
        double lasted = (System.nanoTime() - began) / 1e9;
        List<Long> routes = new ArrayList<>(due);
        List<Long> pairs = new ArrayList<>(due);
        Map<String, Integer> failures = new TreeMap<>();
        for (Caller caller : callers) {
            routes.addAll(caller.routes);
            pairs.addAll(caller.pairs);
            caller.failures.forEach((kind, count) -> failures.merge(kind, count, Integer::sum));
        }
        return new Outcome(due, Sample.of(routes), Sample.of(pairs), failures, lasted);
    }

    /** Takes the next pair that is due, again and again, over a connection of its own. */
    private final class Caller extends Thread {
        private final AtomicInteger next;
        private final int end;
        private final long began;
        private final double apartNanos;
        private final List<Long> routes = new ArrayList<>();
        private final List<Long> pairs = new ArrayList<>();
        private final Map<String, Integer> failures = new TreeMap<>();
        private @Nullable KeptConnection connection;

        Caller(AtomicInteger next, int end, long began, double apartNanos) {
            super("caller");
            this.next = next;
            this.end = end;
            this.began = began;
            this.apartNanos = apartNanos;
        }

        @Override
        public void run() {
            for (int pair = next.getAndIncrement(); pair < end; pair = next.getAndIncrement()) {
                long due = began + (long) (pair * apartNanos);
                for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
                    LockSupport.parkNanos(early);
                }
                if (System.nanoTime() - due > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS)) {
                    failed("no connection was free within " + PATIENCE_MILLIS + " ms");
                } else {
                    routeAndSpend(pair, due);
                }
            }
            disconnect();
        }

        private void routeAndSpend(int pair, long due) {
            try {
                Answer route = connected().post("/v1/routes", job(pair));
                Matcher reservation = RESERVATION.matcher(route.body());
                if (route.status() != 201 || !reservation.find()) {
                    failed("route: " + refusal(route));
                    return;
                }
                routes.add(System.nanoTime() - due);
                Answer spend = connected().post("/v1/reservations/" + reservation.group(1) + "/spend", "");
                if (spend.status() != 204) {
                    failed("spend: " + refusal(spend));
                    return;
                }
                pairs.add(System.nanoTime() - due);
            } catch (SocketTimeoutException e) {
                failed("no answer within " + PATIENCE_MILLIS + " ms");
                disconnect();
            } catch (IOException e) {
                failed(e.getClass().getSimpleName() + ": " + e.getMessage());
                disconnect();
            }
        }

        private String job(int pair) {
            return "{\"job\":\"" + name + "-" + pair + "\",\"executorClass\":\""
                    + Bench.CLASSES.get(pair % Bench.CLASSES.size()).name() + "\",\"executionTimeLimitSeconds\":"
                    + JOB_SECONDS + "}";
        }

        private static String refusal(Answer answer) {
            Matcher problem = PROBLEM.matcher(answer.body());
            return answer.status() + (problem.find() ? " " + problem.group(1) : "");
        }

        private KeptConnection connected() throws IOException {
            @Nullable KeptConnection open = connection;
            if (open == null) {
                open = new KeptConnection(replica, PATIENCE_MILLIS);
                connection = open;
            }
            return open;
        }

        private void disconnect() {
            @Nullable KeptConnection open = connection;
            connection = null;
            if (open != null) {
                open.close();
            }
        }

        private void failed(String kind) {
            failures.merge(kind, 1, Integer::sum);
        }
    }
}
