package io.quartermaster.node.chain;

import java.io.Serial;

/** A recording can't be read or written. The message is one line: which file, which line of it, and what is wrong there. */
public final class RecordingException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final long line;

    RecordingException(String file, long line, String what) {
        super(file + ":" + line + ": " + what);
        this.line = line;
    }

    RecordingException(String file, long line, String what, Throwable cause) {
        super(file + ":" + line + ": " + what, cause);
        this.line = line;
    }

    /**
     * Where it is.
     *
     * @return the number of the line, from 1
     */
    public long line() {
        return line;
    }
}
