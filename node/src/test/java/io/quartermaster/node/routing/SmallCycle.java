package io.quartermaster.node.routing;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobIdReused;
import io.quartermaster.node.cycle.Cycle;
import io.quartermaster.node.cycle.SlotBook;
import io.quartermaster.node.cycle.SlotCommand;
import io.quartermaster.node.cycle.SlotDecision;
import io.quartermaster.node.cycle.SlotOutcome;
import io.quartermaster.node.cycle.SlotRules;
import io.quartermaster.node.ledger.Amounts;
import io.quartermaster.node.manifest.ExecutorClasses;
import io.quartermaster.node.routing.CycleOrder.Left;
import io.quartermaster.node.routing.CycleOrder.Offer;
import io.quartermaster.node.routing.CycleOrder.Standing;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A {@link SmallSubnet} that routes by cycle. The current block is 1000, in the cycle from 708 to 1430: 5160 s are left. */
final class SmallCycle implements CycleBooks, SlotHolding {
    static final long CYCLE = 708;

    final SmallSubnet subnet = new SmallSubnet();
    final BlacklistBook blacklist = new BlacklistBook();
    final CycleOrder order = new CycleOrder();
    final List<Hotkey> holdCalls = new CopyOnWriteArrayList<>();

    private final Map<Hotkey, Double> initialSeconds = new HashMap<>();
    private final Map<Hotkey, Long> manifestBlocks = new HashMap<>();
    private final Map<Hotkey, SlotBook> books = new ConcurrentHashMap<>();
    private boolean allowancesSet = true;
    private long firstFresh = SmallSubnet.BLOCK - 1200;
    private Runnable beforeHold = () -> {};
    private int calls;

    Hotkey miner(String name, double seconds, int executors) {
        Hotkey miner = subnet.miner(name, 0, executors);
        initialSeconds.put(miner, seconds);
        manifestBlocks.put(miner, SmallSubnet.BLOCK - 5);
        stand(miner);
        return miner;
    }

    CycleRouter router() {
        return router(RoutingSettings.defaults());
    }

    CycleRouter router(RoutingSettings settings) {
        return new CycleRouter(
                new CyclePorts(subnet.ports(), this, this, blacklist),
                settings,
                ExecutorClasses.defaults(),
                subnet.decisions);
    }

    void collateral(Hotkey miner, long wei) {
        subnet.collateral(miner, wei);
        stand(miner);
    }

    void manifest(Hotkey miner, long block) {
        manifestBlocks.put(miner, block);
        stand(miner);
    }

    void firstFresh(long block) {
        firstFresh = block;
    }

    void noAllowancesYet() {
        allowancesSet = false;
    }

    void beforeHold(Runnable action) {
        beforeHold = action;
    }

    /** The miner has accepted the job; its allowance is taken. */
    void accepted(Hotkey miner, String job) {
        decide(miner, new SlotCommand.Accepted(call(), new JobId(job), false));
    }

    /** As if so much had been taken of the miner's allowance. */
    void use(Hotkey miner, double seconds) {
        SlotBook book = book(miner);
        books.put(miner, new SlotBook(CYCLE, book.usedNanos(CYCLE) + Amounts.nanos(seconds), book.jobs()));
        stand(miner);
    }

    private CallId call() {
        return new CallId("call-" + ++calls);
    }

    private void stand(Hotkey miner) {
        Map<ExecutorClass, Offer> offers = new HashMap<>();
        if (subnet.executors(miner, SmallSubnet.GPU) > 0) {
            offers.put(
                    SmallSubnet.GPU,
                    new Offer(subnet.executors(miner, SmallSubnet.GPU), manifestBlocks.getOrDefault(miner, 0L)));
        }
        BigInteger wei = subnet.collateral.wei(miner);
        long initial = Amounts.nanos(initialSeconds.getOrDefault(miner, 0.0));
        order.put(miner, new Left(initial, book(miner).usedNanos(CYCLE)), wei, offers);
    }

    SlotBook book(Hotkey miner) {
        return books.getOrDefault(miner, SlotBook.FRESH);
    }

    @Override
    public SlotHolding rehearsal() {
        SmallCycle copy = this;
        return new SlotHolding() {
            @Override
            public Attempt hold(Hotkey miner, Wish wish, OptionalLong allowanceNanos, Set<JobId> ongoing) {
                SlotBook before = copy.book(miner);
                try {
                    return copy.hold(miner, wish, allowanceNanos, ongoing);
                } finally {
                    copy.books.put(miner, before);
                    copy.stand(miner);
                }
            }

            @Override
            public int busy(Hotkey miner, Wish wish, Set<JobId> ongoing, Instant at) {
                return copy.busy(miner, wish, ongoing, at);
            }

            @Override
            public Optional<Hotkey> holder(JobId job, Instant at) {
                return copy.holder(job, at);
            }

            @Override
            public SlotHolding rehearsal() {
                return this;
            }
        };
    }

    private synchronized SlotOutcome decide(Hotkey miner, SlotCommand command) {
        long now = subnet.ports().clock().millis();
        SlotDecision decision = SlotRules.decide(book(miner), command, now);
        books.put(miner, book(miner).apply(decision));
        stand(miner);
        return decision.outcome();
    }

    @Override
    public Attempt hold(Hotkey miner, Wish wish, OptionalLong allowanceNanos, Set<JobId> ongoing) {
        holdCalls.add(miner);
        beforeHold.run();
        SlotOutcome outcome = decide(
                miner,
                new SlotCommand.Hold(
                        call(),
                        wish.job(),
                        wish.executorClass(),
                        wish.nanos(),
                        wish.cycle().start(),
                        allowanceNanos,
                        wish.keep().toMillis(),
                        ongoing,
                        subnet.executors(miner, wish.executorClass())));
        if (outcome instanceof SlotOutcome.Held held) {
            return new Attempt.Held(Instant.ofEpochMilli(held.deadlineMillis()), held.busy(), held.executors());
        }
        if (outcome instanceof SlotOutcome.JobReused reused) {
            throw new JobIdReused(wish.job(), miner, reused.difference());
        }
        return outcome instanceof SlotOutcome.NoFreeExecutor busy
                ? new Attempt.Busy(busy.busy(), busy.executors())
                : new Attempt.AllowanceGone();
    }

    @Override
    public int busy(Hotkey miner, Wish wish, Set<JobId> ongoing, Instant at) {
        return book(miner).busy(wish.executorClass(), wish.job(), ongoing, at.toEpochMilli());
    }

    @Override
    public Optional<Hotkey> holder(JobId job, Instant at) {
        return books.entrySet().stream()
                .filter(book -> Optional.ofNullable(book.getValue().jobs().get(job))
                        .filter(kept -> kept.holdsAt(at.toEpochMilli()))
                        .isPresent())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    @Override
    public Cycle cycle(long block) {
        return Cycle.of(block, 12);
    }

    @Override
    public boolean allowancesSet(Cycle cycle) {
        return allowancesSet;
    }

    @Override
    public Collection<Standing> bestFirst(ExecutorClass executorClass, Cycle cycle) {
        return order.bestFirst(executorClass);
    }

    @Override
    public long firstBlockSince(Instant since) {
        return firstFresh;
    }
}
