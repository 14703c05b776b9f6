package io.quartermaster.node.chain.pylon;

import java.io.IOException;
import java.io.Serial;

/**
 * Pylon can't be reached, does not answer in time, has trouble of its own, or what answers is not Pylon's JSON. It may do later,
 * or another source may.
 */
public final class PylonUnavailable extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    PylonUnavailable(String what) {
        super(what);
    }

    PylonUnavailable(String what, Throwable cause) {
        super(what, cause);
    }
}
