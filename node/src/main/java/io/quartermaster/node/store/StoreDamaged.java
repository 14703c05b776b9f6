package io.quartermaster.node.store;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.Path;

/** A file of the store can't be used as it is. The message names the file, what is wrong, and the way out. */
public final class StoreDamaged extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Path file;
    private final String fault;

    StoreDamaged(Path file, String fault, String wayOut) {
        super(file + ": " + fault + ". " + wayOut);
        this.file = file;
        this.fault = fault;
    }

    /**
     * Which file.
     *
     * @return its path
     */
    public Path file() {
        return file;
    }

    /**
     * What is wrong with it.
     *
     * @return in words
     */
    public String fault() {
        return fault;
    }
}
