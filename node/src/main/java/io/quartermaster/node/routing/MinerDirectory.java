package io.quartermaster.node.routing;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What this replica knows of the miners. Safe for use by several threads; never waits. */
public interface MinerDirectory {
    /**
     * The newest block that was taken in.
     *
     * @return empty before the first
     */
    OptionalLong currentBlock();

    /**
     * A current miner.
     *
     * @param hotkey its address on the chain
     * @return empty if no neuron of the newest block has that hotkey
     */
    Optional<Miner> miner(Hotkey hotkey);

    /**
     * How many executors a miner has.
     *
     * @param miner the miner
     * @param executorClass the class
     * @return the count in its newest manifest, 0 if there is none
     */
    int executors(Hotkey miner, ExecutorClass executorClass);

    /**
     * The current miners that have executors of a class.
     *
     * @param executorClass the class
     * @return in order of hotkey
     */
    List<Hotkey> minersWithExecutors(ExecutorClass executorClass);
}
