package io.quartermaster.node.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.spi.merge.MergingEntry;
import com.hazelcast.spi.merge.SplitBrainMergePolicy;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.locks.LockBook;
import org.jspecify.annotations.Nullable;

/**
 * When clusters merge, the entry that has seen more is shown. Nothing depends on it: what counts is settled by the next view,
 * and the entries follow.
 */
public final class NewerBookMergePolicy implements SplitBrainMergePolicy<Object, MergingEntry<Object, Object>, Object> {
    @Override
    public @Nullable Object merge(
            MergingEntry<Object, Object> merging, @Nullable MergingEntry<Object, Object> existing) {
        Object other = merging.getDeserializedValue();
        Object own = existing == null ? null : existing.getDeserializedValue();
        return own == null || seen(other) > seen(own) ? other : own;
    }

    private static long seen(Object book) {
        if (book instanceof MinerLedger ledger) {
            return ledger.version();
        }
        return book instanceof LockBook lock ? lock.token() : 0;
    }

    @Override
    public void writeData(ObjectDataOutput out) {
        // It has no state.
    }

    @Override
    public void readData(ObjectDataInput in) {
        // It has no state.
    }
}
