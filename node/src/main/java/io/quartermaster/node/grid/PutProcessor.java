package io.quartermaster.node.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.io.Serial;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts a value into one of the plain maps, and into the replicas' copies of it. */
final class PutProcessor<K, V>
        implements EntryProcessor<K, V, Boolean>, IdentifiedDataSerializable, HazelcastInstanceAware {
    @Serial
    private static final long serialVersionUID = 1L;

    private String map = "";
    private transient @Nullable V value;
    private boolean onlyIfAbsent;
    private transient @Nullable HazelcastInstance member;

    /** For deserialization. */
    PutProcessor() {}

    PutProcessor(String map, V value, boolean onlyIfAbsent) {
        this.map = map;
        this.value = value;
        this.onlyIfAbsent = onlyIfAbsent;
    }

    @Override
    public Boolean process(Map.Entry<K, @Nullable V> entry) {
        if (value == null || member == null) {
            throw new IllegalStateException("A value outside the grid");
        }
        V known = entry.getValue();
        boolean put = known == null || !onlyIfAbsent;
        V kept = put ? value : known;
        if (put) {
            entry.setValue(kept);
        }
        ReplicaBooks.of(member).put(map, entry.getKey(), kept);
        return put || value.equals(known);
    }

    @Override
    public EntryProcessor<K, V, Boolean> getBackupProcessor() {
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
        return WireFactory.PUT_PROCESSOR;
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
