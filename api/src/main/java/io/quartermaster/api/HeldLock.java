package io.quartermaster.api;

import java.time.Duration;
import java.time.Instant;

/** A lock that this program holds. Closing it releases it. Safe for use by several threads. */
public interface HeldLock extends AutoCloseable {
    /**
     * The proof of holding it, for {@link Allowance#under}.
     *
     * @return the lock's name and this holder's token
     */
    Fence fence();

    /**
     * When the lease ends, unless it is renewed, by the clock of the replica that keeps the lock.
     *
     * @return the end
     */
    Instant until();

    /**
     * Begins the lease anew.
     *
     * @param lease how long from now, from 1 s to an hour
     * @throws LockLost if it had ended and somebody else has the lock, or it was released
     */
    void renew(Duration lease);

    /** Releases the lock, if it is still held. Never throws: if it can't be released now, it is free when its lease ends. */
    @Override
    void close();
}
