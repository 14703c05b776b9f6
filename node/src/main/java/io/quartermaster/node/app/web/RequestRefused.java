package io.quartermaster.node.app.web;

import java.io.Serial;

/** A request that is not let in, or finds nothing: before the books were asked. */
class RequestRefused extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final ProblemType type;

    RequestRefused(ProblemType type, String message) {
        super(message, null, false, false);
        this.type = type;
    }

    ProblemType type() {
        return type;
    }
}
