package io.quartermaster.node.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.StreamSerializer;
import java.io.IOException;

/** Carries an owner's answer back to the caller. */
final class ReplySerializer implements StreamSerializer<Reply> {
    private static final int TYPE_ID = 7002;

    @Override
    public void write(ObjectDataOutput out, Reply reply) throws IOException {
        BookWire.writeReply(out, reply);
    }

    @Override
    public Reply read(ObjectDataInput in) throws IOException {
        return BookWire.readReply(in);
    }

    @Override
    public int getTypeId() {
        return TYPE_ID;
    }
}
