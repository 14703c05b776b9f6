package io.quartermaster.node.cycle;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * This replica's copy of all {@link SlotBook}s, for reading: each as it was put here last. Reads never wait. Safe for use by
 * several threads.
 */
public final class SlotShelf {
    private final Map<Hotkey, SlotBook> books = new ConcurrentHashMap<>();
    private final Map<JobId, Hotkey> jobs = new ConcurrentHashMap<>();
    private volatile Consumer<Hotkey> onUsed = miner -> {};

    /**
     * Puts a book here, in place of the one that was here. Whoever puts a miner's books puts them in order, one at a time.
     *
     * @param miner whose it is
     * @param book the book
     */
    public void put(Hotkey miner, SlotBook book) {
        SlotBook before = book(miner);
        books.put(miner, book);
        for (JobId job : before.jobs().keySet()) {
            if (!book.jobs().containsKey(job)) {
                jobs.remove(job, miner);
            }
        }
        book.jobs().forEach((job, kept) -> {
            if (!kept.equals(before.jobs().get(job))) {
                jobs.put(job, miner);
            }
        });
        if (before.cycle() != book.cycle() || before.usedNanos() != book.usedNanos()) {
            onUsed.accept(miner);
        }
    }

    /**
     * A miner's book.
     *
     * @param miner its hotkey
     * @return a fresh one if no job was routed to it
     */
    public SlotBook book(Hotkey miner) {
        return books.getOrDefault(miner, SlotBook.FRESH);
    }

    /**
     * The miner that an executor is kept with for a job.
     *
     * @param job the job
     * @param nowMillis the time, in Unix milliseconds
     * @return empty if there is none
     */
    public Optional<Hotkey> holder(JobId job, long nowMillis) {
        return Optional.ofNullable(jobs.get(job)).filter(miner -> {
            PreliminaryReservation kept = book(miner).jobs().get(job);
            return kept != null && kept.holdsAt(nowMillis);
        });
    }

    /**
     * All books.
     *
     * @return a copy, by miner
     */
    public Map<Hotkey, SlotBook> books() {
        return Map.copyOf(books);
    }

    /**
     * Tells somebody when a job was accepted, or a cycle has begun, for a miner.
     *
     * @param listener told on the thread that put the book: be quick
     */
    public void onUsed(Consumer<Hotkey> listener) {
        onUsed = listener;
    }
}
