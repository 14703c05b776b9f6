package io.quartermaster.node.chain;

import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.Validator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A made-up subnet: blocks, stakes that wander, miners that come and go, manifests every 25 blocks, collateral every 100, and
 * the trouble that the settings ask for. What it shows depends on its settings alone, and any block can be computed at any
 * time.
 *
 * <p>The first observations are the manifests of its history, so that the older blocks, once fetched, are worth something.
 *
 * <p>At infinite speed it has no end unless {@link SimulationSettings#blocks} sets one, and its clock shows the time of the
 * newest block.
 */
public final class SimulatedSubnet implements Chain {
    private static final int COLLATERAL_INTERVAL_BLOCKS = 100;

    private final SimulationSettings settings;
    private final SimulatedPopulation population;
    private final SimulatedBlockTimes times;
    private final ChainClock clock;
    private final long oldest;
    private final long last;
    private final Shared<List<Neuron>> sharedNeurons = new Shared<>();
    private final Shared<List<Validator>> sharedValidators = new Shared<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Deque<Observation> pending = new ArrayDeque<>();
    private final long firstShown;
    private long upcoming;
    private volatile long head;
    private volatile boolean ended;

    /**
     * A simulation that begins now: its clock shows {@link SimulationSettings#start} at this moment.
     *
     * @param settings what the subnet is like
     */
    public SimulatedSubnet(SimulationSettings settings) {
        this(settings, 0, System::nanoTime);
    }

    /**
     * A simulation that began some time ago. Replicas that agree on when it began, and on the settings, see the same subnet.
     *
     * @param settings what the subnet is like
     * @param began when its clock showed {@link SimulationSettings#start}, in real time
     */
    public SimulatedSubnet(SimulationSettings settings, Instant began) {
        this(settings, Math.max(0, System.currentTimeMillis() - began.toEpochMilli()), System::nanoTime);
    }

    SimulatedSubnet(SimulationSettings settings, long elapsedMillis, LongSupplier nanoTime) {
        this.settings = settings;
        this.population = new SimulatedPopulation(settings);
        this.times = new SimulatedBlockTimes(settings);
        this.oldest = settings.firstBlock() - settings.historyBlocks();
        this.last = settings.firstBlock() + Math.min(settings.blocks(), Long.MAX_VALUE / 4) - 1;
        long elapsed = Double.isInfinite(settings.speed()) ? 0 : (long) (elapsedMillis * settings.speed());
        long nowMillis = settings.start().toEpochMilli() + elapsed;
        this.clock = new ChainClock(nowMillis, settings.speed(), nanoTime);
        clock.start();
        this.firstShown = mintedAt(nowMillis);
        this.upcoming = firstShown;
        this.head = firstShown - 1;
        showHistory();
    }

    /** The newest block that is minted by a time, or the first. */
    private long mintedAt(long nowMillis) {
        long minted = settings.firstBlock();
        // No block is minted in less than the block time.
        long elapsedMillis = Math.max(0, nowMillis - settings.start().toEpochMilli());
        long notYet =
                Math.min(last, minted + elapsedMillis / settings.blockTime().toMillis() + 1) + 1;
        while (notYet - minted > 1) {
            long middle = minted + (notYet - minted) / 2;
            if (times.timeMillis(middle) <= nowMillis) {
                minted = middle;
            } else {
                notYet = middle;
            }
        }
        return minted;
    }

    private void showHistory() {
        long current = firstShown - 1 - settings.finalityLag();
        if (current < oldest) {
            return;
        }
        // What a follower fetches at most, and a sync more.
        long from = Math.max(oldest, current - Follower.ARCHIVE_MAX_LOOKBACK);
        pending.add(population.manifests(from));
        int interval = SimulatedPopulation.MANIFEST_INTERVAL_BLOCKS;
        for (long block = from - from % interval + interval; block <= current; block += interval) {
            pending.add(population.manifests(block));
        }
        pending.add(population.collateral(current));
    }

    @Override
    public ChainInfo info() {
        return new ChainInfo(settings.netuid(), population.validator(), settings.finalityLag(), Map.of());
    }

    @Override
    public PacedClock clock() {
        return clock;
    }

    @Override
    public Optional<Observation> next(Duration patience) throws InterruptedException {
        long patienceNanos = patience.toNanos();
        long began = System.nanoTime();
        while (closed.getCount() > 0) {
            Observation waiting = pending.poll();
            if (waiting != null) {
                ended = pending.isEmpty() && upcoming > last;
                return Optional.of(waiting);
            }
            if (upcoming > last) {
                ended = true;
                return Optional.empty();
            }
            long wait = clock.nanosUntil(times.timeMillis(upcoming));
            if (wait == 0) {
                mint(upcoming++);
            } else {
                long left = patienceNanos - (System.nanoTime() - began);
                if (left <= 0 || closed.await(Math.min(wait, left), TimeUnit.NANOSECONDS)) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private void mint(long number) {
        BlockSeen block = compute(number);
        clock.shown(block.timeMillis());
        head = number;
        if (number == firstShown || number == last || !missed(number)) {
            pending.add(block);
        }
        long current = number - settings.finalityLag();
        if (current >= oldest && current % SimulatedPopulation.MANIFEST_INTERVAL_BLOCKS == 0) {
            pending.add(population.manifests(current));
        }
        if (current >= oldest && current % COLLATERAL_INTERVAL_BLOCKS == 10) {
            pending.add(population.collateral(current));
        }
    }

    private boolean missed(long number) {
        return new Seeded(settings.seed())
                .about("missed")
                .at(number)
                .chance(settings.misbehaviour().missedHead());
    }

    private BlockSeen compute(long number) {
        String hash =
                "0x" + new Seeded(settings.seed()).about("hash").at(number).text("0123456789abcdef", 64);
        List<Neuron> neurons = sharedNeurons.of(population.neurons(number));
        List<Validator> validators = sharedValidators.of(population.validators(number));
        return new BlockSeen(number, times.timeMillis(number), Optional.of(hash), neurons, validators);
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public long head() {
        return head;
    }

    @Override
    public Optional<BlockSeen> block(long number) {
        return number < oldest || number > head ? Optional.empty() : Optional.of(compute(number));
    }

    @Override
    public long oldestReachable() {
        return oldest;
    }

    @Override
    public void close() {
        ended = true;
        closed.countDown();
    }
}
