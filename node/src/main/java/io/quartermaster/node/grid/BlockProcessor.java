package io.quartermaster.node.grid;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.quartermaster.node.ledger.BlockRecord;
import java.io.IOException;
import java.io.Serial;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts a block's record into the table, unless a finalised one is there: what that yields is fixed. */
final class BlockProcessor extends OwnProcessor<Long, BlockRecord, Boolean> {
    @Serial
    private static final long serialVersionUID = 1L;

    private transient @Nullable BlockRecord record;

    /** For deserialization. */
    BlockProcessor() {
        super(WireFactory.BLOCK_PROCESSOR);
    }

    BlockProcessor(BlockRecord record) {
        this();
        this.record = record;
    }

    @Override
    public Boolean process(Map.Entry<Long, @Nullable BlockRecord> entry) {
        BlockRecord known = entry.getValue();
        boolean taken = known == null || !known.finalised();
        BlockRecord kept = taken ? sent(record) : known;
        if (taken) {
            entry.setValue(kept);
        }
        books().put(List.of(kept));
        return taken;
    }

    @Override
    public EntryProcessor<Long, BlockRecord, Boolean> getBackupProcessor() {
        return this;
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
