package io.quartermaster.node.views;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Up to which decision each replica is known to hold each book, and who waits for a majority to hold one. Since a replica
 * accepts decisions only in order, one number says it all. Safe for use by several threads.
 */
final class Watermarks {
    private final int majority;
    private final Map<String, Book> books = new ConcurrentHashMap<>();

    /** What is known of one book in the newest view; guarded by itself. */
    private static final class Book {
        private long view;
        private final long[] held;
        private final List<Waiting> waiting = new ArrayList<>();

        private Book(int replicas) {
            this.held = new long[replicas + 1];
        }

        private void moveTo(long newView) {
            if (newView > view) {
                view = newView;
                Arrays.fill(held, 0);
            }
        }
    }

    private record Waiting(Mark mark, CompletableFuture<Boolean> answer) {}

    private final int replicas;

    Watermarks(int replicas, int majority) {
        this.replicas = replicas;
        this.majority = majority;
    }

    /** A replica holds a decision, and all before it. */
    void held(int replica, String key, Mark mark) {
        List<Waiting> done = List.of();
        Book book = book(key);
        synchronized (book) {
            book.moveTo(mark.view());
            if (mark.view() < book.view || book.held[replica] >= mark.sequence()) {
                return;
            }
            book.held[replica] = mark.sequence();
            if (!book.waiting.isEmpty()) {
                done = settled(book);
            }
        }
        done.forEach(waiting -> waiting.answer().complete(true));
    }

    private List<Waiting> settled(Book book) {
        List<Waiting> done = new ArrayList<>();
        for (Iterator<Waiting> all = book.waiting.iterator(); all.hasNext(); ) {
            Waiting waiting = all.next();
            if (byMajority(book, waiting.mark())) {
                all.remove();
                done.add(waiting);
            }
        }
        return done;
    }

    private boolean byMajority(Book book, Mark mark) {
        if (mark.view() != book.view) {
            return false;
        }
        int holders = 0;
        for (long held : book.held) {
            holders += held >= mark.sequence() ? 1 : 0;
        }
        return holders >= majority;
    }

    /**
     * Waits until a majority holds a decision.
     *
     * @param answer completed with true then; with false once another view has begun, in which it must be asked for again
     */
    void await(String key, Mark mark, CompletableFuture<Boolean> answer) {
        Book book = book(key);
        synchronized (book) {
            book.moveTo(mark.view());
            if (!byMajority(book, mark)) {
                if (mark.view() == book.view) {
                    book.waiting.add(new Waiting(mark, answer));
                    return;
                }
                answer.complete(false);
                return;
            }
        }
        answer.complete(true);
    }

    /** Nobody waits any longer for this. */
    void forget(String key, CompletableFuture<Boolean> answer) {
        Book book = book(key);
        synchronized (book) {
            book.waiting.removeIf(waiting -> waiting.answer() == answer);
        }
    }

    /** A view has begun: what was decided in older ones and is not settled yet will not be. */
    void viewBegan(long view) {
        for (Book book : books.values()) {
            List<Waiting> lost;
            synchronized (book) {
                lost = book.waiting.stream()
                        .filter(waiting -> waiting.mark().view() < view)
                        .toList();
                book.waiting.removeAll(lost);
            }
            lost.forEach(waiting -> waiting.answer().complete(false));
        }
    }

    private Book book(String key) {
        Book known = books.get(key);
        return known != null ? known : books.computeIfAbsent(key, fresh -> new Book(replicas));
    }
}
