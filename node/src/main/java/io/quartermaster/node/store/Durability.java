package io.quartermaster.node.store;

/** When what was appended counts as durable. */
public enum Durability {
    /** Once it is on disk: it survives the machine. */
    FSYNC,

    /**
     * Once the operating system has it: it survives the process. It is on disk within 100 ms; what was younger is lost if the
     * machine loses power.
     */
    REPLICATED
}
