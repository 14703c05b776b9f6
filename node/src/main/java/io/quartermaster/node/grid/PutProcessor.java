package io.quartermaster.node.grid;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import java.io.IOException;
import java.io.Serial;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts a value into one of the plain maps, and into the replicas' copies of it. */
final class PutProcessor<K, V> extends OwnProcessor<K, V, Boolean> {
    @Serial
    private static final long serialVersionUID = 1L;

    private String map = "";
    private transient @Nullable V value;
    private boolean onlyIfAbsent;

    /** For deserialization. */
    PutProcessor() {
        super(WireFactory.PUT_PROCESSOR);
    }

    PutProcessor(String map, V value, boolean onlyIfAbsent) {
        this();
        this.map = map;
        this.value = value;
        this.onlyIfAbsent = onlyIfAbsent;
    }

    @Override
    public Boolean process(Map.Entry<K, @Nullable V> entry) {
        V given = sent(value);
        V known = entry.getValue();
        boolean put = known == null || !onlyIfAbsent;
        V kept = put ? given : known;
        if (put) {
            entry.setValue(kept);
        }
        books().put(map, entry.getKey(), kept);
        return put || given.equals(known);
    }

    @Override
    public EntryProcessor<K, V, Boolean> getBackupProcessor() {
        return this;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeString(map);
        out.writeBoolean(onlyIfAbsent);
        out.writeObject(value);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        map = String.valueOf(in.readString());
        onlyIfAbsent = in.readBoolean();
        value = in.readObject();
    }
}
