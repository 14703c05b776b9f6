package io.quartermaster.node.views;

/**
 * A decision about a book, as its decider sends it to the others.
 *
 * @param <D> what a decision is
 * @param key which book
 * @param partition the book's partition
 * @param mark its name
 * @param caller the id of the replica that wants to know who holds it
 * @param decision what was decided
 */
public record Decided<D>(String key, int partition, Mark mark, int caller, D decision) {}
