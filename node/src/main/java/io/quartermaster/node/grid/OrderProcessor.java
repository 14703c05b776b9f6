package io.quartermaster.node.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerDecision;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.LedgerRules;
import io.quartermaster.node.ledger.MinerLedger;
import java.io.IOException;
import java.io.Serial;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command on the ledger's owner. The owner alone decides, by its own clock and blocks; the backups get the decision.
 * The new ledger is set last, so that whatever fails leaves the old one.
 */
final class LedgerProcessor
        implements EntryProcessor<String, MinerLedger, LedgerOutcome>,
                IdentifiedDataSerializable,
                HazelcastInstanceAware {
    @Serial
    private static final long serialVersionUID = 1L;

    private transient @Nullable LedgerCommand command;
    private transient @Nullable HazelcastInstance member;
    private transient @Nullable LedgerDecision decided;

    /** For deserialization. */
    LedgerProcessor() {}

    LedgerProcessor(LedgerCommand command) {
        this.command = command;
    }

    @Override
    public LedgerOutcome process(Map.Entry<String, @Nullable MinerLedger> entry) {
        if (command == null || member == null) {
            throw new IllegalStateException("A ledger command outside the grid");
        }
        ReplicaBooks books = ReplicaBooks.of(member);
        MinerLedger ledger = ledger(entry);
        LedgerDecision decision = LedgerRules.decide(
                ledger, command, books.blocks(), books.clock().millis(), books.realMillis());
        decided = decision;
        if (decision.changesLedger()) {
            MinerLedger changed = ledger.apply(decision);
            entry.setValue(changed);
            books.put(changed);
        }
        return decision.outcome();
    }

    /** Never null, not even for a repetition: its backups must confirm that they hold what the first copy decided. */
    @Override
    public @Nullable EntryProcessor<String, MinerLedger, LedgerOutcome> getBackupProcessor() {
        return decided == null ? null : new DecisionProcessor(decided);
    }

    static MinerLedger ledger(Map.Entry<String, @Nullable MinerLedger> entry) {
        MinerLedger ledger = entry.getValue();
        return ledger == null ? MinerLedger.unopened(new Hotkey(entry.getKey())) : ledger;
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
        return WireFactory.LEDGER_PROCESSOR;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        if (command == null) {
            throw new IOException("No command to write");
        }
        LedgerWire.writeCommand(out, command);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        command = LedgerWire.readCommand(in);
    }
}
