package io.quartermaster.node.grid;

import io.quartermaster.api.BlacklistEntry;
import io.quartermaster.api.BlacklistReason;
import io.quartermaster.api.CallId;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.Miner;
import io.quartermaster.api.MinerIncident;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.Neuron;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.cycle.CycleAllowances;
import io.quartermaster.node.events.EventBatch;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.ForeignVerdict;
import io.quartermaster.node.ledger.ValidatorStakes;
import io.quartermaster.node.params.ParameterBook;
import io.quartermaster.node.params.ParameterChange;
import io.quartermaster.node.receipts.TransferCheckpoint;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/** Records as bytes, for the network and for the disk. A record's layout, once given out, is not changed. */
final class RecordWire {
    private static final int PUT = 1;
    private static final int REMOVE = 2;
    private static final int STARTED = 1;
    private static final int ACCEPTED = 2;
    private static final int FINISHED = 3;
    private static final int LONGEST_INTEGER = 64;

    private RecordWire() {}

    static void writeKind(DataOutput out, RecordKind<?> kind) throws IOException {
        out.writeUTF(kind.name());
    }

    static RecordKind<?> readKind(DataInput in) throws IOException {
        String name = in.readUTF();
        return RecordKind.named(name).orElseThrow(() -> new IOException("Unknown kind of record: " + name));
    }

    static void writeCommand(DataOutput out, RecordKind<?> kind, RecordPage.Command command) throws IOException {
        if (command instanceof RecordPage.Command.Put put) {
            out.writeByte(PUT);
            out.writeUTF(put.call().value());
            out.writeUTF(put.key());
            write(out, kind, put.record());
        } else if (command instanceof RecordPage.Command.Remove remove) {
            out.writeByte(REMOVE);
            out.writeUTF(remove.call().value());
            writeKeys(out, remove.keys());
        }
    }

    static RecordPage.Command readCommand(DataInput in, RecordKind<?> kind) throws IOException {
        int what = in.readByte();
        CallId call = new CallId(in.readUTF());
        return switch (what) {
            case PUT -> new RecordPage.Command.Put(call, in.readUTF(), read(in, kind));
            case REMOVE -> new RecordPage.Command.Remove(call, readKeys(in));
            default -> throw new IOException("Unknown command for records: " + what);
        };
    }

    static void writeDecision(DataOutput out, RecordKind<?> kind, RecordPage.Decision decision) throws IOException {
        writeRecords(out, kind, decision.put());
        writeKeys(out, decision.removed());
        out.writeBoolean(decision.outcome().done());
    }

    static RecordPage.Decision readDecision(DataInput in, RecordKind<?> kind) throws IOException {
        return new RecordPage.Decision(readRecords(in, kind), readKeys(in), new RecordPage.Outcome(in.readBoolean()));
    }

    static void writePage(DataOutput out, RecordPage page) throws IOException {
        writeKind(out, page.kind());
        writeRecords(out, page.kind(), page.records());
    }

    static RecordPage readPage(DataInput in) throws IOException {
        RecordKind<?> kind = readKind(in);
        PMap<String, Object> records = HashTreePMap.empty();
        Object neighbour = null;
        for (Map.Entry<String, Object> record : readRecords(in, kind).entrySet()) {
            Object value = neighbour == null ? record.getValue() : kind.sharing(record.getValue(), neighbour);
            neighbour = value;
            records = records.plus(record.getKey(), value);
        }
        return new RecordPage(kind, records);
    }

    private static void writeRecords(DataOutput out, RecordKind<?> kind, Map<String, Object> records)
            throws IOException {
        out.writeInt(records.size());
        for (Map.Entry<String, Object> record : records.entrySet()) {
            out.writeUTF(record.getKey());
            write(out, kind, record.getValue());
        }
    }

    private static Map<String, Object> readRecords(DataInput in, RecordKind<?> kind) throws IOException {
        Map<String, Object> records = new HashMap<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            records.put(in.readUTF(), read(in, kind));
        }
        return records;
    }

    private static void writeKeys(DataOutput out, List<String> keys) throws IOException {
        out.writeInt(keys.size());
        for (String key : keys) {
            out.writeUTF(key);
        }
    }

    private static List<String> readKeys(DataInput in) throws IOException {
        List<String> keys = new ArrayList<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            keys.add(in.readUTF());
        }
        return keys;
    }

    private static void write(DataOutput out, RecordKind<?> kind, Object record) throws IOException {
        Object value = kind.cast(record);
        if (value instanceof BlockRecord block) {
            writeBlock(out, block);
        } else if (value instanceof NeuronList list) {
            writeNeurons(out, list);
        } else if (value instanceof MinerManifests manifests) {
            writeManifests(out, manifests);
        } else if (value instanceof MinerIncident incident) {
            writeIncident(out, incident);
        } else if (value instanceof SignedReceipt receipt) {
            writeReceipt(out, receipt);
        } else if (value instanceof BigInteger integer) {
            byte[] bytes = integer.toByteArray();
            out.writeByte(bytes.length);
            out.write(bytes);
        } else if (value instanceof EventBatch batch) {
            byte[] bytes = batch.bytes();
            out.writeInt(bytes.length);
            out.write(bytes);
        } else if (value instanceof ParameterBook parameters) {
            writeParameters(out, parameters);
        } else if (value instanceof TransferCheckpoint checkpoint) {
            writeCheckpoint(out, checkpoint);
        } else if (value instanceof ForeignVerdict verdict) {
            writeVerdict(out, verdict);
        } else if (value instanceof BlacklistEntry entry) {
            writeBlacklistEntry(out, entry);
        } else if (value instanceof CycleAllowances allowances) {
            writeCycle(out, allowances);
        }
    }

    private static Object read(DataInput in, RecordKind<?> kind) throws IOException {
        try {
            if (kind == RecordKind.BLOCKS) {
                return readBlock(in);
            }
            if (kind == RecordKind.NEURONS) {
                return readNeurons(in);
            }
            if (kind == RecordKind.MANIFESTS) {
                return readManifests(in);
            }
            if (kind == RecordKind.INCIDENTS) {
                return readIncident(in);
            }
            if (kind == RecordKind.RECEIPTS) {
                return readReceipt(in);
            }
            if (kind == RecordKind.COLLATERAL) {
                return readInteger(in);
            }
            if (kind == RecordKind.CHECKPOINTS) {
                return readCheckpoint(in);
            }
            if (kind == RecordKind.VERDICTS) {
                return readVerdict(in);
            }
            if (kind == RecordKind.BLACKLIST) {
                return readBlacklistEntry(in);
            }
            if (kind == RecordKind.CYCLES) {
                return readCycle(in);
            }
            return kind == RecordKind.EVENTS ? readEvents(in) : readParameters(in);
        } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
            throw new IOException("A record of " + kind + " that can't be: " + e.getMessage(), e);
        }
    }

    private static BigInteger readInteger(DataInput in) throws IOException {
        int length = in.readByte();
        if (length < 1 || length > LONGEST_INTEGER) {
            throw new IOException("An integer of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new BigInteger(bytes);
    }

    private static EventBatch readEvents(DataInput in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > EventBatch.MOST_BYTES) {
            throw new IOException("A batch of events of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return EventBatch.read(bytes);
    }

    private static void writeParameters(DataOutput out, ParameterBook book) throws IOException {
        out.writeLong(book.version());
        out.writeInt(book.values().size());
        for (Map.Entry<String, String> value : book.values().entrySet()) {
            out.writeUTF(value.getKey());
            out.writeUTF(value.getValue());
        }
        out.writeInt(book.changes().size());
        for (ParameterChange change : book.changes()) {
            out.writeLong(change.time().toEpochMilli());
            out.writeUTF(change.who());
            out.writeUTF(change.parameter());
            out.writeUTF(change.from());
            out.writeUTF(change.to());
            out.writeUTF(change.why());
        }
    }

    private static ParameterBook readParameters(DataInput in) throws IOException {
        long version = in.readLong();
        Map<String, String> values = new HashMap<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            values.put(in.readUTF(), in.readUTF());
        }
        List<ParameterChange> changes = new ArrayList<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            changes.add(new ParameterChange(
                    Instant.ofEpochMilli(in.readLong()),
                    in.readUTF(),
                    in.readUTF(),
                    in.readUTF(),
                    in.readUTF(),
                    in.readUTF()));
        }
        return new ParameterBook(version, values, changes);
    }

    private static void writeCheckpoint(DataOutput out, TransferCheckpoint checkpoint) throws IOException {
        out.writeInt(checkpoint.marks().size());
        for (TransferCheckpoint.Mark mark : checkpoint.marks()) {
            out.writeLong(mark.page());
            out.writeLong(mark.bytes());
            out.writeBoolean(mark.done());
        }
    }

    private static TransferCheckpoint readCheckpoint(DataInput in) throws IOException {
        List<TransferCheckpoint.Mark> marks = new ArrayList<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            marks.add(new TransferCheckpoint.Mark(in.readLong(), in.readLong(), in.readBoolean()));
        }
        return new TransferCheckpoint(marks);
    }

    private static void writeVerdict(DataOutput out, ForeignVerdict verdict) throws IOException {
        out.writeUTF(verdict.job().value());
        out.writeUTF(verdict.validator().value());
        out.writeUTF(verdict.miner().value());
        out.writeUTF(verdict.executorClass().name());
        out.writeUTF(verdict.receipts());
        writeInstant(out, verdict.finished());
        LedgerWire.writeOffered(out, verdict.blocks());
    }

    private static ForeignVerdict readVerdict(DataInput in) throws IOException {
        return new ForeignVerdict(
                new JobId(in.readUTF()),
                Names.hotkey(in),
                Names.hotkey(in),
                Names.executorClass(in),
                in.readUTF(),
                readInstant(in),
                LedgerWire.readOffered(in));
    }

    private static void writeBlacklistEntry(DataOutput out, BlacklistEntry entry) throws IOException {
        out.writeUTF(entry.miner().value());
        out.writeUTF(entry.reason().name());
        out.writeUTF(entry.details());
        out.writeLong(entry.since().toEpochMilli());
        out.writeBoolean(entry.until().isPresent());
        if (entry.until().isPresent()) {
            out.writeLong(entry.until().get().toEpochMilli());
        }
    }

    private static BlacklistEntry readBlacklistEntry(DataInput in) throws IOException {
        return new BlacklistEntry(
                Names.hotkey(in),
                BlacklistReason.valueOf(in.readUTF()),
                in.readUTF(),
                Instant.ofEpochMilli(in.readLong()),
                in.readBoolean() ? Optional.of(Instant.ofEpochMilli(in.readLong())) : Optional.empty());
    }

    private static void writeCycle(DataOutput out, CycleAllowances allowances) throws IOException {
        out.writeLong(allowances.start());
        out.writeLong(allowances.setAt());
        out.writeInt(allowances.shares().size());
        for (Map.Entry<Hotkey, Double> share : allowances.shares().entrySet()) {
            out.writeUTF(share.getKey().value());
            out.writeDouble(share.getValue());
        }
        out.writeInt(allowances.executors().size());
        for (Map.Entry<Hotkey, Integer> count : allowances.executors().entrySet()) {
            out.writeUTF(count.getKey().value());
            out.writeInt(count.getValue());
        }
    }

    private static CycleAllowances readCycle(DataInput in) throws IOException {
        long start = in.readLong();
        long setAt = in.readLong();
        Map<Hotkey, Double> shares = new HashMap<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            shares.put(Names.hotkey(in), in.readDouble());
        }
        Map<Hotkey, Integer> executors = new HashMap<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            executors.put(Names.hotkey(in), in.readInt());
        }
        return new CycleAllowances(start, setAt, shares, executors);
    }

    private static void writeOptional(DataOutput out, Optional<String> text) throws IOException {
        out.writeBoolean(text.isPresent());
        if (text.isPresent()) {
            out.writeUTF(text.get());
        }
    }

    private static Optional<String> readOptional(DataInput in) throws IOException {
        return in.readBoolean() ? Optional.of(in.readUTF()) : Optional.empty();
    }

    private static void writeBlock(DataOutput out, BlockRecord block) throws IOException {
        out.writeLong(block.number());
        out.writeLong(block.timeMillis());
        writeOptional(out, block.hash());
        List<Hotkey> validators = block.validators().validators();
        double[] stakes = block.validators().stakes();
        out.writeInt(validators.size());
        for (int i = 0; i < stakes.length; i++) {
            out.writeUTF(validators.get(i).value());
            out.writeDouble(stakes[i]);
        }
        out.writeUTF(block.neurons());
        out.writeLong(block.lengthMillis());
        out.writeDouble(block.multiplier());
    }

    private static BlockRecord readBlock(DataInput in) throws IOException {
        long number = in.readLong();
        long timeMillis = in.readLong();
        Optional<String> hash = readOptional(in);
        List<Hotkey> validators = new ArrayList<>();
        List<Double> stakes = new ArrayList<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            validators.add(Names.hotkey(in));
            stakes.add(in.readDouble());
        }
        return new BlockRecord(
                number,
                timeMillis,
                hash,
                ValidatorStakes.of(
                        validators,
                        stakes.stream().mapToDouble(Double::doubleValue).toArray()),
                in.readUTF(),
                in.readLong(),
                in.readDouble());
    }

    private static void writeNeurons(DataOutput out, NeuronList list) throws IOException {
        out.writeInt(list.neurons().size());
        for (Neuron neuron : list.neurons()) {
            out.writeInt(neuron.uid());
            out.writeUTF(neuron.coldkey().value());
            out.writeUTF(neuron.hotkey().value());
            out.writeUTF(neuron.miner().address());
            out.writeInt(neuron.miner().port());
            out.writeInt(neuron.miner().ipVersion());
            writeOptional(out, neuron.miner().shieldAddress());
        }
    }

    private static NeuronList readNeurons(DataInput in) throws IOException {
        List<Neuron> neurons = new ArrayList<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            neurons.add(new Neuron(
                    in.readInt(),
                    Names.hotkey(in),
                    new Miner(Names.hotkey(in), in.readUTF(), in.readInt(), in.readInt(), readOptional(in))));
        }
        return NeuronList.of(neurons);
    }

    private static void writeManifests(DataOutput out, MinerManifests manifests) throws IOException {
        out.writeInt(manifests.manifests().size());
        for (Manifest manifest : manifests.manifests()) {
            out.writeUTF(manifest.miner().value());
            out.writeUTF(manifest.executorClass().name());
            out.writeLong(manifest.block());
            out.writeInt(manifest.executors());
        }
    }

    private static MinerManifests readManifests(DataInput in) throws IOException {
        List<Manifest> manifests = new ArrayList<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            manifests.add(new Manifest(Names.hotkey(in), Names.executorClass(in), in.readLong(), in.readInt()));
        }
        return new MinerManifests(manifests);
    }

    private static void writeIncident(DataOutput out, MinerIncident incident) throws IOException {
        out.writeUTF(incident.type().name());
        out.writeUTF(incident.miner().value());
        out.writeUTF(incident.job().value());
        out.writeUTF(incident.executorClass().name());
        out.writeLong(incident.time().toEpochMilli());
    }

    private static MinerIncident readIncident(DataInput in) throws IOException {
        return new MinerIncident(
                MinerIncidentType.valueOf(in.readUTF()),
                Names.hotkey(in),
                new JobId(in.readUTF()),
                Names.executorClass(in),
                Instant.ofEpochMilli(in.readLong()));
    }

    private static void writeReceipt(DataOutput out, SignedReceipt signed) throws IOException {
        Receipt receipt = signed.receipt();
        if (receipt instanceof Receipt.Started started) {
            out.writeByte(STARTED);
            writeParties(out, signed);
            out.writeUTF(started.executorClass().name());
            out.writeBoolean(started.organic());
            writeDuration(out, started.ttl());
        } else if (receipt instanceof Receipt.Accepted accepted) {
            out.writeByte(ACCEPTED);
            writeParties(out, signed);
            writeInstant(out, accepted.timeAccepted());
            writeDuration(out, accepted.ttl());
        } else if (receipt instanceof Receipt.Finished finished) {
            out.writeByte(FINISHED);
            writeParties(out, signed);
            writeInstant(out, finished.timeStarted());
            writeDuration(out, finished.timeTook());
            out.writeDouble(finished.costSeconds());
            out.writeInt(finished.blocks().size());
            for (long block : finished.blocks()) {
                out.writeLong(block);
            }
        }
    }

    private static void writeParties(DataOutput out, SignedReceipt signed) throws IOException {
        out.writeUTF(signed.validatorSignature());
        out.writeUTF(signed.minerSignature());
        out.writeUTF(signed.receipt().job().value());
        out.writeUTF(signed.receipt().miner().value());
        out.writeUTF(signed.receipt().validator().value());
        writeInstant(out, signed.receipt().timestamp());
    }

    private static SignedReceipt readReceipt(DataInput in) throws IOException {
        int kind = in.readByte();
        String validatorSignature = in.readUTF();
        String minerSignature = in.readUTF();
        JobId job = new JobId(in.readUTF());
        Hotkey miner = Names.hotkey(in);
        Hotkey validator = Names.hotkey(in);
        Instant timestamp = readInstant(in);
        Receipt receipt = switch (kind) {
            case STARTED ->
                new Receipt.Started(
                        job, miner, validator, timestamp, Names.executorClass(in), in.readBoolean(), readDuration(in));
            case ACCEPTED -> new Receipt.Accepted(job, miner, validator, timestamp, readInstant(in), readDuration(in));
            case FINISHED ->
                new Receipt.Finished(
                        job,
                        miner,
                        validator,
                        timestamp,
                        readInstant(in),
                        readDuration(in),
                        in.readDouble(),
                        readBlocks(in));
            default -> throw new IOException("Unknown kind of receipt: " + kind);
        };
        return new SignedReceipt(receipt, validatorSignature, minerSignature);
    }

    private static List<Long> readBlocks(DataInput in) throws IOException {
        List<Long> blocks = new ArrayList<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            blocks.add(in.readLong());
        }
        return blocks;
    }

    private static void writeInstant(DataOutput out, Instant instant) throws IOException {
        out.writeLong(instant.getEpochSecond());
        out.writeInt(instant.getNano());
    }

    private static Instant readInstant(DataInput in) throws IOException {
        return Instant.ofEpochSecond(in.readLong(), in.readInt());
    }

    private static void writeDuration(DataOutput out, Duration duration) throws IOException {
        out.writeLong(duration.getSeconds());
        out.writeInt(duration.getNano());
    }

    private static Duration readDuration(DataInput in) throws IOException {
        return Duration.ofSeconds(in.readLong(), in.readInt());
    }
}
