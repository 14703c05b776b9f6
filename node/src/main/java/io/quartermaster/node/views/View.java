package io.quartermaster.node.views;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * A period in which it is settled which replica decides for which partition of the books. Immutable.
 *
 * <p>Numbers only grow. The proposer's id is in the number, so that no two replicas ever propose the same one.
 */
public final class View {
    /** The view of a replica that has never been in one. */
    public static final View NONE = new View(0, new byte[0]);

    /** Replica ids are from 1 to 7. */
    private static final int REPLICA_BITS = 3;

    private final long number;
    private final byte[] deciders;

    /**
     * Makes a view.
     *
     * @param number its number
     * @param deciders for each partition the id of the replica that decides, 0 for none
     */
    public View(long number, byte[] deciders) {
        this.number = number;
        this.deciders = deciders.clone();
    }

    /**
     * A number for a new view.
     *
     * @param seen the highest number seen so far
     * @param proposer the id of the replica that proposes it
     * @return a number that is higher, and that no other replica proposes
     */
    static long numberAfter(long seen, int proposer) {
        return (((seen >>> REPLICA_BITS) + 1) << REPLICA_BITS) | proposer;
    }

    /**
     * The view's number.
     *
     * @return 0 for {@link #NONE}
     */
    public long number() {
        return number;
    }

    /**
     * Who decides for a partition.
     *
     * @param partition the partition's number
     * @return a replica's id, 0 for none
     */
    public int decider(int partition) {
        return partition < deciders.length ? deciders[partition] : 0;
    }

    /**
     * Who decides for each partition.
     *
     * @return a copy
     */
    public byte[] deciders() {
        return deciders.clone();
    }

    /**
     * Which replicas decide about a part of the books.
     *
     * @return their ids
     */
    public Set<Integer> replicas() {
        Set<Integer> replicas = new HashSet<>();
        for (byte decider : deciders) {
            replicas.add((int) decider);
        }
        replicas.remove(0);
        return replicas;
    }

    /**
     * Who has proposed it.
     *
     * @return a replica's id; 0 for {@link #NONE}
     */
    public int proposer() {
        return (int) (number & ((1 << REPLICA_BITS) - 1));
    }

    boolean decidedBy(byte[] others) {
        return Arrays.equals(deciders, others);
    }

    @Override
    public String toString() {
        return number == 0 ? "no view" : "view " + (number >>> REPLICA_BITS) + " of replica " + proposer();
    }
}
