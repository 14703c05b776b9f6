package io.quartermaster.api;

import java.io.Serial;

/** Somebody else holds the lock. Try again when its lease ends, or sooner: the holder may release it. */
public final class LockTaken extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient LockState state;

    /**
     * Makes the error.
     *
     * @param state the lock, with its holder
     */
    public LockTaken(LockState state) {
        super("Lock " + state.name() + " is held by " + state.owner() + " (" + state.reason() + ") until "
                + state.until());
        this.state = state;
    }

    /**
     * The lock, with its holder.
     *
     * @return as it was when this call was answered
     */
    public LockState state() {
        return state;
    }
}
