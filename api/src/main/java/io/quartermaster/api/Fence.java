package io.quartermaster.api;

/**
 * Proof of holding a lock, to be shown with each change: the books refuse a change with a lower token than they have seen of
 * the lock. So a holder that was paused for longer than its lease can do no harm when it goes on.
 *
 * @param lock the lock's name
 * @param token grows with every holder, from 1 on
 */
public record Fence(String lock, long token) {
    public Fence {
        Checks.name("lock", lock, 128);
        if (token < 1) {
            throw new InvalidArgument("token", token, "at least 1: the token of a lock that was acquired");
        }
    }
}
