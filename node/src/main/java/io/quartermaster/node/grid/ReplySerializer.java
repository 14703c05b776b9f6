package io.quartermaster.node.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.StreamSerializer;
import io.quartermaster.node.ledger.LedgerOutcome;
import java.io.IOException;

/** Carries a ledger's answer back to the caller. */
final class OutcomeSerializer implements StreamSerializer<LedgerOutcome> {
    private static final int TYPE_ID = 7002;

    @Override
    public void write(ObjectDataOutput out, LedgerOutcome outcome) throws IOException {
        LedgerWire.writeOutcome(out, outcome);
    }

    @Override
    public LedgerOutcome read(ObjectDataInput in) throws IOException {
        return LedgerWire.readOutcome(in);
    }

    @Override
    public int getTypeId() {
        return TYPE_ID;
    }
}
