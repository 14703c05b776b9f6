package io.quartermaster.node.app;

import io.quartermaster.api.Allowance;
import io.quartermaster.api.AsyncAllowance;
import io.quartermaster.api.CallId;
import io.quartermaster.api.CannotExtendReservation;
import io.quartermaster.api.CannotReserveAllowance;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Fence;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobIdReused;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.Metagraph;
import io.quartermaster.api.Miner;
import io.quartermaster.api.MinerAllowance;
import io.quartermaster.api.Neuron;
import io.quartermaster.api.NeuronSnapshot;
import io.quartermaster.api.NeuronSnapshotMissing;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.ReservationAlreadySpent;
import io.quartermaster.api.ReservationId;
import io.quartermaster.api.ReservationNotFound;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.api.SpendDetails;
import io.quartermaster.api.TemporaryBookkeeper;
import io.quartermaster.node.app.metrics.CallMeters;
import io.quartermaster.node.app.metrics.CallMeters.Call;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.grid.NeuronList;
import io.quartermaster.node.ledger.AllowanceFinder;
import io.quartermaster.node.ledger.Amounts;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.LedgerRules;
import io.quartermaster.node.ledger.LedgerShelf;
import io.quartermaster.node.ledger.Limits;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** {@link Allowance} on the grid, for one validator. Safe for use by several threads. */
final class GridAllowance implements Allowance {
    /** A call that takes longer has met a fault; whether it took effect is then not known. */
    private static final long CALL_TIMEOUT_SECONDS = 10;

    private final Grid grid;
    private final Hotkey validator;
    private final Consumer<ExecutorClass> requireKnown;
    private final AllowanceFinder finder;
    private final ForeignReceipts foreign;
    private final Optional<Fence> fence;
    private final CallMeters calls;

    /** The last reservation in the making for each job: two for one job are made one after the other. */
    private final Map<JobId, CompletableFuture<Void>> inTheMaking;

    GridAllowance(
            Grid grid,
            Hotkey validator,
            Consumer<ExecutorClass> requireKnown,
            ForeignReceipts foreign,
            CallMeters calls) {
        this.grid = grid;
        this.foreign = foreign;
        this.validator = validator;
        this.requireKnown = requireKnown;
        this.finder = new AllowanceFinder(grid.shelf(), validator);
        this.fence = Optional.empty();
        this.calls = calls;
        this.inTheMaking = new ConcurrentHashMap<>();
    }

    private GridAllowance(GridAllowance other, Fence fence) {
        this.grid = other.grid;
        this.validator = other.validator;
        this.requireKnown = other.requireKnown;
        this.finder = other.finder;
        this.foreign = other.foreign;
        this.fence = Optional.of(fence);
        this.calls = other.calls;
        this.inTheMaking = other.inTheMaking;
    }

    @Override
    public Allowance under(Fence newFence) {
        return new GridAllowance(this, newFence);
    }

    private CompletionStage<LedgerOutcome> submit(Hotkey miner, LedgerCommand command) {
        return grid.submit(miner, command, fence);
    }

    @Override
    public List<MinerAllowance> findMinersWithAllowance(
            double seconds, ExecutorClass executorClass, long jobStartBlock) {
        BlockTable blocks = grid.blocks();
        long requiredNanos = requireAmount(seconds);
        requireKnown.accept(executorClass);
        requireStart(jobStartBlock, blocks);
        return calls.timed(
                Call.FIND,
                () -> finder.find(
                        requiredNanos,
                        executorClass,
                        jobStartBlock,
                        blocks,
                        neurons(blocks).hotkeys()));
    }

    /** The neurons of the newest block. */
    NeuronList newestNeurons() {
        return neurons(grid.blocks());
    }

    /** What all miners of the newest block have of a class. */
    AllowanceFinder.Allowance allowance(ExecutorClass executorClass) {
        BlockTable blocks = grid.blocks();
        return finder.allowance(
                executorClass, blocks.newest(), blocks, neurons(blocks).hotkeys());
    }

    @Override
    public Reservation reserveAllowance(
            Hotkey miner, ExecutorClass executorClass, double seconds, long jobStartBlock, JobId job) {
        CallId call = grid.newCall();
        return await(call, reserve(call, miner, executorClass, seconds, jobStartBlock, job));
    }

    @Override
    public void undoAllowanceReservation(ReservationId reservation, CallId call) {
        await(call, settle(reservation, new LedgerCommand.Undo(call, grid.sentMillis(), reservation.value())));
    }

    @Override
    public void spendAllowance(ReservationId reservation, CallId call) {
        await(call, settle(reservation, new LedgerCommand.Spend(call, grid.sentMillis(), reservation.value())));
    }

    @Override
    public Reservation extendReservation(ReservationId reservation, double seconds, CallId call) {
        return await(call, extend(reservation, seconds, call));
    }

    @Override
    public List<Reservation> reservations() {
        long nowMillis = grid.nowMillis();
        return grid.shelf().ledgers().stream()
                .flatMap(ledger -> ledger.activeBookings()
                        .filter(booking -> booking.validator().equals(validator))
                        .filter(booking -> booking.deadlineMillis() > nowMillis)
                        .map(booking -> reservation(ledger.miner(), booking)))
                .sorted(Comparator.comparing(Reservation::deadline)
                        .thenComparing(made -> made.id().value()))
                .toList();
    }

    private CompletionStage<Reservation> reserve(
            CallId call, Hotkey miner, ExecutorClass executorClass, double seconds, long jobStartBlock, JobId job) {
        long requiredNanos = requireAmount(seconds);
        requireKnown.accept(executorClass);
        requireStart(jobStartBlock, grid.blocks());
        return oneAfterTheOther(
                job,
                () -> book(call, miner, executorClass, requiredNanos, jobStartBlock, job, Optional.empty())
                        .thenApply(outcome -> reserved(miner, job, requiredNanos, outcome)));
    }

    private Reservation reserved(Hotkey miner, JobId job, long requiredNanos, LedgerOutcome outcome) {
        if (outcome instanceof LedgerOutcome.Reserved reserved) {
            return reservation(miner, reserved.booking());
        }
        if (outcome instanceof LedgerOutcome.NotEnough notEnough) {
            boolean known = grid.shelf().ledger(miner).isPresent()
                    || neurons(grid.blocks()).hotkeys().contains(miner);
            throw new CannotReserveAllowance(
                    miner,
                    Amounts.seconds(requiredNanos),
                    Amounts.seconds(notEnough.availableNanos()),
                    known ? "" : "this grid knows no such miner");
        }
        throw refusal(outcome, job);
    }

    /** Books blocks with one miner; with {@code ongoing}, only if one of its executors is free. */
    CompletionStage<LedgerOutcome> book(
            CallId call,
            Hotkey miner,
            ExecutorClass executorClass,
            long requiredNanos,
            long startBlock,
            JobId job,
            Optional<Set<JobId>> ongoing) {
        Optional<LedgerOutcome> refusal = refusedHere(miner, job);
        if (refusal.isPresent()) {
            return CompletableFuture.completedFuture(refusal.get());
        }
        LedgerCommand command = reserveCommand(call, executorClass, requiredNanos, startBlock, job, ongoing);
        return calls.timed(Call.RESERVE, () -> submit(miner, command), GridAllowance::refusedFor)
                .thenApply(outcome -> {
                    if (outcome instanceof LedgerOutcome.Reserved reserved) {
                        grid.deadlines().set(miner, reserved.booking());
                    }
                    return outcome;
                });
    }

    private static Optional<String> refusedFor(LedgerOutcome outcome) {
        return outcome instanceof LedgerOutcome.Reserved
                ? Optional.empty()
                : Optional.of(outcome.getClass().getSimpleName());
    }

    /** What {@link #book} would be answered, by this replica's copy of the miner's ledger. */
    LedgerOutcome wouldBook(
            Hotkey miner,
            ExecutorClass executorClass,
            long requiredNanos,
            long startBlock,
            JobId job,
            Optional<Set<JobId>> ongoing) {
        LedgerCommand command = reserveCommand(grid.newCall(), executorClass, requiredNanos, startBlock, job, ongoing);
        return refusedHere(miner, job)
                .orElseGet(() -> LedgerRules.decide(
                                grid.shelf().newest(miner),
                                command,
                                grid.blocks(),
                                grid.nowMillis(),
                                command.sentMillis())
                        .outcome());
    }

    /** A refusal that needs no ledger. */
    private Optional<LedgerOutcome> refusedHere(Hotkey miner, JobId job) {
        Optional<LedgerShelf.Reserved> elsewhere = grid.shelf()
                .activeBooking(job)
                .filter(active -> !active.ledger().miner().equals(miner));
        if (elsewhere.isPresent()) {
            return Optional.of(new LedgerOutcome.JobReused(
                    elsewhere.get().booking().id(),
                    "miner: " + elsewhere.get().ledger().miner() + ", now " + miner));
        }
        return grid.shelf().ledger(miner).isEmpty() ? Optional.of(new LedgerOutcome.NotEnough(0)) : Optional.empty();
    }

    private LedgerCommand reserveCommand(
            CallId call,
            ExecutorClass executorClass,
            long requiredNanos,
            long startBlock,
            JobId job,
            Optional<Set<JobId>> ongoing) {
        long ttlMillis = ttlMillis(requiredNanos);
        return new LedgerCommand.Reserve(
                call, grid.sentMillis(), validator, executorClass, job, requiredNanos, startBlock, ttlMillis, ongoing);
    }

    private static long ttlMillis(long requiredNanos) {
        return requiredNanos / 1_000_000 + Limits.RESERVATION_MARGIN_MILLIS;
    }

    private <T> CompletionStage<T> oneAfterTheOther(JobId job, Supplier<CompletionStage<T>> making) {
        CompletableFuture<Void> made = new CompletableFuture<>();
        CompletableFuture<Void> before = inTheMaking.put(job, made);
        CompletionStage<T> mine = before == null ? making.get() : before.thenCompose(nothing -> making.get());
        return mine.whenComplete((result, failure) -> {
            inTheMaking.remove(job, made);
            made.complete(null);
        });
    }

    private CompletionStage<Void> settle(ReservationId reservation, LedgerCommand command) {
        Call call = command instanceof LedgerCommand.Spend ? Call.SPEND : Call.UNDO;
        return calls.timed(call, () -> settled(reservation, command), done -> Optional.empty());
    }

    private CompletionStage<Void> settled(ReservationId reservation, LedgerCommand command) {
        Optional<Hotkey> miner = grid.shelf().miner(reservation.minerNumber());
        if (miner.isEmpty()) {
            return CompletableFuture.failedFuture(new ReservationNotFound(reservation));
        }
        return submit(miner.get(), command).thenAccept(outcome -> {
            boolean done = command instanceof LedgerCommand.Spend
                    ? outcome.equals(new LedgerOutcome.Spent(reservation.value()))
                    : outcome.equals(new LedgerOutcome.Undone(reservation.value()));
            if (!done) {
                throw settlingRefusal(outcome, command.call());
            }
            grid.deadlines().clear(reservation.value());
        });
    }

    private CompletionStage<Reservation> extend(ReservationId reservation, double seconds, CallId call) {
        long nanos = requireAmount(seconds);
        return calls.timed(Call.EXTEND, () -> extended(reservation, nanos, call), done -> Optional.empty());
    }

    private CompletionStage<Reservation> extended(ReservationId reservation, long nanos, CallId call) {
        Optional<Hotkey> miner = grid.shelf().miner(reservation.minerNumber());
        if (miner.isEmpty()) {
            return CompletableFuture.failedFuture(new ReservationNotFound(reservation));
        }
        LedgerCommand command =
                new LedgerCommand.Extend(call, grid.sentMillis(), reservation.value(), ttlMillis(nanos));
        return submit(miner.get(), command).thenApply(outcome -> {
            if (outcome instanceof LedgerOutcome.Extended extended) {
                grid.deadlines().set(miner.get(), extended.booking());
                return reservation(miner.get(), extended.booking());
            }
            throw settlingRefusal(outcome, call);
        });
    }

    private static RuntimeException settlingRefusal(LedgerOutcome outcome, CallId call) {
        if (outcome instanceof LedgerOutcome.NotFound notFound) {
            return new ReservationNotFound(new ReservationId(notFound.reservation()));
        }
        if (outcome instanceof LedgerOutcome.AlreadySpent spent) {
            return new ReservationAlreadySpent(new ReservationId(spent.reservation()));
        }
        if (outcome instanceof LedgerOutcome.TooLong tooLong) {
            return new CannotExtendReservation(
                    new ReservationId(tooLong.reservation()), Instant.ofEpochMilli(tooLong.latestMillis()));
        }
        if (outcome instanceof LedgerOutcome.TooLate) {
            return tooLate();
        }
        return new InvalidArgument("call", call.value(), "an id that no other call was made with");
    }

    private static RuntimeException refusal(LedgerOutcome outcome, JobId job) {
        if (outcome instanceof LedgerOutcome.JobReused reused) {
            return new JobIdReused(job, new ReservationId(reused.active()), reused.difference());
        }
        if (outcome instanceof LedgerOutcome.TooLate) {
            return tooLate();
        }
        return new IllegalStateException("A ledger answered a reservation with " + outcome);
    }

    static GridUnavailable tooLate() {
        return new GridUnavailable("The call was on its way for too long and was not done");
    }

    /** The active reservation of a job, wherever it is. */
    Optional<Reservation> activeReservation(JobId job) {
        return grid.shelf()
                .activeBooking(job)
                .filter(active -> active.booking().validator().equals(validator))
                .filter(active -> active.booking().deadlineMillis() > grid.nowMillis())
                .map(active -> reservation(active.ledger().miner(), active.booking()));
    }

    static Reservation reservation(Hotkey miner, Booking booking) {
        return new Reservation(
                new ReservationId(booking.id()),
                booking.job(),
                miner,
                booking.executorClass(),
                Amounts.seconds(booking.requiredNanos()),
                Amounts.seconds(booking.reservedNanos()),
                Arrays.stream(booking.blocks().toArray()).boxed().toList(),
                Instant.ofEpochMilli(booking.deadlineMillis()));
    }

    static long requireAmount(double seconds) {
        if (!(seconds > 0) || Double.isInfinite(seconds)) {
            throw new InvalidArgument("seconds", seconds, "a finite number above 0");
        }
        if (seconds > MAX_JOB_RUN_TIME_SECONDS) {
            throw new InvalidArgument(
                    "seconds", "Required allowance cannot be greater than " + MAX_JOB_RUN_TIME_SECONDS + " seconds");
        }
        long nanos = Amounts.nanos(seconds);
        if (nanos == 0) {
            throw new InvalidArgument("seconds", seconds, "at least a nanosecond");
        }
        return nanos;
    }

    private static void requireStart(long jobStartBlock, BlockTable blocks) {
        if (jobStartBlock < 0) {
            throw new InvalidArgument("jobStartBlock", jobStartBlock, "at least 0");
        }
        if (!blocks.isEmpty() && jobStartBlock > blocks.newest() + Limits.BLOCK_EXPIRY) {
            throw new InvalidArgument(
                    "jobStartBlock",
                    jobStartBlock,
                    "at most " + (blocks.newest() + Limits.BLOCK_EXPIRY) + ": the newest block is " + blocks.newest()
                            + ", and a job may use blocks up to " + Limits.BLOCK_EXPIRY + " before its start");
        }
    }

    @Override
    public SpendDetails validateForeignReceipt(SignedReceipt receipt, SignedReceipt started) {
        return foreign.validate(receipt, started);
    }

    @Override
    public TemporaryBookkeeper temporaryBookkeeper(long startBlock, long endBlock) {
        return foreign.open(startBlock, endBlock);
    }

    @Override
    public long currentBlock() {
        BlockTable blocks = grid.blocks();
        if (blocks.isEmpty()) {
            throw new GridUnavailable("No block of the chain has been taken in yet");
        }
        return blocks.newest();
    }

    @Override
    public List<Manifest> manifests() {
        return grid.shelf().ledgers().stream()
                .flatMap(ledger -> ledger.classes().values().stream()
                        .map(book -> new Manifest(
                                ledger.miner(), book.executorClass(), book.manifestBlock(), book.executors())))
                .sorted(Comparator.comparing(Manifest::miner).thenComparing(Manifest::executorClass))
                .toList();
    }

    @Override
    public Metagraph metagraph() {
        return metagraph(grid.blocks().newest());
    }

    @Override
    public Metagraph metagraph(long block) {
        BlockRecord record = record(block);
        List<Neuron> neurons = neurons(record).neurons();
        return new Metagraph(
                block,
                record.hash(),
                neurons.stream().map(Neuron::uid).toList(),
                neurons.stream().map(Neuron::hotkey).toList(),
                neurons.stream()
                        .map(neuron -> record.validators().stake(neuron.hotkey()))
                        .toList(),
                neurons.stream()
                        .filter(neuron -> neuron.miner().serving())
                        .map(Neuron::hotkey)
                        .toList());
    }

    @Override
    public List<Miner> miners() {
        return neurons(grid.blocks()).neurons().stream().map(Neuron::miner).toList();
    }

    @Override
    public NeuronSnapshot neurons(long block) {
        return new NeuronSnapshot(block, neurons(record(block)).neurons());
    }

    private BlockRecord record(long block) {
        return grid.blocks().record(block).orElseThrow(() -> new NeuronSnapshotMissing(block));
    }

    private NeuronList neurons(BlockRecord record) {
        return grid.records()
                .neurons()
                .get(record.neurons())
                .orElseThrow(() -> new NeuronSnapshotMissing(record.number()));
    }

    /** The neurons of the newest block; none before the first. */
    NeuronList neurons(BlockTable blocks) {
        return blocks.record(blocks.newest())
                .flatMap(record -> grid.records().neurons().get(record.neurons()))
                .orElse(NeuronList.NONE);
    }

    /** Waits for a call, and throws what it ended in as if it had been made by the caller's own thread. */
    static <T> T await(CallId call, CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof CompletionException && cause.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            throw new OutcomeUnknown(call, e);
        } catch (TimeoutException e) {
            throw new OutcomeUnknown(call, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OutcomeUnknown(call, e);
        }
    }

    @Override
    public AsyncAllowance async() {
        return new AsyncAllowance() {
            @Override
            public CompletionStage<Reservation> reserveAllowance(
                    Hotkey miner, ExecutorClass executorClass, double seconds, long jobStartBlock, JobId job) {
                return reserve(grid.newCall(), miner, executorClass, seconds, jobStartBlock, job);
            }

            @Override
            public CompletionStage<Void> undoAllowanceReservation(ReservationId reservation, CallId call) {
                return settle(reservation, new LedgerCommand.Undo(call, grid.sentMillis(), reservation.value()));
            }

            @Override
            public CompletionStage<Void> spendAllowance(ReservationId reservation, CallId call) {
                return settle(reservation, new LedgerCommand.Spend(call, grid.sentMillis(), reservation.value()));
            }

            @Override
            public CompletionStage<Reservation> extendReservation(
                    ReservationId reservation, double seconds, CallId call) {
                return extend(reservation, seconds, call);
            }
        };
    }
}
