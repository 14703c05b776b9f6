package io.quartermaster.node.ledger;

/** Which blocks a job may use. */
final class Window {
    private Window() {}

    /**
     * The first block that a job may use and that no drop has invalidated. The start block bounds the window from below only.
     */
    static long firstValid(ClassBook book, long startBlock, UnitSeries units) {
        return Math.max(Math.max(startBlock - Limits.BLOCK_EXPIRY, units.first()), book.firstValidBlock());
    }
}
