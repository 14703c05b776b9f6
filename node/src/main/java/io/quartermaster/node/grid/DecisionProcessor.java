package io.quartermaster.node.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import io.quartermaster.node.ledger.LedgerDecision;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.MinerLedger;
import java.io.IOException;
import java.io.Serial;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Brings what the owner has decided to a backup: no clock, no blocks, no second opinion. */
final class DecisionProcessor
        implements EntryProcessor<String, MinerLedger, LedgerOutcome>,
                IdentifiedDataSerializable,
                HazelcastInstanceAware {
    @Serial
    private static final long serialVersionUID = 1L;

    private transient @Nullable LedgerDecision decision;
    private transient @Nullable HazelcastInstance member;

    /** For deserialization. */
    DecisionProcessor() {}

    DecisionProcessor(LedgerDecision decision) {
        this.decision = decision;
    }

    @Override
    public LedgerOutcome process(Map.Entry<String, @Nullable MinerLedger> entry) {
        if (decision == null || member == null) {
            throw new IllegalStateException("A decision outside the grid");
        }
        MinerLedger ledger = LedgerProcessor.ledger(entry);
        if (decision.changesLedger()) {
            MinerLedger changed = ledger.apply(decision);
            entry.setValue(changed);
            ReplicaBooks.of(member).put(changed);
        }
        return decision.outcome();
    }

    @Override
    public @Nullable EntryProcessor<String, MinerLedger, LedgerOutcome> getBackupProcessor() {
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
        if (decision == null) {
            throw new IOException("No decision to write");
        }
        LedgerWire.writeDecision(out, decision);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        decision = LedgerWire.readDecision(in);
    }
}
