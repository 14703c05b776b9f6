package io.quartermaster.node.views;

/**
 * Names a decision about a book, and so the state after it: in a view one replica alone decides about a book, and it gives
 * each sequence number once.
 *
 * @param view the number of the view in which it was decided
 * @param sequence its place among all decisions about the book, from 1 on
 */
public record Mark(long view, long sequence) {
    /** Before the first decision. */
    public static final Mark NONE = new Mark(0, 0);
}
