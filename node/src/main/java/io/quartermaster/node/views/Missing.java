package io.quartermaster.node.views;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiPredicate;

/**
 * The books of which this replica has missed something. They are asked for a few at a time, and not again while one may be on
 * its way: books are large, and a replica that is behind is so mostly because it is slow. Asking more would make it slower. Safe
 * for use by several threads.
 */
final class Missing {
    /** What was decided a moment ago mostly comes by itself. */
    private static final long GRACE_MILLIS = 150;

    private static final long ASK_AGAIN_MILLIS = 1_000;
    private static final int MOST_ASKED = 8;

    /** In the order in which they were noted. */
    private final Map<String, Book> books = new LinkedHashMap<>();

    private static final class Book {
        private Mark mark;
        private int from;
        private final long notedAtMillis;
        private long askedAtMillis = Long.MIN_VALUE;

        private Book(Mark mark, int from, long notedAtMillis) {
            this.mark = mark;
            this.from = from;
            this.notedAtMillis = notedAtMillis;
        }

        private boolean asked(long nowMillis) {
            return askedAtMillis != Long.MIN_VALUE && nowMillis - askedAtMillis < ASK_AGAIN_MILLIS;
        }
    }

    /** A replica holds a book up to a mark, and this one does not. */
    synchronized void note(String key, Mark mark, int from, long nowMillis) {
        Book known = books.get(key);
        if (known == null) {
            books.put(key, new Book(mark, from, nowMillis));
        } else if (mark.view() > known.mark.view()
                || (mark.view() == known.mark.view() && mark.sequence() > known.mark.sequence())) {
            known.mark = mark;
            known.from = from;
        }
    }

    /** A copy of a book has come: if that does not suffice, it may be asked for again. */
    synchronized void arrived(String key) {
        Book known = books.get(key);
        if (known != null) {
            known.askedAtMillis = Long.MIN_VALUE;
        }
    }

    /**
     * What to ask for now; it counts as asked.
     *
     * @param settled whether a book is held up to a mark, or that is of no interest any more
     * @return whom to ask, by the book's key
     */
    synchronized Map<String, Integer> due(long nowMillis, BiPredicate<String, Mark> settled) {
        int underWay = 0;
        for (Iterator<Map.Entry<String, Book>> all = books.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, Book> book = all.next();
            if (settled.test(book.getKey(), book.getValue().mark)) {
                all.remove();
            } else if (book.getValue().asked(nowMillis)) {
                underWay++;
            }
        }
        Map<String, Integer> due = new HashMap<>();
        for (String key : List.copyOf(books.keySet())) {
            Book book = Objects.requireNonNull(books.get(key));
            if (underWay + due.size() < MOST_ASKED
                    && !book.asked(nowMillis)
                    && nowMillis - book.notedAtMillis >= GRACE_MILLIS) {
                book.askedAtMillis = nowMillis;
                due.put(key, book.from);
                // If there is no answer, it is the others' turn next.
                books.remove(key);
                books.put(key, book);
            }
        }
        return due;
    }
}
