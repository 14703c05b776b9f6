package io.quartermaster.node.chain;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.Observation.BlockSeen;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A chain that shows what it is told to, and knows which blocks can be fetched. Mostly its clock runs a thousand times too fast. */
final class ScriptedChain implements Chain {
    final BlockingQueue<Observation> toShow = new LinkedBlockingQueue<>();
    final NavigableSet<Long> fetchable = new ConcurrentSkipListSet<>();
    final List<Long> askedFor = new CopyOnWriteArrayList<>();
    ChainClock clock = new ChainClock(0, 1000, System::nanoTime);
    private final int finalityLag;
    volatile long oldestReachable;
    volatile boolean endsWhenShown;
    volatile RuntimeException failure = new IllegalStateException("none");
    volatile boolean fails;
    private volatile long head = -1;

    ScriptedChain(int finalityLag, long oldestReachable) {
        this.finalityLag = finalityLag;
        this.oldestReachable = oldestReachable;
    }

    ScriptedChain show(long... blocks) {
        for (long block : blocks) {
            toShow.add(Observations.block(block));
        }
        return this;
    }

    ScriptedChain ending() {
        endsWhenShown = true;
        return this;
    }

    @Override
    public ChainInfo info() {
        return new ChainInfo(12, new Hotkey("5V"), finalityLag, Map.of());
    }

    @Override
    public PacedClock clock() {
        return clock;
    }

    @Override
    public Optional<Observation> next(Duration patience) throws InterruptedException {
        Observation next = toShow.poll(endsWhenShown ? 0 : patience.toNanos(), TimeUnit.NANOSECONDS);
        if (next == null && fails) {
            throw failure;
        }
        if (next instanceof BlockSeen block) {
            head = Math.max(head, block.block());
        }
        return Optional.ofNullable(next);
    }

    @Override
    public boolean ended() {
        return endsWhenShown && toShow.isEmpty();
    }

    @Override
    public long head() {
        return head;
    }

    @Override
    public Optional<BlockSeen> block(long number) {
        askedFor.add(number);
        return fetchable.contains(number) ? Optional.of(Observations.block(number)) : Optional.empty();
    }

    @Override
    public long oldestReachable() {
        return oldestReachable;
    }

    @Override
    public void close() {}
}
