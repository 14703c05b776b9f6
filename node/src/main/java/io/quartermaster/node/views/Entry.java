package io.quartermaster.node.views;

/**
 * A book as a replica holds it.
 *
 * @param <S> what a book is
 * @param key which book
 * @param mark its newest decision
 * @param state the book after that decision
 */
public record Entry<S>(String key, Mark mark, S state) {}
