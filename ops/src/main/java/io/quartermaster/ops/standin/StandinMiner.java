package io.quartermaster.ops.standin;

import io.quartermaster.api.ExecutorClass;
import java.util.Map;
import java.util.function.Supplier;

/**
 * How a miner behaves when it is asked for its manifest.
 *
 * @param manifest its executors by class, as of when it is asked
 * @param fault what is wrong with it
 * @param delayMillis how long it takes to answer, in milliseconds
 */
public record StandinMiner(Supplier<Map<ExecutorClass, Integer>> manifest, Fault fault, long delayMillis) {
    /** What can be wrong with a miner. */
    public enum Fault {
        /** Nothing. */
        NONE,
        /** It takes connections, and says nothing. */
        DEAD,
        /** It agrees on a WebSocket, and then says nothing. */
        SILENT,
        /** It knows no such validator. */
        REFUSING,
        /** It ends the connection in the middle of its manifest. */
        CLOSING,
        /** It answers what is no message. */
        GARBAGE,
        /** It has fewer executors than none. */
        NEGATIVE,
        /** Its manifest has 256 KiB. */
        HUGE,
        /** It speaks of something else, once. */
        ELSEWHERE,
        /** It speaks of something else, again and again. */
        FLOODING,
        /** It answers with a page that has no end, and that is no WebSocket. */
        ENDLESS
    }

    /**
     * A good miner.
     *
     * @param manifest its executors, always the same
     * @return without fault or delay
     */
    public static StandinMiner of(Map<ExecutorClass, Integer> manifest) {
        return new StandinMiner(() -> manifest, Fault.NONE, 0);
    }

    /**
     * The same with a fault.
     *
     * @param newFault which
     * @return new behaviour
     */
    public StandinMiner with(Fault newFault) {
        return new StandinMiner(manifest, newFault, delayMillis);
    }

    /**
     * The same, but slow.
     *
     * @param millis how long it takes to answer, in milliseconds
     * @return new behaviour
     */
    public StandinMiner after(long millis) {
        return new StandinMiner(manifest, fault, millis);
    }
}
