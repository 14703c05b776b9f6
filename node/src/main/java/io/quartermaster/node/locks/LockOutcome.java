package io.quartermaster.node.locks;

/** What is answered to a lock command. */
public sealed interface LockOutcome {
    /**
     * The lock is held, or numbers were drawn.
     *
     * @param token the token; the last of the numbers that were drawn
     * @param untilMillis when the lease ends, in Unix milliseconds; 0 where there is none
     */
    record Granted(long token, long untilMillis) implements LockOutcome {}

    /**
     * Somebody else holds it.
     *
     * @param token the holder's token
     * @param holder the holder
     */
    record Taken(long token, LockBook.Holder holder) implements LockOutcome {}

    /** It is given back. */
    record Released() implements LockOutcome {}

    /**
     * The token no longer counts.
     *
     * @param newestToken the one that does, or did last
     */
    record Lost(long newestToken) implements LockOutcome {}
}
