package io.quartermaster.node.chain.subtensor;

import java.io.IOException;
import java.io.Serial;

/** A node can't be reached, does not answer in time, or answers what is not JSON-RPC. Another one may do. */
public final class NodeUnavailable extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    NodeUnavailable(String what) {
        super(what);
    }

    NodeUnavailable(String what, Throwable cause) {
        super(what, cause);
    }
}
