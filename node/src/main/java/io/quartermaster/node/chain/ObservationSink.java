package io.quartermaster.node.chain;

/** Takes in what a follower sees. Called by one thread at a time. */
public interface ObservationSink {
    /**
     * Takes an observation in, whole or not at all. Doing so twice is harmless.
     *
     * @param observation what was seen
     * @throws io.quartermaster.api.InvalidArgument if it contradicts what is known; nothing was changed then
     */
    void ingest(Observation observation);

    /**
     * Whether a block has been taken in.
     *
     * @param block the block's number
     * @return true if it has, and is still kept
     */
    boolean has(long block);

    /**
     * The newest block that has been taken in.
     *
     * @return its number, -1 before the first
     */
    long newestBlock();
}
