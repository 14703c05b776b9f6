package io.quartermaster.node.store;

/** For how long something has been called durable that is not on disk. Safe for use by several threads. */
final class Unforced {
    private static final long NONE = 0;

    /** When the oldest was written that no force takes in yet. */
    private long waitingSince = NONE;

    /** When the oldest was written that the force under way takes in. */
    private long underWaySince = NONE;

    private long worst;

    /** Something was written. Before it is called durable. */
    synchronized void written() {
        if (waitingSince == NONE) {
            waitingSince = System.nanoTime();
        }
    }

    /**
     * A force begins, one at a time; false if there is nothing to force.
     *
     * @throws IllegalStateException if the last one has not ended well: what it took in may be gone, whatever this one does
     */
    synchronized boolean begin() {
        if (underWaySince != NONE) {
            throw new IllegalStateException("what was written before could not be forced to the disk");
        }
        underWaySince = waitingSince;
        waitingSince = NONE;
        return underWaySince != NONE;
    }

    /** The force that began has ended well. */
    synchronized void done() {
        worst = Math.max(worst, System.nanoTime() - underWaySince);
        underWaySince = NONE;
    }

    /** For how long the oldest has been waiting, in nanoseconds; 0 if all is on disk. */
    synchronized long nanos() {
        long since = underWaySince == NONE ? waitingSince : underWaySince;
        return since == NONE ? 0 : System.nanoTime() - since;
    }

    /** The longest that anything had to wait, in nanoseconds. */
    synchronized long worstNanos() {
        return worst;
    }
}
