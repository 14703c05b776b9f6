package io.quartermaster.api;

import java.io.Serial;

/**
 * The lock was lost: its lease had ended, and somebody else has taken it since, or it was released. Whatever was to happen
 * under it must stop; what was sent with its token is refused.
 */
public final class LockLost extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Fence fence;

    /**
     * Makes the error.
     *
     * @param fence the token that no longer counts
     * @param newestToken the newest token of the lock
     */
    public LockLost(Fence fence, long newestToken) {
        super("Token " + fence.token() + " of lock " + fence.lock() + " no longer counts: the newest one is "
                + newestToken);
        this.fence = fence;
    }

    /**
     * What was shown.
     *
     * @return the token that no longer counts
     */
    public Fence fence() {
        return fence;
    }
}
