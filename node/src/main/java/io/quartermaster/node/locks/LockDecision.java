package io.quartermaster.node.locks;

/**
 * What a command makes of a lock, and what is answered.
 *
 * @param after the lock after it
 * @param outcome the answer
 */
public record LockDecision(LockBook after, LockOutcome outcome) {}
