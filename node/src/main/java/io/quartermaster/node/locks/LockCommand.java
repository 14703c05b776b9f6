package io.quartermaster.node.locks;

import io.quartermaster.api.CallId;

/** A change to a lock, as data. Repeating one with the same call id, or the same token, is harmless. */
public sealed interface LockCommand {
    /**
     * Names the call.
     *
     * @return the same for every repetition
     */
    CallId call();

    /**
     * Takes the lock if it is free.
     *
     * @param call names the call
     * @param owner how the holder calls itself
     * @param reason what for
     * @param leaseMillis how long
     */
    record Acquire(CallId call, String owner, String reason, long leaseMillis) implements LockCommand {}

    /**
     * Begins the lease anew.
     *
     * @param call names the call
     * @param token the holder's token
     * @param leaseMillis how long
     */
    record Renew(CallId call, long token, long leaseMillis) implements LockCommand {}

    /**
     * Gives the lock back.
     *
     * @param call names the call
     * @param token the holder's token
     */
    record Release(CallId call, long token) implements LockCommand {}

    /**
     * Draws tokens without taking the lock: numbers that nobody else gets. Whoever holds the lock loses it by that, so a name
     * is used for one or the other.
     *
     * @param call names the call; a repetition may draw other ones
     * @param count how many, at least 1
     */
    record Draw(CallId call, int count) implements LockCommand {}
}
