package io.quartermaster.node.chain;

import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.events.EventLog;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where a replica sees the subnet: a real chain, a recording of one, or a simulation.
 *
 * <p>{@link #next} tells what is new, in the order in which it is seen; {@link #block} fetches what was missed. One thread, the
 * follower's, calls {@code next}; the other methods are safe for use by several threads.
 */
public interface Chain extends AutoCloseable {
    /**
     * Which subnet this is, and for whom.
     *
     * @return never changes
     */
    ChainInfo info();

    /**
     * The clock that goes with this chain. A recording or simulation that runs faster than life has a clock that does too, so
     * that deadlines and jobs keep their proportions.
     *
     * @return the clock that everything in the replica reads
     */
    PacedClock clock();

    /**
     * Waits for something new.
     *
     * @param patience how long to wait at most, in real time
     * @return what is new; empty if nothing came, or nothing will ever come again
     * @throws InterruptedException if the thread was interrupted while it waited
     */
    Optional<Observation> next(Duration patience) throws InterruptedException;

    /**
     * Whether nothing new will ever come: a recording has an end.
     *
     * @return true once {@link #next} has returned the last observation
     */
    boolean ended();

    /**
     * The newest block known to exist.
     *
     * @return its number, -1 if none is known yet
     */
    long head();

    /**
     * Fetches a block that was missed or is older than this replica.
     *
     * @param number the block's number
     * @return the block; empty if it can't be had (yet)
     */
    Optional<BlockSeen> block(long number);

    /**
     * The oldest block worth asking for.
     *
     * @return a block number; those below it are never to be had here
     */
    long oldestReachable();

    /**
     * Says where to tell of what goes wrong with the chain, and of what is new about it.
     *
     * @param events where events go from now on
     */
    default void tellTo(EventLog events) {}

    /**
     * Where to ask for what the chain does not show by itself.
     *
     * @return empty if it shows manifests, too
     */
    default Optional<MinerSource> miners() {
        return Optional.empty();
    }

    /**
     * Where to ask about its EVM.
     *
     * @return empty if it has none, or none that can be asked
     */
    default Optional<EvmDirectory> evm() {
        return Optional.empty();
    }

    /**
     * Where to read miners' collateral.
     *
     * @return empty if it shows collateral, too, or none is read
     */
    default Optional<CollateralSource> collateral() {
        return Optional.empty();
    }

    /**
     * The nodes that it is read from.
     *
     * @return how each of them does; none if it is not read from nodes
     */
    default List<NodeReport> nodes() {
        return List.of();
    }

    @Override
    void close();
}
