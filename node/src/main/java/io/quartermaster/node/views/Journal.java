package io.quartermaster.node.views;

import java.util.List;
import java.util.Map;

/**
 * Where a replica writes down what it must not forget. What is appended first is durable first; each runnable is called once
 * its record is. Safe for use by several threads.
 *
 * @param <S> what a book is
 * @param <D> what a decision is
 */
public interface Journal<S, D> {
    /**
     * The replica will accept nothing of older views.
     *
     * @param view the view's number
     * @param durable called once this is durable
     */
    void promised(long view, Runnable durable);

    /**
     * The replica is one of the founders of a new grid: it knows that there was nothing before.
     *
     * @param durable called once this is durable
     */
    void founded(Runnable durable);

    /**
     * The replica has entered a view.
     *
     * @param view the view
     * @param changed the books that it did not hold like this before
     * @param durable called once this is durable
     */
    void installed(View view, List<? extends Entry<S>> changed, Runnable durable);

    /**
     * A decision was made or accepted.
     *
     * @param decided the decision
     * @param durable called once this is durable
     */
    void decided(Decided<D> decided, Runnable durable);

    /**
     * A book was copied from its decider, in place of decisions that did not arrive.
     *
     * @param view the view in which it was
     * @param entry the book
     * @param durable called once this is durable
     */
    void copied(long view, Entry<S> entry, Runnable durable);

    /**
     * Nothing is written; what was written before is waited for.
     *
     * @param durable called once everything before is durable
     */
    void barrier(Runnable durable);

    /**
     * What a replica remembers when it starts.
     *
     * @param <S> what a book is
     * @param founded whether it was ever in a grid; a replica that was and has lost its disk says false, and has no vote until
     *     the others have told it everything
     * @param promised the view below which it accepts nothing
     * @param normal the view that it was in last
     * @param entries its books
     */
    record Memory<S>(boolean founded, long promised, View normal, Map<String, Entry<S>> entries) {
        /**
         * The memory of a replica that has none.
         *
         * @param <S> what a book is
         * @return nothing
         */
        public static <S> Memory<S> none() {
            return new Memory<>(false, 0, View.NONE, Map.of());
        }
    }

    /**
     * A journal of a replica that keeps everything in memory only: durable is what is in memory.
     *
     * @param <S> what a book is
     * @param <D> what a decision is
     * @return a journal that writes nothing
     */
    static <S, D> Journal<S, D> none() {
        return new Journal<>() {
            @Override
            public void promised(long view, Runnable durable) {
                durable.run();
            }

            @Override
            public void founded(Runnable durable) {
                durable.run();
            }

            @Override
            public void installed(View view, List<? extends Entry<S>> changed, Runnable durable) {
                durable.run();
            }

            @Override
            public void decided(Decided<D> decided, Runnable durable) {
                durable.run();
            }

            @Override
            public void copied(long view, Entry<S> entry, Runnable durable) {
                durable.run();
            }

            @Override
            public void barrier(Runnable durable) {
                durable.run();
            }
        };
    }
}
