package io.quartermaster.node.chain.pylon;

import java.io.IOException;
import java.io.Serial;

/** Pylon does not let this client in. Asking again is of no use before something is configured; the message says what. */
public final class PylonAccessRefused extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    PylonAccessRefused(String what) {
        super(what);
    }
}
