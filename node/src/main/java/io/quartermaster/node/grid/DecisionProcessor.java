package io.quartermaster.node.grid;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.quartermaster.node.views.Decided;
import java.io.IOException;
import java.io.Serial;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Brings what the owner has decided to another replica: no clock, no blocks, no second opinion. */
final class DecisionProcessor extends OwnProcessor<String, Object, Reply> {
    @Serial
    private static final long serialVersionUID = 1L;

    private transient @Nullable Decided<Ruling> decided;

    /** For deserialization. */
    DecisionProcessor() {
        super(WireFactory.DECISION_PROCESSOR);
    }

    DecisionProcessor(Decided<Ruling> decided) {
        this();
        this.decided = decided;
    }

    @Override
    public Reply process(Map.Entry<String, @Nullable Object> entry) {
        Decided<Ruling> decision = sent(decided);
        ReplicaBooks books = books();
        if (books.plain()) {
            PlainBooks.apply(books, decision, entry);
        } else {
            books.participant().accept(decision);
            entry.setValue(books.shown(decision.key()));
        }
        return Reply.NOT_NOW;
    }

    @Override
    public @Nullable EntryProcessor<String, Object, Reply> getBackupProcessor() {
        return null;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        BookWire.writeDecided(out, sent(decided));
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        decided = BookWire.readDecided(in);
    }
}
