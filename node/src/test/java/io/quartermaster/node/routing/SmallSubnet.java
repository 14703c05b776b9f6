package io.quartermaster.node.routing;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.Miner;
import io.quartermaster.api.MinerAllowance;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.NotEnoughAllowance;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.Receipt.Started;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.ReservationId;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.api.RoutingDecision.Candidate;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.collateral.CollateralBook;
import io.quartermaster.node.collateral.CollateralReadings;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.manifest.ExecutorClasses;
import io.quartermaster.node.params.DynamicParameters;
import io.quartermaster.node.receipts.ReceiptIndex;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** A subnet of a few miners, with books that hold one number for each of them. Find's order is that of {@link #miner}. */
final class SmallSubnet implements AllowanceFinder, SlotBooking, MinerDirectory {
    static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");
    static final ExecutorClass LLM = new ExecutorClass("always_on.llm.a6000");
    static final Instant NOW = Instant.parse("2024-01-01T12:00:00Z");
    static final long BLOCK = 1000;

    final IncidentBook incidents = new IncidentBook();
    final CollateralReadings collateral = new CollateralReadings();
    final ReceiptIndex receipts = new ReceiptIndex();
    final RecordedEvents events = new RecordedEvents();
    final DecisionLog decisions = new DecisionLog(100);
    final List<Hotkey> reserveCalls = new CopyOnWriteArrayList<>();

    private final Map<Hotkey, Integer> executors = new LinkedHashMap<>();
    private final Map<Hotkey, Double> freeSeconds = new LinkedHashMap<>();
    private final Map<JobId, Reservation> active = new LinkedHashMap<>();
    private final Random random = new Random(42);
    private DynamicParameters parameters =
            DynamicParameters.defaults().with(Map.of("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "0"));
    private CollateralBook collateralBook = collateral;
    private OptionalLong currentBlock = OptionalLong.of(BLOCK);
    private Runnable beforeReserve = () -> {};
    private Instant now = NOW;
    private int incidentCount;
    private int receiptCount;

    Hotkey miner(String name, double seconds, int executorCount) {
        Hotkey hotkey = new Hotkey(name);
        executors.put(hotkey, executorCount);
        freeSeconds.put(hotkey, seconds);
        return hotkey;
    }

    AllowanceRouter router() {
        return router(RoutingSettings.defaults());
    }

    AllowanceRouter router(RoutingSettings settings) {
        return new AllowanceRouter(ports(), settings, ExecutorClasses.defaults(), decisions);
    }

    RouterPorts ports() {
        return new RouterPorts(
                this,
                this,
                this,
                incidents,
                miner -> collateralBook.wei(miner),
                receipts,
                () -> parameters,
                events,
                () -> now,
                () -> random);
    }

    void set(String parameter, String value) {
        parameters = parameters.with(Map.of(parameter, value));
    }

    void collateral(Hotkey miner, long wei) {
        collateral.take(Map.of(miner, BigInteger.valueOf(wei)));
    }

    void collateralBook(CollateralBook book) {
        collateralBook = book;
    }

    void noBlockYet() {
        currentBlock = OptionalLong.empty();
    }

    void beforeReserve(Runnable action) {
        beforeReserve = action;
    }

    void take(Hotkey miner, double seconds) {
        freeSeconds.merge(miner, -seconds, Double::sum);
    }

    void incidents(Hotkey miner, int count) {
        incidents(miner, GPU, count, now);
    }

    void incidents(Hotkey miner, ExecutorClass executorClass, int count, Instant time) {
        for (int i = 0; i < count; i++) {
            JobId job = new JobId("failed-" + incidentCount++);
            incidents.record(new Incident(MinerIncidentType.MINER_JOB_FAILED, miner, job, executorClass, time));
        }
    }

    void busyByReceipts(Hotkey miner, int jobs) {
        for (int i = 0; i < jobs; i++) {
            JobId job = new JobId("running-" + receiptCount++);
            receipts.add(new SignedReceipt(
                    new Started(job, miner, new Hotkey("v"), now, GPU, true, Duration.ofMinutes(1)), "0x", "0x"));
        }
    }

    synchronized void undo(JobId job) {
        Reservation undone = active.remove(job);
        if (undone != null) {
            freeSeconds.merge(undone.miner(), undone.requiredSeconds(), Double::sum);
        }
    }

    void advance(Duration duration) {
        now = now.plus(duration);
    }

    RoutingDecision decision(String job) {
        return decisions.find(new JobId(job)).orElseThrow();
    }

    List<String> verdicts(String job) {
        return decision(job).candidates().stream()
                .map(candidate -> candidate.miner() + " " + candidate.verdict())
                .toList();
    }

    Candidate candidate(String job, Hotkey miner) {
        return decision(job).candidates().stream()
                .filter(candidate -> candidate.miner().equals(miner))
                .findFirst()
                .orElseThrow();
    }

    SystemEvent newestEvent() {
        return events.find(EventQuery.newest(1)).get(0);
    }

    static OrganicJobRequest job(String id, int seconds) {
        return OrganicJobRequest.of(new JobId(id), GPU, seconds);
    }

    static OrganicJobRequest job(String id, boolean onTrustedMiner, int download, int execution, int upload) {
        OrganicJobRequest plain = job(id, execution);
        return new OrganicJobRequest(
                plain.job(),
                GPU,
                onTrustedMiner,
                download,
                execution,
                upload,
                0,
                "image",
                plain.args(),
                plain.env(),
                plain.namespace(),
                plain.volume(),
                plain.upload(),
                plain.artifactsDir(),
                plain.streamingDetails());
    }

    static String minerOf(JobRoute route) {
        return route.miner().hotkey().value();
    }

    @Override
    public synchronized List<MinerAllowance> find(double seconds, ExecutorClass executorClass, long jobStartBlock) {
        List<MinerAllowance> found = freeSeconds.entrySet().stream()
                .filter(miner -> miner.getValue() >= seconds)
                .map(miner -> new MinerAllowance(miner.getKey(), miner.getValue()))
                .toList();
        if (found.isEmpty()) {
            throw new NotEnoughAllowance(
                    executorClass, seconds, 0, Optional.empty(), 0, Optional.empty(), Optional.empty());
        }
        return found;
    }

    @Override
    public Attempt reserve(
            Hotkey miner, ExecutorClass executorClass, double seconds, long startBlock, JobId job, Set<JobId> ongoing) {
        reserveCalls.add(miner);
        beforeReserve.run();
        return reserveNow(miner, executorClass, seconds, job, ongoing);
    }

    private synchronized Attempt reserveNow(
            Hotkey miner, ExecutorClass executorClass, double seconds, JobId job, Set<JobId> ongoing) {
        Optional<Reservation> same = active.values().stream()
                .filter(reservation -> reservation.job().equals(job)
                        && reservation.miner().equals(miner)
                        && reservation.executorClass().equals(executorClass))
                .findFirst();
        if (same.isPresent()) {
            return new Attempt.Reserved(same.get(), 0, executors(miner, executorClass));
        }
        Set<JobId> busy = new HashSet<>(ongoing);
        active.values().stream()
                .filter(reservation -> reservation.miner().equals(miner))
                .forEach(reservation -> busy.add(reservation.job()));
        int there = executors(miner, executorClass);
        if (busy.size() >= there) {
            return new Attempt.Busy(busy.size(), there);
        }
        double free = freeSeconds.getOrDefault(miner, 0.0);
        if (free < seconds) {
            return new Attempt.AllowanceGone(free);
        }
        take(miner, seconds);
        Reservation reservation = new Reservation(
                new ReservationId(Math.max(1, reserveCalls.size())),
                job,
                miner,
                executorClass,
                seconds,
                seconds,
                List.of(BLOCK - 3, BLOCK - 2),
                now.plusSeconds(100));
        active.put(job, reservation);
        return new Attempt.Reserved(reservation, busy.size(), there);
    }

    /** A copy of these books, in which nothing that happens counts. */
    @Override
    public SlotBooking rehearsal() {
        return new SlotBooking() {
            @Override
            public Attempt reserve(
                    Hotkey miner,
                    ExecutorClass executorClass,
                    double seconds,
                    long startBlock,
                    JobId job,
                    Set<JobId> ongoing) {
                Optional<Reservation> before = SmallSubnet.this.activeReservation(job);
                Attempt attempt = reserveNow(miner, executorClass, seconds, job, ongoing);
                if (before.isPresent() || !(attempt instanceof Attempt.Reserved reserved)) {
                    return attempt;
                }
                undo(job);
                return new Attempt.WouldReserve(reserved.busy(), reserved.executors());
            }

            @Override
            public SlotBooking rehearsal() {
                return this;
            }

            @Override
            public Optional<Reservation> activeReservation(JobId job) {
                return SmallSubnet.this.activeReservation(job);
            }
        };
    }

    @Override
    public synchronized Optional<Reservation> activeReservation(JobId job) {
        return Optional.ofNullable(active.get(job));
    }

    @Override
    public OptionalLong currentBlock() {
        return currentBlock;
    }

    @Override
    public Optional<Miner> miner(Hotkey hotkey) {
        return executors.containsKey(hotkey)
                ? Optional.of(new Miner(hotkey, "10.0.0.1", 8000, 4, Optional.empty()))
                : Optional.empty();
    }

    @Override
    public int executors(Hotkey miner, ExecutorClass executorClass) {
        return executorClass.equals(GPU) ? executors.getOrDefault(miner, 0) : 0;
    }

    @Override
    public List<Hotkey> minersWithExecutors(ExecutorClass executorClass) {
        return executors.keySet().stream()
                .filter(miner -> executors(miner, executorClass) > 0)
                .sorted()
                .toList();
    }
}
