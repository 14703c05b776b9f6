package io.quartermaster.node.app.web;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.LockState;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.app.HeatMap;
import io.quartermaster.node.app.PageBooks;
import io.quartermaster.node.app.PageBooks.Member;
import io.quartermaster.node.app.PageBooks.MinerRow;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaStatus;
import io.quartermaster.node.chain.FollowerProgress;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.params.DynamicParameters;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Tells open pages what has changed, about once a second, and does nothing while no page is open. What has changed is worked out once
 * for all pages, in at most a tenth of the time of one core. Safe for use by several threads.
 */
final class PageFeed implements ApplicationListener<ContextClosedEvent> {
    private static final Logger LOG = LoggerFactory.getLogger(PageFeed.class);

    private static final int MOST_VIEWERS = 32;
    private static final int MOST_RESERVATIONS = 1_000;
    private static final int MOST_DECISIONS = 50;
    private static final int MOST_EVENTS = 200;
    private static final long EVERY_MILLIS = 1_000;

    /** How much longer it rests than it works, but not so long that pages seem to stand still. */
    private static final int REST = 9;

    private static final long LONGEST_REST_MILLIS = 10_000;

    /** Of so much of the past are new events looked for: those of other replicas come late. */
    private static final Duration EVENTS_LOOKBACK = Duration.ofSeconds(10);

    private final Replica replica;
    private final PageBooks books;
    private final List<PageViewer> viewers = new CopyOnWriteArrayList<>();
    private final Map<ExecutorClass, Watched> watched = new HashMap<>();
    private final ExecutorService senders = Executors.newCachedThreadPool(task -> daemon(task, "page-sender"));
    private final ScheduledExecutorService timer =
            Executors.newScheduledThreadPool(2, task -> daemon(task, "page-feed"));

    /** Unlike that of any earlier start, so that a page that outlives a replica does not take old for new. */
    private long generation = System.currentTimeMillis();

    private boolean ticking;
    private Seen seen = Seen.NOTHING;

    /** A class that somebody looks at. */
    private static final class Watched {
        private HeatMap map;
        private long generation;
        private List<MinerRow> rows;

        private Watched(HeatMap map, List<MinerRow> rows, long generation) {
            this.map = map;
            this.rows = rows;
            this.generation = generation;
        }
    }

    /** What pages were told last. */
    private record Seen(
            @Nullable Overview overview,
            List<Reservation> reservations,
            int reserved,
            Set<RoutingDecision> decisions,
            Set<SystemEvent> events,
            @Nullable DynamicParameters parameters) {
        private static final Seen NOTHING = new Seen(null, List.of(), 0, Set.of(), Set.of(), null);
    }

    /** How all is. */
    record Overview(
            ReplicaStatus status,
            boolean ready,
            Optional<String> mustLeave,
            List<Member> members,
            Optional<String> follower,
            Chain chain,
            List<ExecutorClass> classes) {}

    /** How far the chain is taken in. */
    record Chain(
            Optional<Instant> newestBlockTime,
            long oldestBlock,
            int missingInLookback,
            int missingInArchive,
            long backfillTarget,
            long backfillPosition,
            boolean backfillDone,
            long refused) {}

    /** What time it is for the replica, and how much faster than life its time goes. */
    record Clock(long now, double rate) {}

    /** Reservations are many: those that end first, and how many there are. */
    record Reservations(int total, List<Held> added, List<String> removed) {}

    /** A reservation; its id is a string, since a number in JSON may not hold it. */
    record Held(String id, String job, String miner, String executorClass, double seconds, int blocks, long deadline) {
        static Held of(Reservation reservation) {
            return new Held(
                    reservation.id().toString(),
                    reservation.job().value(),
                    reservation.miner().value(),
                    reservation.executorClass().name(),
                    reservation.reservedSeconds(),
                    reservation.blocks().size(),
                    reservation.deadline().toEpochMilli());
        }
    }

    /** Miners in the order of the heat map's rows, or those of them that have changed. */
    record Miners(ExecutorClass executorClass, long generation, Map<Integer, MinerRow> rows) {}

    /** What has changed on a heat map, as base64; without, it has to be read anew. */
    record Cells(ExecutorClass executorClass, Optional<String> changes) {}

    PageFeed(Replica replica) {
        this.replica = replica;
        this.books = replica.pageBooks();
        // Also while the rest takes long: a page that hears nothing takes its replica for lost.
        var unused = timer.scheduleWithFixedDelay(
                () -> tell("clock", clock()), EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * A page is open.
     *
     * @param wanted the class whose heat map it shows; without one, the first that a miner has
     * @return what it is told from now on
     */
    SseEmitter open(Optional<ExecutorClass> wanted) {
        if (viewers.size() >= MOST_VIEWERS) {
            throw new RequestRefused(
                    ProblemType.TOO_MANY_REQUESTS,
                    MOST_VIEWERS
                            + " pages of this replica are open, which is as many as it serves: close one, or look at"
                            + " another replica");
        }
        ExecutorClass executorClass = wanted.orElseGet(this::firstClass);
        PageViewer viewer = new PageViewer(executorClass, senders, viewers::remove);
        viewers.add(viewer);
        // The first look at a large subnet takes a while; the page is told the time meanwhile, and so knows that it is
        // heard.
        senders.execute(() -> {
            try {
                begin(viewer);
            } catch (RuntimeException e) {
                LOG.warn("A page could not be shown how things are, and will ask again: {}", e.toString());
                viewer.close();
            }
        });
        return viewer.emitter();
    }

    private synchronized void begin(PageViewer viewer) {
        ExecutorClass executorClass = viewer.executorClass();
        if (!ticking) {
            // Nobody was told anything for a while.
            seen = Seen.NOTHING;
            watched.clear();
        }
        watched.computeIfAbsent(executorClass, this::watch);
        Seen now = look();
        if (seen.overview() == null) {
            seen = now;
        }
        viewer.send("opened", Map.of("executorClass", executorClass));
        viewer.send("clock", clock());
        viewer.send("status", Objects.requireNonNull(now.overview()));
        viewer.send(
                "reservations",
                new Reservations(
                        seen.reserved(),
                        seen.reservations().stream().map(Held::of).toList(),
                        List.of()));
        viewer.send("decisions", books.decisions(MOST_DECISIONS));
        viewer.send("events", replica.events(EventQuery.newest(MOST_EVENTS)));
        if (!ticking) {
            ticking = true;
            later(EVERY_MILLIS);
        }
    }

    private ExecutorClass firstClass() {
        List<ExecutorClass> known = replica.executorClasses().stream().sorted().toList();
        return known.stream()
                .filter(executorClass -> replica.ledgers().stream()
                        .map(ledger -> ledger.book(executorClass))
                        .anyMatch(book -> book != null && book.executors() > 0))
                .findFirst()
                .orElse(known.get(0));
    }

    private Watched watch(ExecutorClass executorClass) {
        HeatMap map = books.heatMap(executorClass, Optional.empty());
        return new Watched(map, books.miners(map), ++generation);
    }

    synchronized byte[] heatMap(ExecutorClass executorClass) {
        Watched known = watched.getOrDefault(executorClass, null);
        Watched shown = known == null ? watch(executorClass) : known;
        return shown.map.bytes(shown.generation);
    }

    synchronized Miners miners(ExecutorClass executorClass) {
        Watched known = watched.getOrDefault(executorClass, null);
        Watched shown = known == null ? watch(executorClass) : known;
        Map<Integer, MinerRow> rows = new LinkedHashMap<>();
        for (int i = 0; i < shown.rows.size(); i++) {
            rows.put(i, shown.rows.get(i));
        }
        return new Miners(executorClass, shown.generation, rows);
    }

    private void later(long millis) {
        var unused = timer.schedule(this::tick, millis, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        long began = System.nanoTime();
        boolean goOn = true;
        try {
            goOn = tellOrStop();
        } catch (RuntimeException e) {
            LOG.warn("Open pages could not be told what has changed, and will be told later: {}", e.toString());
        } finally {
            if (goOn) {
                long workedMillis = (System.nanoTime() - began) / 1_000_000;
                long restMillis = Math.min(LONGEST_REST_MILLIS, REST * workedMillis);
                later(Math.max(EVERY_MILLIS - workedMillis, restMillis));
            }
        }
    }

    private synchronized boolean tellOrStop() {
        if (viewers.isEmpty()) {
            ticking = false;
            watched.clear();
            seen = Seen.NOTHING;
            return false;
        }
        Seen now = look();
        if (!Objects.equals(now.overview(), seen.overview())) {
            tell("status", Objects.requireNonNull(now.overview()));
        }
        tellReservations(now);
        tellNew("decisions", now.decisions(), seen.decisions());
        tellNew("events", now.events(), seen.events());
        if (!Objects.equals(now.parameters(), seen.parameters())) {
            tell("parameters", Map.of());
        }
        seen = now;
        watched.keySet()
                .removeIf(watchedClass -> viewers.stream()
                        .noneMatch(viewer -> viewer.executorClass().equals(watchedClass)));
        watched.forEach(this::tellClass);
        return true;
    }

    private Seen look() {
        List<Reservation> all = books.reservations();
        Instant now = Instant.ofEpochMilli(replica.nowMillis());
        Duration lookback = Duration.ofMillis((long) (EVENTS_LOOKBACK.toMillis() * Math.max(1, clock().rate())));
        List<SystemEvent> events = replica.events(new EventQuery(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(now.minus(lookback)),
                Optional.empty(),
                MOST_EVENTS));
        return new Seen(
                overview(),
                all.subList(0, Math.min(MOST_RESERVATIONS, all.size())),
                all.size(),
                new LinkedHashSet<>(books.decisions(MOST_DECISIONS)),
                new LinkedHashSet<>(events),
                replica.parameters().current());
    }

    private Overview overview() {
        FollowerProgress progress = replica.following();
        ReplicaStatus status = replica.status();
        return new Overview(
                status,
                replica.ready(),
                replica.mustLeave(),
                books.members(),
                replica.locks().held().stream()
                        .filter(lock -> lock.name().equals("follow-the-chain"))
                        .map(LockState::owner)
                        .findFirst(),
                new Chain(
                        replica.blockTable()
                                .record(status.block())
                                .map(block -> Instant.ofEpochMilli(block.timeMillis())),
                        replica.blockTable().oldest(),
                        progress.missingInLookback(),
                        progress.missingInArchive(),
                        progress.backfillTarget(),
                        progress.backfillPosition(),
                        progress.backfillDone(),
                        progress.refused()),
                replica.executorClasses().stream().sorted().toList());
    }

    private Clock clock() {
        long realNanos = replica.realTime(Duration.ofSeconds(1)).toNanos();
        return new Clock(replica.nowMillis(), 1e9 / Math.max(1, realNanos));
    }

    private void tellReservations(Seen now) {
        Set<Reservation> before = new HashSet<>(seen.reservations());
        Set<Reservation> after = new HashSet<>(now.reservations());
        List<Held> added = now.reservations().stream()
                .filter(reservation -> !before.contains(reservation))
                .map(Held::of)
                .toList();
        List<String> removed = seen.reservations().stream()
                .filter(reservation -> !after.contains(reservation))
                .map(reservation -> reservation.id().toString())
                .toList();
        if (!added.isEmpty() || !removed.isEmpty() || now.reserved() != seen.reserved()) {
            tell("reservations", new Reservations(now.reserved(), added, removed));
        }
    }

    private <T> void tellNew(String kind, Set<T> now, Set<T> before) {
        List<T> added = now.stream().filter(value -> !before.contains(value)).toList();
        if (!added.isEmpty()) {
            tell(kind, added);
        }
    }

    private void tellClass(ExecutorClass executorClass, Watched shown) {
        HeatMap map = books.heatMap(executorClass, Optional.of(shown.map));
        List<MinerRow> rows = books.miners(map);
        long next = ++generation;
        Optional<byte[]> changes = map.changesFrom(shown.map, shown.generation, next);
        if (changes.isPresent()) {
            Map<Integer, MinerRow> changed = new LinkedHashMap<>();
            for (int i = 0; i < rows.size(); i++) {
                if (!rows.get(i).equals(shown.rows.get(i))) {
                    changed.put(i, rows.get(i));
                }
            }
            if (!changed.isEmpty()) {
                tellOf(executorClass, "miners", new Miners(executorClass, next, changed));
            }
        }
        tellOf(executorClass, "cells", new Cells(executorClass, changes.map(Base64.getEncoder()::encodeToString)));
        shown.map = map;
        shown.rows = rows;
        shown.generation = next;
    }

    private void tell(String kind, Object value) {
        if (viewers.isEmpty()) {
            return;
        }
        String json = Json.MAPPER.writeValueAsString(value);
        viewers.forEach(viewer -> viewer.sendText(kind, json));
    }

    private void tellOf(ExecutorClass executorClass, String kind, Object value) {
        String json = Json.MAPPER.writeValueAsString(value);
        viewers.stream()
                .filter(viewer -> viewer.executorClass().equals(executorClass))
                .forEach(viewer -> viewer.sendText(kind, json));
    }

    /** Open streams would hold the server up. */
    @Override
    public void onApplicationEvent(ContextClosedEvent closing) {
        timer.shutdownNow();
        viewers.forEach(PageViewer::close);
        senders.shutdown();
    }
}
