package io.quartermaster.api;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Locks across all replicas, with a lease: they are free again when their holder dies. A majority of the replicas keeps them.
 *
 * <p>A lease is not enough, since a holder may be paused and not know that its lease has ended. So each lock comes with a
 * {@linkplain HeldLock#fence() fencing token} that only grows, and changes made {@linkplain Allowance#under under} it are
 * refused once a later holder has made one to the same miner's books.
 *
 * <p>Leases are measured by the clock of the replica that keeps the lock; when that changes, a lease is longer or shorter by as
 * much as the two clocks differ. The token does not depend on clocks.
 *
 * <p>Safe for use by several threads. Every method but {@link #held()} may throw {@link GridUnavailable} and
 * {@link OutcomeUnknown}; after the latter the lock may be held by this program, until its lease ends.
 */
public interface Locks {
    /**
     * Acquires a lock if it is free.
     *
     * @param name the lock's name, 1 to 128 letters, digits or any of {@code . _ : + -}
     * @param lease how long it is held unless it is renewed, from 1 s to an hour
     * @param reason what for, shown to others
     * @return empty if somebody else holds it
     */
    Optional<HeldLock> tryAcquire(String name, Duration lease, String reason);

    /**
     * Acquires a lock, and waits for it if need be.
     *
     * @param name the lock's name, 1 to 128 letters, digits or any of {@code . _ : + -}
     * @param lease how long it is held unless it is renewed, from 1 s to an hour
     * @param reason what for, shown to others
     * @param patience how long to wait at most
     * @return the lock
     * @throws LockTaken if somebody else holds it all the time
     */
    HeldLock acquire(String name, Duration lease, String reason, Duration patience);

    /**
     * The locks that are held now, as this replica knows them.
     *
     * @return in order of name
     */
    List<LockState> held();
}
