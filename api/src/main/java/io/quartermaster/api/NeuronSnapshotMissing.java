package io.quartermaster.api;

import java.io.Serial;

/** The grid does not keep the neurons of that block: it was never seen, or is too old. */
public final class NeuronSnapshotMissing extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final long block;

    /**
     * Makes the answer.
     *
     * @param block the block asked for
     */
    public NeuronSnapshotMissing(long block) {
        super("No neurons are kept for block " + block);
        this.block = block;
    }

    /**
     * The block asked for.
     *
     * @return the block's number
     */
    public long block() {
        return block;
    }
}
