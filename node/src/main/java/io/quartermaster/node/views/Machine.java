package io.quartermaster.node.views;

/**
 * What books are, for those who keep them without knowing.
 *
 * @param <S> what a book is; immutable
 * @param <D> what a decision is; immutable
 */
public interface Machine<S, D> {
    /**
     * A book about which nothing was decided yet.
     *
     * @param key which book
     * @return its state
     */
    S fresh(String key);

    /**
     * A book after a decision. The same on every replica: it depends on nothing else.
     *
     * @param state the book before
     * @param decision the decision
     * @return the book after it
     */
    S apply(S state, D decision);
}
