package io.quartermaster.node.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import io.quartermaster.node.ledger.BlockRecord;
import java.io.IOException;
import java.io.Serial;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts a block's record into the table, unless a finalised one is there: what that yields is fixed. */
final class BlockProcessor
        implements EntryProcessor<Long, BlockRecord, Boolean>, IdentifiedDataSerializable, HazelcastInstanceAware {
    @Serial
    private static final long serialVersionUID = 1L;

    private transient @Nullable BlockRecord record;
    private transient @Nullable HazelcastInstance member;

    /** For deserialization. */
    BlockProcessor() {}

    BlockProcessor(BlockRecord record) {
        this.record = record;
    }

    @Override
    public Boolean process(Map.Entry<Long, @Nullable BlockRecord> entry) {
        if (record == null || member == null) {
            throw new IllegalStateException("A block outside the grid");
        }
        BlockRecord known = entry.getValue();
        boolean taken = known == null || !known.finalised();
        BlockRecord kept = taken ? record : known;
        if (taken) {
            entry.setValue(kept);
        }
        ReplicaBooks.of(member).put(List.of(kept));
        return taken;
    }

    @Override
    public EntryProcessor<Long, BlockRecord, Boolean> getBackupProcessor() {
        return this;
    }

    @Override
    public void setHazelcastInstance(HazelcastInstance instance) {
        this.member = instance;
    }

    @Override
    public int getFactoryId() {
        return WireFactory.ID;
    }

    @Override
    public int getClassId() {
        return WireFactory.BLOCK_PROCESSOR;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeObject(record);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        record = in.readObject();
    }
}
