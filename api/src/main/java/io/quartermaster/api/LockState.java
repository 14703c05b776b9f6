package io.quartermaster.api;

import java.time.Instant;

/**
 * A lock that somebody holds, for whoever looks at it.
 *
 * @param name the lock's name
 * @param token the holder's fencing token
 * @param owner who holds it: the replica, and what the holder calls itself
 * @param reason what for
 * @param since when it was acquired
 * @param until when the lease ends, unless it is renewed
 */
public record LockState(String name, long token, String owner, String reason, Instant since, Instant until) {}
