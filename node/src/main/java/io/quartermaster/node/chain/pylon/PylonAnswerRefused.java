package io.quartermaster.node.chain.pylon;

import java.io.IOException;
import java.io.Serial;

/**
 * Pylon answered what can't be right, or what no version of it that is known here answers. Nothing of the answer is used. The
 * message names the address, the field and its value.
 */
public final class PylonAnswerRefused extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    PylonAnswerRefused(String what) {
        super(what);
    }
}
