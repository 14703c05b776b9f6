package io.quartermaster.node.chain;

import io.quartermaster.node.chain.Observation.BlockSeen;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Something that is asked every so many blocks, as of the current block, one round at a time. A round that failed is tried again
 * with the next block. Used by one thread.
 *
 * @param <T> what a round finds
 */
final class Rounds<T> {
    private final int lag;
    private final int intervalBlocks;
    private final Function<BlockSeen, CompletableFuture<T>> question;
    private final NavigableMap<Long, BlockSeen> newest = new TreeMap<>();
    private Optional<CompletableFuture<T>> underWay = Optional.empty();
    private long askedAt = -1;

    /**
     * Rounds that begin with the first block.
     *
     * @param lag how far the current block is behind the newest
     * @param intervalBlocks a round for so many blocks
     * @param question asks, as of a block
     */
    Rounds(int lag, int intervalBlocks, Function<BlockSeen, CompletableFuture<T>> question) {
        this.lag = lag;
        this.intervalBlocks = intervalBlocks;
        this.question = question;
    }

    /** A block was shown; a round begins if it is time. */
    void shown(BlockSeen block) {
        newest.put(block.block(), block);
        long current = newest.lastKey() - lag;
        // If the current block was not shown, the one after it has the same miners, or nearly so.
        Optional<BlockSeen> at =
                Optional.ofNullable(newest.ceilingEntry(current)).map(Map.Entry::getValue);
        newest.headMap(current, false).clear();
        boolean due = askedAt < 0 || current / intervalBlocks > askedAt / intervalBlocks;
        if (current >= 0 && due && underWay.isEmpty() && at.isPresent()) {
            askedAt = current;
            BlockSeen miners = at.get();
            underWay = Optional.of(question.apply(
                    new BlockSeen(current, miners.timeMillis(), miners.hash(), miners.neurons(), miners.validators())));
        }
    }

    /**
     * What a round has found since the last call.
     *
     * @return empty if none has ended
     * @throws java.util.concurrent.CompletionException if it failed
     */
    Optional<T> found() {
        if (underWay.isEmpty() || !underWay.get().isDone()) {
            return Optional.empty();
        }
        CompletableFuture<T> round = underWay.get();
        underWay = Optional.empty();
        if (round.isCompletedExceptionally()) {
            askedAt = -1;
        }
        return Optional.of(round.join());
    }
}
