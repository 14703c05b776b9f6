package io.quartermaster.node.store;

/** When what was appended counts as durable. */
public enum Durability {
    /** Once it is on disk: it survives the machine. */
    FSYNC,

    /**
     * Once the operating system has it: it survives the process. The disk follows within 100 ms. With a disk that does not keep up,
     * nothing more counts until it has: if the machine loses power, what is lost had come to count within 50 ms.
     */
    REPLICATED
}
