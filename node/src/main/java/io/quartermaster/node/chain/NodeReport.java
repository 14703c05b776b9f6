package io.quartermaster.node.chain;

import java.util.Map;

/**
 * How a node of the chain does.
 *
 * @param address where it is
 * @param role lite or archive
 * @param answering whether it answered when it was asked last
 * @param head the newest block that it says to have, -1 if that is not known
 * @param behind how many blocks it is behind the best node of its role, -1 if that is not known
 * @param methods what is known of each method that it was asked for
 */
public record NodeReport(
        String address, String role, boolean answering, long head, long behind, Map<String, MethodStatistics> methods) {
    /** Copies the map. */
    public NodeReport {
        methods = Map.copyOf(methods);
    }

    /**
     * What is known of calls of a method.
     *
     * @param calls how many have ended
     * @param failures how many of them without a result
     * @param seconds how long they took in all
     */
    public record MethodStatistics(long calls, long failures, double seconds) {}
}
