package io.quartermaster.node.locks;

import io.quartermaster.api.CallId;
import java.util.Optional;

/**
 * A lock, as the grid keeps it. Immutable.
 *
 * @param token the newest token that was ever given out; it never goes back
 * @param holder who holds it, or held it last and has not released it
 */
public record LockBook(long token, Optional<Holder> holder) {
    /** A lock that nobody has ever held. */
    public static final LockBook FRESH = new LockBook(0, Optional.empty());

    /**
     * Who holds it.
     *
     * @param call the call that acquired it
     * @param owner how the holder calls itself
     * @param reason what for
     * @param sinceMillis when it was acquired, in Unix milliseconds
     * @param untilMillis when the lease ends
     */
    public record Holder(CallId call, String owner, String reason, long sinceMillis, long untilMillis) {
        Holder until(long millis) {
            return new Holder(call, owner, reason, sinceMillis, millis);
        }
    }
}
