package io.quartermaster.node.chain.subtensor;

import java.io.IOException;
import java.io.Serial;

/** Bytes that are not laid out as they should be: another version of the runtime, or garbage. */
public final class UnknownLayout extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Says what is wrong.
     *
     * @param what what was read, and what was found
     */
    public UnknownLayout(String what) {
        super(what);
    }
}
