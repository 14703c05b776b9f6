package io.quartermaster.node.app.web;

import java.io.Serial;

/** What a path names is not there. */
final class NotFound extends RequestRefused {
    @Serial
    private static final long serialVersionUID = 1L;

    NotFound(String message) {
        super(ProblemType.NOT_FOUND, message);
    }
}
