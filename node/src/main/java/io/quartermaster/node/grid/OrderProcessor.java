package io.quartermaster.node.grid;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.quartermaster.node.views.Decided;
import io.quartermaster.node.views.Mark;
import java.io.IOException;
import java.io.Serial;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command on the book's owner. The owner alone decides, by its own clock and blocks, and only if it is the one to decide
 * in the view that the replicas are in; the others get the decision.
 *
 * <p>It decides on the replica's own copy of the book. The map's entry follows: the engine may replace an entry by an older one
 * when partitions move or clusters merge, and knows nothing of views.
 */
final class OrderProcessor extends OwnProcessor<String, Object, Reply> {
    @Serial
    private static final long serialVersionUID = 1L;

    private String book = "";
    private int caller;
    private transient @Nullable Order order;
    private transient @Nullable Decided<Ruling> decided;

    /** For deserialization. */
    OrderProcessor() {
        super(WireFactory.ORDER_PROCESSOR);
    }

    OrderProcessor(String book, int caller, Order order) {
        this();
        this.book = book;
        this.caller = caller;
        this.order = order;
    }

    @Override
    public Reply process(Map.Entry<String, @Nullable Object> entry) {
        Order command = sent(order);
        ReplicaBooks books = books();
        int partition =
                member().getPartitionService().getPartition(entry.getKey()).getPartitionId();
        if (books.plain()) {
            Ruling ruling = books.rule(book, PlainBooks.book(book, entry.getValue()), command);
            Decided<Ruling> plain = new Decided<>(book, partition, Mark.NONE, caller, ruling);
            decided = plain;
            PlainBooks.apply(books, plain, entry);
            return Reply.decided(Mark.NONE, ruling.outcome());
        }
        Optional<Decided<Ruling>> decision =
                books.participant().decide(book, partition, caller, state -> books.rule(book, state, command));
        decided = decision.orElse(null);
        if (decision.isEmpty()) {
            return Reply.NOT_NOW;
        }
        entry.setValue(books.shown(book));
        return Reply.decided(decision.get().mark(), decision.get().decision().outcome());
    }

    /** Never null for what was decided, not even for a repetition: the others must confirm that they hold it. */
    @Override
    public @Nullable EntryProcessor<String, Object, Reply> getBackupProcessor() {
        return decided == null ? null : new DecisionProcessor(decided);
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeString(book);
        out.writeByte(caller);
        BookWire.writeOrder(out, sent(order));
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        book = String.valueOf(in.readString());
        caller = in.readByte();
        order = BookWire.readOrder(in);
    }
}
