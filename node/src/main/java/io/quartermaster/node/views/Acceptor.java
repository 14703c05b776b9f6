package io.quartermaster.node.views;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A replica's own books: what it holds, in which view, and what it has promised. The rules that make the protocol safe are
 * all here:
 *
 * <ol>
 *   <li>A decision is accepted only in its own view, and only next to the one before it; one that comes early waits.
 *   <li>Once a view is promised, nothing of older views is accepted, and the promise says all that is held.
 *   <li>A view is entered as a whole, and never one below a promise.
 *   <li>What is confirmed to others is durable first.
 * </ol>
 *
 * <p>Safe for use by several threads. Decisions about different books don't wait for each other.
 */
final class Acceptor<S, D> {
    /** More of them are not kept: a copy of the book brings what they say, too. */
    private static final int MOST_EARLY = 1_000;

    private final int self;
    private final Machine<S, D> machine;
    private final Journal<S, D> journal;
    private final BiConsumer<String, S> shelf;
    private final ReadWriteLock door = new ReentrantReadWriteLock();
    private final Map<String, Slot<S, D>> slots = new ConcurrentHashMap<>();

    private volatile boolean founded;
    private volatile long promised;
    private volatile View normal;

    /** Whether the view was entered in this life: before a crash this replica may have decided what it does not know of now. */
    private volatile boolean entered;

    /** A book's place; guarded by itself. */
    private static final class Slot<S, D> {
        private Mark mark;
        private S state;

        /** What has arrived before its turn, by its place in the order. */
        private final NavigableMap<Long, Early<D>> early = new TreeMap<>();

        private Slot(Mark mark, S state) {
            this.mark = mark;
            this.state = state;
        }
    }

    /** A decision whose predecessor has not arrived, and whom to tell once it is durable. */
    private record Early<D>(Decided<D> decided, BiConsumer<String, Mark> durable) {}

    /** What became of a decision that arrived. */
    enum Acceptance {
        /** It is held, or was before. */
        HELD,
        /** One before it has not arrived: it waits for that. */
        GAP,
        /** It is of another view than this replica is in. */
        OTHER_VIEW
    }

    Acceptor(
            int self,
            Machine<S, D> machine,
            Journal<S, D> journal,
            Journal.Memory<S> memory,
            BiConsumer<String, S> shelf) {
        this.self = self;
        this.machine = machine;
        this.journal = journal;
        this.shelf = shelf;
        this.founded = memory.founded();
        this.promised = memory.promised();
        this.normal = memory.normal();
        memory.entries().values().forEach(entry -> {
            slots.put(entry.key(), new Slot<>(entry.mark(), entry.state()));
            shelf.accept(entry.key(), entry.state());
        });
    }

    /** Whether decisions are made and accepted. */
    boolean serving() {
        return entered && promised == normal.number();
    }

    /** The view that was promised, if it is entered or can be; 0 if it was entered in an earlier life, which was the last time. */
    long promisedForUse() {
        return serving() || promised != normal.number() ? promised : 0;
    }

    boolean founded() {
        return founded;
    }

    long promised() {
        return promised;
    }

    View normal() {
        return normal;
    }

    /**
     * Decides about a book, if that is this replica's to do.
     *
     * @param rule from the book to the decision
     * @param durable called with the decision's name once it is durable here
     * @return the decision; empty if another replica decides, or none does now
     */
    Optional<Decided<D>> decide(
            String key, int partition, int caller, Function<S, D> rule, BiConsumer<String, Mark> durable) {
        Lock reading = door.readLock();
        reading.lock();
        try {
            if (!serving() || normal.decider(partition) != self) {
                return Optional.empty();
            }
            Slot<S, D> slot = slot(key);
            synchronized (slot) {
                D decision = rule.apply(slot.state);
                Mark mark = new Mark(normal.number(), slot.mark.sequence() + 1);
                Decided<D> decided = new Decided<>(key, partition, mark, caller, decision);
                take(slot, decided, durable);
                return Optional.of(decided);
            }
        } finally {
            reading.unlock();
        }
    }

    /** Accepts what another replica has decided. */
    Acceptance accept(Decided<D> decided, BiConsumer<String, Mark> durable) {
        Lock reading = door.readLock();
        reading.lock();
        try {
            if (!serving() || decided.mark().view() != normal.number()) {
                return Acceptance.OTHER_VIEW;
            }
            Slot<S, D> slot = slot(decided.key());
            synchronized (slot) {
                long next = slot.mark.sequence() + 1;
                if (decided.mark().sequence() > next) {
                    if (slot.early.size() < MOST_EARLY) {
                        slot.early.put(decided.mark().sequence(), new Early<>(decided, durable));
                    }
                    return Acceptance.GAP;
                }
                if (decided.mark().sequence() < next) {
                    journal.barrier(() -> durable.accept(decided.key(), decided.mark()));
                    return Acceptance.HELD;
                }
                take(slot, decided, durable);
                takeWhoseTurnHasCome(slot);
                return Acceptance.HELD;
            }
        } finally {
            reading.unlock();
        }
    }

    private void take(Slot<S, D> slot, Decided<D> decided, BiConsumer<String, Mark> durable) {
        synchronized (slot) {
            S changed = machine.apply(slot.state, decided.decision());
            // Written before it is held: if the journal refuses, nothing was done.
            journal.decided(decided, () -> durable.accept(decided.key(), decided.mark()));
            put(decided.key(), slot, decided.mark(), changed);
        }
    }

    private void takeWhoseTurnHasCome(Slot<S, D> slot) {
        synchronized (slot) {
            slot.early.headMap(slot.mark.sequence(), true).clear();
            for (Early<D> next = slot.early.remove(slot.mark.sequence() + 1);
                    next != null;
                    next = slot.early.remove(slot.mark.sequence() + 1)) {
                take(slot, next.decided(), next.durable());
            }
        }
    }

    /** Takes a book over from its decider, in place of decisions that did not arrive. */
    void copy(long view, Entry<S> entry, BiConsumer<String, Mark> durable) {
        Lock reading = door.readLock();
        reading.lock();
        try {
            if (!serving() || view != normal.number()) {
                return;
            }
            Slot<S, D> slot = slot(entry.key());
            synchronized (slot) {
                if (entry.mark().sequence() <= slot.mark.sequence()) {
                    return;
                }
                journal.copied(view, entry, () -> durable.accept(entry.key(), entry.mark()));
                put(entry.key(), slot, entry.mark(), entry.state());
                takeWhoseTurnHasCome(slot);
            }
        } finally {
            reading.unlock();
        }
    }

    /**
     * Promises a view.
     *
     * @param durable called with the promise once it is durable
     * @return the view that was promised before, if it is higher, and so this one is refused; else empty
     */
    Optional<Long> prepare(long view, Consumer<Message.Promise<S>> durable) {
        Lock writing = door.writeLock();
        writing.lock();
        try {
            if (view < promised) {
                return Optional.of(promised);
            }
            if (serving() && view == promised) {
                // A late copy of what was asked before this view began.
                return Optional.of(promised);
            }
            promised = view;
            Map<String, Mark> marks = new HashMap<>();
            slots.forEach((key, slot) -> marks.put(key, slot.mark));
            Message.Promise<S> promise = new Message.Promise<>(view, founded, normal.number(), marks);
            journal.promised(view, () -> durable.accept(promise));
            return Optional.empty();
        } finally {
            writing.unlock();
        }
    }

    /** All replicas were asked in one round, and none had ever been in a grid. */
    void found(long view, Runnable durable) {
        Lock writing = door.writeLock();
        writing.lock();
        try {
            if (view == promised && normal.number() == 0) {
                founded = true;
                journal.founded(durable);
            }
        } finally {
            writing.unlock();
        }
    }

    /** The books that a promise spoke of; empty if another view was promised since. */
    Optional<List<Entry<S>>> fetch(long view, Collection<String> keys) {
        Lock writing = door.writeLock();
        writing.lock();
        try {
            if (view != promised || serving()) {
                return Optional.empty();
            }
            return Optional.of(keys.stream().map(this::entry).toList());
        } finally {
            writing.unlock();
        }
    }

    /** The book as it is now, for one who has missed a decision. */
    Optional<Entry<S>> current(long view, String key) {
        Lock reading = door.readLock();
        reading.lock();
        try {
            return serving() && view == normal.number() ? Optional.of(entry(key)) : Optional.empty();
        } finally {
            reading.unlock();
        }
    }

    /** Enters a view. */
    void install(View view, List<? extends Entry<S>> changed, Runnable durable) {
        Lock writing = door.writeLock();
        writing.lock();
        try {
            if (serving() && view.number() == normal.number()) {
                journal.barrier(durable);
                return;
            }
            // What was promised tells what is missing here, so only the view that was promised can be entered. A view
            // that was
            // entered in an earlier life can't be entered again: decisions have been accepted in it since.
            if (view.number() != promised || view.number() == normal.number()) {
                return;
            }
            journal.installed(view, changed, durable);
            normal = view;
            founded = true;
            entered = true;
            // What came early was of an older view.
            slots.values().forEach(slot -> slot.early.clear());
            for (Entry<S> entry : changed) {
                put(entry.key(), slot(entry.key()), entry.mark(), entry.state());
            }
        } finally {
            writing.unlock();
        }
    }

    /** The newest sequence number of a book. */
    long sequence(String key) {
        Slot<S, D> slot = slots.get(key);
        if (slot == null) {
            return 0;
        }
        synchronized (slot) {
            return slot.mark.sequence();
        }
    }

    private Entry<S> entry(String key) {
        Slot<S, D> slot = slot(key);
        synchronized (slot) {
            return new Entry<>(key, slot.mark, slot.state);
        }
    }

    private Slot<S, D> slot(String key) {
        Slot<S, D> known = slots.get(key);
        return known != null ? known : slots.computeIfAbsent(key, fresh -> new Slot<>(Mark.NONE, machine.fresh(fresh)));
    }

    private void put(String key, Slot<S, D> slot, Mark mark, S state) {
        synchronized (slot) {
            slot.mark = mark;
            slot.state = state;
            shelf.accept(key, state);
        }
    }

    /** Up to which decision each book is held in a view; empty if this replica is not in it. */
    Optional<Map<String, Long>> sequences(long view) {
        Lock writing = door.writeLock();
        writing.lock();
        try {
            if (!serving() || view != normal.number()) {
                return Optional.empty();
            }
            Map<String, Long> sequences = new HashMap<>();
            slots.forEach((key, slot) -> sequences.put(key, slot.mark.sequence()));
            return Optional.of(sequences);
        } finally {
            writing.unlock();
        }
    }

    /** All that is remembered, at one moment: nothing is decided meanwhile. */
    Journal.Memory<S> memory() {
        Lock writing = door.writeLock();
        writing.lock();
        try {
            return new Journal.Memory<>(founded, promised, normal, entries());
        } finally {
            writing.unlock();
        }
    }

    /** The books, each as it is when it is looked at. */
    Map<String, Entry<S>> entries() {
        Map<String, Entry<S>> entries = new HashMap<>();
        slots.keySet().forEach(key -> entries.put(key, entry(key)));
        return entries;
    }
}
