package io.quartermaster.ops.chaos;

import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.grid.Experiment;
import io.quartermaster.node.routing.RoutingSettings;
import io.quartermaster.node.store.Durability;
import io.quartermaster.ops.chaos.CallLog.Attempt;
import io.quartermaster.ops.chaos.ChaosReplicaCommand.Dump;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** One grid, one seed: some minutes of load and faults, then peace, then the check. */
final class ChaosRun implements AutoCloseable {
    /** The books' clock goes faster than life, so that deadlines come while the test runs. */
    static final double SPEED = 10;

    private static final int PORT = 5701;
    private static final long MOST_STEP_BOOK_MILLIS = 20_000;

    /** By how much the books' clocks may be apart: steps both ways, and a second of real time for all else. */
    static final long MARGIN_BOOK_MILLIS = 2 * MOST_STEP_BOOK_MILLIS + (long) (1000 * SPEED);

    private static final long PEACE_MILLIS = 18_000;
    private static final long SERVING_WITHIN_MILLIS = 90_000;
    private static final long CALLS_END_WITHIN_MILLIS = 180_000;
    private static final long STARTED_WITHIN_MILLIS = 180_000;
    private static final long READY_WITHIN_MILLIS = 240_000;

    /** So many blocks of history, times miners: enough to be spent from while something is measured, and soon taken in. */
    private static final int MINER_BLOCKS = 200_000;

    private static final int LEAST_HISTORY_BLOCKS = 25;

    /** The newest blocks are taken in once they are final. */
    private static final int BLOCKS_NOT_FINAL = 10;

    private static final int MOST_HISTORY_BLOCKS = 800;

    /** Many short lives: start fast rather than run fast. */
    private static final List<String> JVM_TO_START_FAST =
            List.of("-Xmx700m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    /** What 64 callers book within seconds is a few hundred megabytes; with little room, the collector is what is measured. */
    private static final List<String> JVM_TO_MEASURE = List.of("-Xms2g", "-Xmx2g", "-XX:+UseParallelGC");

    private final Settings settings;
    private final Consumer<String> progress;
    private final SplittableRandom random;
    private final Lan lan;
    private final Disks disks;
    private final List<ReplicaProcess> processes = new ArrayList<>();
    private final int[] lives;
    private final Instant began = Instant.now();
    private final List<Happened> happened = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();
    private final List<Long> followerTakeOvers = new ArrayList<>();

    /**
     * What to do.
     *
     * @param replicas how many
     * @param seconds of load and faults
     * @param seed draws the faults and the calls
     * @param rate jobs a second that arrive at each replica; each makes about two calls
     * @param miners simulated
     * @param silenceSeconds the grid's setting
     * @param durability when what is on the way to a journal counts
     * @param experiment what to break on purpose
     * @param directory for logs, journals and dumps
     * @param faults which faults to draw from
     * @param oneAtATime whether all must serve again before the next fault
     * @param router by what jobs are routed
     * @param executors the most executors of a class that a miner has; 0 for as many as are simulated
     * @param callers how many callers, on all replicas together, each send one job after the other; 0 for jobs that arrive at
     *     {@code rate}
     */
    record Settings(
            int replicas,
            int seconds,
            long seed,
            double rate,
            int miners,
            int silenceSeconds,
            Durability durability,
            Experiment experiment,
            Path directory,
            List<Fault> faults,
            boolean oneAtATime,
            RoutingSettings.By router,
            int executors,
            int callers) {
        /** Whether what goes on is measured, with nothing that goes wrong and no load of its own. */
        boolean measured() {
            return rate == 0 && callers == 0;
        }

        /** What is measured is measured in real time: miners are asked for their manifests every five minutes then. */
        double speed() {
            return measured() ? 1 : SPEED;
        }

        /** How many blocks there were before the first: each 25 of them are a sync of all manifests to be taken in first. */
        int historyBlocks() {
            return measured()
                    ? Math.max(LEAST_HISTORY_BLOCKS, Math.min(MOST_HISTORY_BLOCKS, MINER_BLOCKS / miners))
                    : MOST_HISTORY_BLOCKS;
        }

        /** What a replica is told so that its callers begin. */
        String load(int replica) {
            return callers == 0
                    ? "rate " + rate
                    : "callers " + (callers / replicas + (replica <= callers % replicas ? 1 : 0));
        }
    }

    /** A fault and when it was. */
    record Happened(Fault fault, String words, long beganMillis, long endedMillis, List<Integer> victims) {}

    /** What came of a run. */
    record Result(
            ChaosChecker.Findings findings,
            List<Attempt> attempts,
            List<Happened> happened,
            List<String> troubles,
            List<Long> followerTakeOvers,
            double worstUnforcedMillis,
            long beganMillis,
            long endedMillis) {}

    ChaosRun(Settings settings, Consumer<String> progress) {
        this.settings = settings;
        this.progress = progress;
        this.random = new SplittableRandom(settings.seed());
        this.lan = new Lan(
                settings.replicas(),
                "qm" + Long.toString(ProcessHandle.current().pid(), 36) + "-");
        this.disks = new Disks(
                settings.directory(), settings.replicas(), settings.faults().contains(Fault.FULL_DISK));
        this.lives = new int[settings.replicas() + 1];
    }

    boolean network() {
        return lan.real();
    }

    boolean disks() {
        return disks.real();
    }

    Result run() throws InterruptedException {
        startAll();
        // The first blocks and manifests.
        pause(3000);
        for (int id = 1; id <= settings.replicas(); id++) {
            replica(id).tell(settings.load(id));
        }
        return underLoad();
    }

    /** Measures on the first replica, as JSON lines; the grid is started, with such disks, if it is not running. */
    List<String> bench(int callers, int seconds, int diskMillis) throws InterruptedException {
        if (processes.isEmpty()) {
            startAll();
            awaitReady();
            forAll("slow " + diskMillis);
            // Once to warm up.
            benchOnce(8, 5);
        }
        return benchOnce(callers, seconds);
    }

    private List<String> benchOnce(int callers, int seconds) throws InterruptedException {
        replica(1).forget();
        replica(1).tell("bench " + callers + " " + seconds);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            lines.add(replica(1)
                    .hear("bench ", seconds * 1000L + 30_000)
                    .orElseThrow(() -> new IllegalStateException("A replica measures nothing"))
                    .substring("bench ".length()));
        }
        return lines;
    }

    private void startAll() throws InterruptedException {
        for (int replica = 1; replica <= settings.replicas(); replica++) {
            processes.add(start(replica));
        }
        for (ReplicaProcess process : processes) {
            if (process.hear("started", STARTED_WITHIN_MILLIS).isEmpty()) {
                throw new IllegalStateException("A replica did not start; see " + settings.directory());
            }
        }
        awaitServing("at the start");
    }

    private Result underLoad() throws InterruptedException {
        long from = CallLog.nowMillis();
        pause(3000);
        List<Fault> usable = settings.faults().stream()
                .filter(fault -> lan.real() || !fault.needsNetwork())
                .filter(fault -> disks.real() || fault != Fault.FULL_DISK)
                .toList();
        int turn = 0;
        List<Fault> deck = new ArrayList<>();
        while (CallLog.nowMillis() - from < settings.seconds() * 1000L && !usable.isEmpty()) {
            if (deck.isEmpty()) {
                deck.addAll(usable);
            }
            Fault fault = deck.remove(random.nextInt(deck.size()));
            make(fault);
            turn++;
            pause(800 + random.nextInt(1200));
            restart();
            if (settings.oneAtATime()) {
                awaitServing("after a fault");
                pause(2_000);
            }
            progress.accept(
                    turn + " faults, " + (CallLog.nowMillis() - from) / 1000 + " of " + settings.seconds() + " s");
        }
        if (usable.isEmpty()) {
            pause(settings.seconds() * 1000L);
        }
        long to = CallLog.nowMillis();
        lan.heal();
        restart();
        forAll("slow 0");
        forAll("step 0");
        awaitServing("after the last fault");
        pause(1000);
        forAll("rate 0");
        forAll("callers 0");
        awaitCallsEnded();
        progress.accept("peace");
        pause(PEACE_MILLIS);
        List<Dump> dumps = dumps();
        List<Attempt> attempts = attempts(settings.directory());
        ChaosChecker.Findings findings = new ChaosChecker(SPEED, MARGIN_BOOK_MILLIS).check(attempts, dumps);
        return new Result(
                findings,
                attempts,
                happened,
                troubles,
                followerTakeOvers,
                dumps.stream().mapToDouble(Dump::worstUnforcedMillis).max().orElse(0),
                from,
                to);
    }

    /** Checks what an earlier run has kept. */
    static ChaosChecker.Findings check(Path directory) throws IOException {
        List<Dump> dumps = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(file -> file.getFileName().toString().startsWith("dump-"))
                    .sorted()
                    .forEach(file -> dumps.add(Json.MAPPER.readValue(file.toFile(), Dump.class)));
        }
        return new ChaosChecker(SPEED, MARGIN_BOOK_MILLIS).check(attempts(directory), dumps);
    }

    private ReplicaProcess start(int replica) {
        int life = ++lives[replica];
        String members = String.join(
                ",",
                IntStream.rangeClosed(1, settings.replicas())
                        .mapToObj(id -> lan.address(id) + ":" + (lan.real() ? PORT : PORT + id - 1))
                        .toList());
        List<String> command = new ArrayList<>(lan.in(replica));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(settings.measured() ? JVM_TO_MEASURE : JVM_TO_START_FAST);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "io.quartermaster.ops.Qm",
                "chaos-replica",
                "--replica=" + replica,
                "--members=" + members,
                "--directory=" + disks.data(replica),
                "--log=" + settings.directory().resolve("calls-" + replica + "-" + life + ".log"),
                "--began=" + began,
                "--speed=" + settings.speed(),
                "--miners=" + settings.miners(),
                "--history=" + settings.historyBlocks(),
                "--seed=" + settings.seed(),
                "--life=" + life,
                "--silence=" + settings.silenceSeconds(),
                "--router=" + settings.router(),
                "--executors=" + settings.executors(),
                "--experiment=" + settings.experiment()));
        command.addAll(List.of("--durability", settings.durability().name()));
        return new ReplicaProcess(command, settings.directory().resolve("replica-" + replica + ".err"));
    }

    private ReplicaProcess replica(int id) {
        return processes.get(id - 1);
    }

    private void forAll(String command) {
        processes.stream().filter(ReplicaProcess::alive).forEach(process -> process.tell(command));
    }

    /** Starts those that are dead, without waiting. */
    private void restart() {
        for (int id = 1; id <= settings.replicas(); id++) {
            if (!replica(id).alive()) {
                processes.set(id - 1, start(id));
                replica(id).tell(settings.load(id));
            }
        }
    }

    /** Waits until the first replica has all that is there to begin with. */
    private void awaitReady() throws InterruptedException {
        long until = CallLog.nowMillis() + READY_WITHIN_MILLIS;
        while (!status(1).filter(this::hasItAll).isPresent()) {
            if (CallLog.nowMillis() > until) {
                throw new IllegalStateException("The grid did not take its subnet in within "
                        + READY_WITHIN_MILLIS / 1000 + " s: "
                        + status(1).map(JsonNode::toString).orElse("it does not answer"));
            }
            pause(300);
        }
    }

    /** Blocks are taken in after the manifests and the collateral. */
    private boolean hasItAll(JsonNode status) {
        return status.path("blocksKept").asInt() >= settings.historyBlocks() - BLOCKS_NOT_FINAL;
    }

    private boolean awaitServing(String when) throws InterruptedException {
        long until = CallLog.nowMillis() + SERVING_WITHIN_MILLIS;
        List<Integer> waiting = new ArrayList<>(
                IntStream.rangeClosed(1, settings.replicas()).boxed().toList());
        while (!waiting.isEmpty() && CallLog.nowMillis() < until) {
            restart();
            waiting.removeIf(id -> {
                JsonNode status = status(id).orElse(null);
                return status != null
                        && !status.has("waitingFor")
                        && status.path("replicasPresent").asInt() == settings.replicas();
            });
            pause(300);
        }
        if (!waiting.isEmpty()) {
            troubles.add("replicas " + waiting + " did not serve " + SERVING_WITHIN_MILLIS / 1000 + " s " + when);
        }
        return waiting.isEmpty();
    }

    /** What is still asked for is repeated for a while, and on a busy machine that may be long. */
    private void awaitCallsEnded() throws InterruptedException {
        long until = CallLog.nowMillis() + CALLS_END_WITHIN_MILLIS;
        List<Integer> calling = new ArrayList<>(
                IntStream.rangeClosed(1, settings.replicas()).boxed().toList());
        while (!calling.isEmpty() && CallLog.nowMillis() < until) {
            calling.removeIf(id -> answer(id, "open").filter("open 0"::equals).isPresent());
            pause(300);
        }
        if (!calling.isEmpty()) {
            troubles.add(
                    "calls at replicas " + calling + " did not end within " + CALLS_END_WITHIN_MILLIS / 1000 + " s");
        }
    }

    private Optional<JsonNode> status(int id) {
        return answer(id, "status").map(line -> Json.MAPPER.readTree(line.substring("status ".length())));
    }

    /** What a replica answers to a question, which begins with the question; empty if it does not answer soon. */
    private Optional<String> answer(int id, String question) {
        try {
            replica(id).forget();
            replica(id).tell(question);
            return replica(id).hear(question + " ", 2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private List<Dump> dumps() throws InterruptedException {
        List<Dump> dumps = new ArrayList<>();
        for (int id = 1; id <= settings.replicas(); id++) {
            Path file = settings.directory().resolve("dump-" + id + ".json").toAbsolutePath();
            replica(id).tell("dump " + file);
            if (replica(id).hear("dumped", 60_000).isPresent()) {
                dumps.add(Json.MAPPER.readValue(file.toFile(), Dump.class));
            } else {
                troubles.add("replica " + id + " does not say what it holds");
            }
        }
        return dumps;
    }

    private static List<Attempt> attempts(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("calls-"))
                    .sorted()
                    .flatMap(file -> CallLog.read(file).stream())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("The logs can't be read", e);
        }
    }

    private static void pause(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() < until && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }

    // Faults

    private int any() {
        return 1 + random.nextInt(settings.replicas());
    }

    private List<Integer> some(int count) {
        List<Integer> ids = new ArrayList<>(
                IntStream.rangeClosed(1, settings.replicas()).boxed().toList());
        while (ids.size() > count) {
            ids.remove(random.nextInt(ids.size()));
        }
        return ids;
    }

    private void kill(List<Integer> ids) {
        ids.forEach(id -> replica(id).kill());
    }

    private long lasting(long least, long most) {
        return random.nextLong(least, most);
    }

    private void make(Fault fault) throws InterruptedException {
        long began = CallLog.nowMillis();
        int majority = settings.replicas() / 2 + 1;
        List<Integer> victims = new ArrayList<>();
        switch (fault) {
            case KILL_ONE -> victims.addAll(some(1));
            case KILL_MINORITY -> victims.addAll(some(settings.replicas() - majority));
            case KILL_ALL_BUT_ONE -> victims.addAll(some(settings.replicas() - 1));
            case KILL_ALL -> victims.addAll(some(settings.replicas()));
            case KILL_FOLLOWER -> victims.add(follower());
            // A crash of all, with something of a last write on each disk.
            case TORN_TAIL -> victims.addAll(some(random.nextBoolean() ? 1 : settings.replicas()));
            default -> victims.add(any());
        }
        int one = victims.get(0);
        progress.accept(fault.words() + " " + victims);
        switch (fault) {
            case KILL_FOLLOWER -> {
                kill(victims);
                awaitFollower(began);
            }
            case KILL_ONE, KILL_MINORITY, KILL_ALL_BUT_ONE, KILL_ALL -> {
                kill(victims);
                pause(lasting(1000, 5000));
            }
            case PAUSE_ONE -> paused(one, lasting(1000, 9000));
            case PAUSE_LONG -> paused(one, lasting(15_000, Math.min(90_000, 15_001 + settings.seconds() * 50L)));
            case ISOLATE_SILENT -> cut(List.of(one), Lan.How.SILENCE, lasting(2000, 12_000));
            case ISOLATE_RESET -> cut(List.of(one), Lan.How.RESET, lasting(2000, 12_000));
            case HALVES -> {
                victims.clear();
                victims.addAll(some(settings.replicas() - majority));
                cut(victims, random.nextBoolean() ? Lan.How.SILENCE : Lan.How.RESET, lasting(3000, 13_000));
            }
            case EVERYONE_ALONE -> {
                for (int from = 1; from <= settings.replicas(); from++) {
                    for (int to = 1; to <= settings.replicas(); to++) {
                        if (from != to) {
                            lan.cut(from, to, Lan.How.SILENCE);
                        }
                    }
                }
                pause(lasting(3000, 10_000));
                lan.heal();
            }
            case ONE_WAY -> {
                for (int to = 1; to <= settings.replicas(); to++) {
                    if (to != one) {
                        lan.cut(one, to, Lan.How.SILENCE);
                    }
                }
                pause(lasting(3000, 10_000));
                lan.heal();
            }
            case BRIDGE -> {
                int other = one % settings.replicas() + 1;
                lan.cut(one, other, Lan.How.SILENCE);
                lan.cut(other, one, Lan.How.SILENCE);
                victims.add(other);
                pause(lasting(4000, 11_000));
                lan.heal();
            }
            case STALE_SURVIVOR -> staleSurvivor(one);
            case FLAPPING_LINK -> {
                for (int i = 0; i < 8; i++) {
                    lan.link(one, false);
                    pause(lasting(50, 600));
                    lan.link(one, true);
                    pause(lasting(50, 600));
                }
            }
            case PACKET_LOSS -> {
                lan.lose(one, 0.02 + random.nextDouble() * 0.2);
                pause(lasting(3000, 8000));
                lan.heal();
            }
            case SLOW_DISK -> {
                replica(one).tell("slow " + lasting(20, 600));
                pause(lasting(3000, 8000));
                replica(one).tell("slow 0");
            }
            case CLOCK_STEP -> {
                replica(one).tell("step " + random.nextLong(-MOST_STEP_BOOK_MILLIS, MOST_STEP_BOOK_MILLIS));
                pause(lasting(3000, 8000));
                replica(one).tell("step 0");
            }
            case ROLLING_RESTART -> rollingRestart();
            case KILL_AND_CUT -> {
                int other = one % settings.replicas() + 1;
                victims.add(other);
                replica(one).kill();
                cut(List.of(other), Lan.How.SILENCE, lasting(2000, 8000));
            }
            case LOSE_DISK -> {
                // One at a time: all must know everything before one is lost, and this one must know it again after.
                // Two
                // lost disks of three are more than any majority outlives.
                if (!awaitServing("before replica " + one + " lost its disk")) {
                    return;
                }
                kill(victims);
                disks.lose(one);
                pause(lasting(200, 3000));
                restart();
                awaitServing("after replica " + one + " had lost its disk");
            }
            case FULL_DISK -> {
                disks.fill(one);
                pause(lasting(3000, 12_000));
                disks.free(one);
            }
            case TORN_TAIL -> {
                kill(victims);
                victims.forEach(id -> disks.tear(id, random));
                pause(lasting(200, 3000));
            }
        }
        happened.add(
                new Happened(fault, fault.words() + " " + victims, began, CallLog.nowMillis(), List.copyOf(victims)));
    }

    private int follower() {
        for (int id = 1; id <= settings.replicas(); id++) {
            if (status(id).map(status -> status.path("follows").asBoolean()).orElse(false)) {
                return id;
            }
        }
        return any();
    }

    private void awaitFollower(long since) {
        while (CallLog.nowMillis() - since < 20_000) {
            for (int id = 1; id <= settings.replicas(); id++) {
                if (replica(id).alive()
                        && status(id)
                                .map(status -> status.path("follows").asBoolean())
                                .orElse(false)) {
                    followerTakeOvers.add(CallLog.nowMillis() - since);
                    return;
                }
            }
            pause(50);
        }
        troubles.add("no replica followed the chain 20 s after its follower was killed");
    }

    private void paused(int id, long millis) {
        replica(id).signal("STOP");
        pause(millis);
        replica(id).signal("CONT");
    }

    /** Cuts a group off from the others. */
    private void cut(List<Integer> group, Lan.How how, long millis) {
        for (int inside : group) {
            for (int outside = 1; outside <= settings.replicas(); outside++) {
                if (!group.contains(outside)) {
                    lan.cut(inside, outside, how);
                    lan.cut(outside, inside, how);
                }
            }
        }
        pause(millis);
        lan.heal();
    }

    /** One sleeps while the others go on; then they die, and the first that it meets has just been started anew. */
    private void staleSurvivor(int one) {
        replica(one).signal("STOP");
        pause(lasting(2000, 8000));
        List<Integer> others = IntStream.rangeClosed(1, settings.replicas())
                .filter(id -> id != one)
                .boxed()
                .toList();
        kill(others);
        replica(one).signal("CONT");
        pause(lasting(100, 2000));
        int first = others.get(random.nextInt(others.size()));
        processes.set(first - 1, start(first));
        replica(first).tell(settings.load(first));
        pause(lasting(3000, 6000));
    }

    private void rollingRestart() {
        for (int id = 1; id <= settings.replicas(); id++) {
            replica(id).tell("stop");
            if (!replica(id).awaitEnd(30)) {
                troubles.add("replica " + id + " did not stop within 30 s");
                replica(id).kill();
            }
            processes.set(id - 1, start(id));
            replica(id).tell(settings.load(id));
            long until = CallLog.nowMillis() + 30_000;
            int restarted = id;
            while (CallLog.nowMillis() < until
                    && status(restarted)
                            .filter(status -> !status.has("waitingFor"))
                            .isEmpty()) {
                pause(200);
            }
        }
    }

    @Override
    public void close() {
        processes.forEach(ReplicaProcess::kill);
        lan.close();
        disks.close();
    }
}
