package io.quartermaster.node.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import io.quartermaster.node.views.Decided;
import java.io.IOException;
import java.io.Serial;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Brings what the owner has decided to another replica: no clock, no blocks, no second opinion. */
final class DecisionProcessor
        implements EntryProcessor<String, Object, Reply>, IdentifiedDataSerializable, HazelcastInstanceAware {
    @Serial
    private static final long serialVersionUID = 1L;

    private transient @Nullable Decided<Ruling> decided;
    private transient @Nullable HazelcastInstance member;

    /** For deserialization. */
    DecisionProcessor() {}

    DecisionProcessor(Decided<Ruling> decided) {
        this.decided = decided;
    }

    @Override
    public Reply process(Map.Entry<String, @Nullable Object> entry) {
        if (decided == null || member == null) {
            throw new IllegalStateException("A decision outside the grid");
        }
        ReplicaBooks books = ReplicaBooks.of(member);
        if (books.plain()) {
            PlainBooks.apply(books, decided, entry);
        } else {
            books.participant().accept(decided);
            entry.setValue(books.shown(decided.key()));
        }
        return Reply.NOT_NOW;
    }

    @Override
    public @Nullable EntryProcessor<String, Object, Reply> getBackupProcessor() {
        return null;
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
        return WireFactory.DECISION_PROCESSOR;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        if (decided == null) {
            throw new IOException("No decision to write");
        }
        BookWire.writeDecided(out, decided);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        decided = BookWire.readDecided(in);
    }
}
