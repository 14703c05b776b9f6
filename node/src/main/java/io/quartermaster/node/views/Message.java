package io.quartermaster.node.views;

import java.util.List;
import java.util.Map;

/**
 * What replicas say to each other. Any message may be lost, late, doubled or overtaken by another one.
 *
 * @param <S> what a book is
 */
public sealed interface Message<S> {
    /**
     * The view that it is about.
     *
     * @return the view's number
     */
    long view();

    /** Asks to accept nothing of older views, and to say what is held. */
    record Prepare<S>(long view) implements Message<S> {}

    /**
     * Says so.
     *
     * @param founded whether the sender remembers all that it ever promised and accepted
     * @param normal the number of the view that it was in last
     * @param marks the newest decision of each book
     */
    record Promise<S>(long view, boolean founded, long normal, Map<String, Mark> marks) implements Message<S> {}

    /** Says that a higher view was promised to somebody already. */
    record Outrun<S>(long view, long promised) implements Message<S> {}

    /** Says that all replicas have been asked, and none has ever been in a grid. */
    record Found<S>(long view) implements Message<S> {}

    /** Says that this is written down. */
    record Founded<S>(long view) implements Message<S> {}

    /** Asks for books that the sender of a promise holds. */
    record Fetch<S>(long view, List<String> keys) implements Message<S> {}

    /** Brings them. */
    record Fetched<S>(long view, List<Entry<S>> entries) implements Message<S> {}

    /**
     * Begins a view.
     *
     * @param next the view
     * @param changed the books that the receiver, by its promise, does not hold like this
     */
    record Install<S>(View next, List<Entry<S>> changed) implements Message<S> {
        @Override
        public long view() {
            return next.number();
        }
    }

    /** Says that the view is entered, and that this is written down. */
    record Installed<S>(long view) implements Message<S> {}

    /**
     * Says that the sender holds these decisions, and all before them.
     *
     * @param sequences the newest sequence number of each book
     */
    record Held<S>(long view, Map<String, Long> sequences) implements Message<S> {}

    /**
     * Says, several times a second, that the sender is there.
     *
     * @param view the view that it is in, 0 if none
     * @param promised the view that it has promised and can enter, 0 if there is none
     * @param recent the newest sequence numbers of the books that were decided about lately
     */
    record Pulse<S>(long view, long promised, Map<String, Long> recent) implements Message<S> {}

    /** Asks what the receiver holds of all books. */
    record Ask<S>(long view) implements Message<S> {}

    /**
     * Says so.
     *
     * @param sequences the newest sequence number of each book
     */
    record Holds<S>(long view, Map<String, Long> sequences) implements Message<S> {}

    /** Asks the decider for a book of which a decision was missed. */
    record Missed<S>(long view, String key) implements Message<S> {}

    /** Brings it. */
    record Copy<S>(long view, Entry<S> entry) implements Message<S> {}
}
