package io.quartermaster.node.chain;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.chain.Observation.BlockSeen;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A sink that keeps everything, except blocks that it was told to refuse. */
class InMemorySink implements ObservationSink {
    final ConcurrentSkipListMap<Long, BlockSeen> blocks = new ConcurrentSkipListMap<>();
    final List<Observation> taken = new CopyOnWriteArrayList<>();
    final Set<Long> refusedForGood = ConcurrentHashMap.newKeySet();

    /** How often a block is still to be refused. */
    final Map<Long, Integer> refusals = new ConcurrentHashMap<>();

    @Override
    public void ingest(Observation observation) {
        if (observation instanceof BlockSeen block) {
            int left = refusals.getOrDefault(block.block(), 0);
            if (left > 0) {
                refusals.put(block.block(), left - 1);
            }
            if (left > 0 || refusedForGood.contains(block.block())) {
                throw new InvalidArgument("block", block.block(), "another");
            }
            blocks.put(block.block(), block);
        }
        taken.add(observation);
    }

    @Override
    public boolean has(long block) {
        return blocks.containsKey(block);
    }

    @Override
    public long newestBlock() {
        return blocks.isEmpty() ? -1 : blocks.lastKey();
    }
}
