package io.quartermaster.node.views;

/**
 * How long a replica waits for what. None of it matters to correctness.
 *
 * @param pulseMillis between two pulses
 * @param silenceMillis a replica that was not heard of for so long is out of contact
 * @param gatherMillis how long a proposer waits for more than a majority
 * @param abandonMillis after which a proposer gives up, and a replica that has promised a view is no longer expected to enter it;
 *     it has twice as long for the next one, up to eight times
 * @param patienceMillis how much longer each younger replica waits before it proposes a view itself
 */
public record Timing(long pulseMillis, long silenceMillis, long gatherMillis, long abandonMillis, long patienceMillis) {
    /** For replicas in one data centre. */
    public static final Timing DEFAULT = new Timing(200, 1500, 150, 1500, 1000);
}
