package io.quartermaster.node.grid;

import com.hazelcast.nio.serialization.compact.CompactReader;
import com.hazelcast.nio.serialization.compact.CompactSerializer;
import com.hazelcast.nio.serialization.compact.CompactWriter;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.Miner;
import io.quartermaster.api.MinerIncident;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.Neuron;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.events.EventBatch;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockSet;
import io.quartermaster.node.ledger.ForeignVerdict;
import io.quartermaster.node.ledger.OfferedBlocks;
import io.quartermaster.node.ledger.ValidatorStakes;
import io.quartermaster.node.params.ParameterBook;
import io.quartermaster.node.params.ParameterChange;
import io.quartermaster.node.receipts.TransferCheckpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;

/**
 * The values of the grid's maps as compact records: self-describing, so that tools without these classes can read them, and
 * versioned by their fields. A field is never given another meaning; new ones may be added.
 */
final class CompactSerializers {
    private CompactSerializers() {}

    static List<CompactSerializer<?>> all() {
        return List.of(
                new LedgerSerializers.OfLedger(),
                new LedgerSerializers.OfClassBook(),
                new LedgerSerializers.OfAccount(),
                new LedgerSerializers.OfBooking(),
                new LedgerSerializers.OfAnswer(),
                new LedgerSerializers.OfLock(),
                new OfBlock(),
                new OfNeurons(),
                new OfNeuron(),
                new OfManifests(),
                new OfManifest(),
                new OfAlarm(),
                new OfIncident(),
                new OfReceipt(),
                new OfEvents(),
                new OfParameters(),
                new OfParameterChange(),
                new OfCheckpoint(),
                new OfVerdict(),
                new CycleSerializers.OfBlacklistEntry(),
                new CycleSerializers.OfCycle(),
                new CycleSerializers.OfSlots(),
                new OfPage());
    }

    /** What all of them have in common. */
    abstract static class Of<T> implements CompactSerializer<T> {
        private final String typeName;
        private final Class<T> type;

        Of(String typeName, Class<T> type) {
            this.typeName = typeName;
            this.type = type;
        }

        @Override
        public String getTypeName() {
            return typeName;
        }

        @Override
        public Class<T> getCompactClass() {
            return type;
        }
    }

    static String string(CompactReader in, String field) {
        return Objects.requireNonNull(in.readString(field), field);
    }

    static long[] longs(CompactReader in, String field) {
        long[] values = in.readArrayOfInt64(field);
        return values == null ? new long[0] : values;
    }

    static int[] ints(CompactReader in, String field) {
        int[] values = in.readArrayOfInt32(field);
        return values == null ? new int[0] : values;
    }

    static <T> List<T> list(CompactReader in, String field, Class<T> type) {
        @Nullable T[] values = in.readArrayOfCompact(field, type);
        return values == null
                ? List.of()
                : Arrays.stream(values).map(Objects::requireNonNull).toList();
    }

    private static final class OfBlock extends Of<BlockRecord> {
        OfBlock() {
            super("Block", BlockRecord.class);
        }

        @Override
        public void write(CompactWriter out, BlockRecord block) {
            out.writeInt64("number", block.number());
            out.writeInt64("timeMillis", block.timeMillis());
            out.writeString("hash", block.hash().orElse(null));
            out.writeArrayOfString(
                    "validators",
                    block.validators().validators().stream().map(Hotkey::value).toArray(String[]::new));
            out.writeArrayOfFloat64("stakes", block.validators().stakes());
            out.writeString("neurons", block.neurons());
            out.writeInt64("lengthMillis", block.lengthMillis());
            out.writeFloat64("multiplier", block.multiplier());
        }

        @Override
        public BlockRecord read(CompactReader in) {
            @Nullable String[] validators = Objects.requireNonNull(in.readArrayOfString("validators"));
            double[] stakes = Objects.requireNonNull(in.readArrayOfFloat64("stakes"));
            return new BlockRecord(
                    in.readInt64("number"),
                    in.readInt64("timeMillis"),
                    Optional.ofNullable(in.readString("hash")),
                    ValidatorStakes.of(
                            Arrays.stream(validators)
                                    .map(value -> Names.hotkey(Objects.requireNonNull(value)))
                                    .toList(),
                            stakes),
                    string(in, "neurons"),
                    in.readInt64("lengthMillis"),
                    in.readFloat64("multiplier"));
        }
    }

    private static final class OfNeurons extends Of<NeuronList> {
        OfNeurons() {
            super("Neurons", NeuronList.class);
        }

        @Override
        public void write(CompactWriter out, NeuronList list) {
            out.writeArrayOfCompact("neurons", list.neurons().toArray(new Neuron[0]));
        }

        @Override
        public NeuronList read(CompactReader in) {
            return NeuronList.of(list(in, "neurons", Neuron.class));
        }
    }

    private static final class OfNeuron extends Of<Neuron> {
        OfNeuron() {
            super("Neuron", Neuron.class);
        }

        @Override
        public void write(CompactWriter out, Neuron neuron) {
            out.writeInt32("uid", neuron.uid());
            out.writeString("coldkey", neuron.coldkey().value());
            out.writeString("hotkey", neuron.hotkey().value());
            out.writeString("address", neuron.miner().address());
            out.writeInt32("port", neuron.miner().port());
            out.writeInt32("ipVersion", neuron.miner().ipVersion());
            out.writeString("shieldAddress", neuron.miner().shieldAddress().orElse(null));
        }

        @Override
        public Neuron read(CompactReader in) {
            return new Neuron(
                    in.readInt32("uid"),
                    Names.hotkey(string(in, "coldkey")),
                    new Miner(
                            Names.hotkey(string(in, "hotkey")),
                            string(in, "address"),
                            in.readInt32("port"),
                            in.readInt32("ipVersion"),
                            Optional.ofNullable(in.readString("shieldAddress"))));
        }
    }

    private static final class OfManifests extends Of<MinerManifests> {
        OfManifests() {
            super("Manifests", MinerManifests.class);
        }

        @Override
        public void write(CompactWriter out, MinerManifests manifests) {
            out.writeArrayOfCompact("manifests", manifests.manifests().toArray(new Manifest[0]));
        }

        @Override
        public MinerManifests read(CompactReader in) {
            return new MinerManifests(list(in, "manifests", Manifest.class));
        }
    }

    private static final class OfManifest extends Of<Manifest> {
        OfManifest() {
            super("Manifest", Manifest.class);
        }

        @Override
        public void write(CompactWriter out, Manifest manifest) {
            out.writeString("miner", manifest.miner().value());
            out.writeString("executorClass", manifest.executorClass().name());
            out.writeInt64("block", manifest.block());
            out.writeInt32("executors", manifest.executors());
        }

        @Override
        public Manifest read(CompactReader in) {
            return new Manifest(
                    Names.hotkey(string(in, "miner")),
                    Names.executorClass(string(in, "executorClass")),
                    in.readInt64("block"),
                    in.readInt32("executors"));
        }
    }

    private static final class OfAlarm extends Of<ReservationAlarm> {
        OfAlarm() {
            super("Reservation", ReservationAlarm.class);
        }

        @Override
        public void write(CompactWriter out, ReservationAlarm alarm) {
            out.writeString("miner", alarm.miner().value());
            out.writeString("executorClass", alarm.executorClass().name());
            out.writeString("job", alarm.job().value());
            out.writeInt32("blocks", alarm.blocks());
            out.writeInt64("deadlineMillis", alarm.deadlineMillis());
        }

        @Override
        public ReservationAlarm read(CompactReader in) {
            return new ReservationAlarm(
                    Names.hotkey(string(in, "miner")),
                    Names.executorClass(string(in, "executorClass")),
                    new JobId(string(in, "job")),
                    in.readInt32("blocks"),
                    in.readInt64("deadlineMillis"));
        }
    }

    private static final class OfIncident extends Of<MinerIncident> {
        OfIncident() {
            super("Incident", MinerIncident.class);
        }

        @Override
        public void write(CompactWriter out, MinerIncident incident) {
            out.writeString("type", incident.type().name());
            out.writeString("miner", incident.miner().value());
            out.writeString("job", incident.job().value());
            out.writeString("executorClass", incident.executorClass().name());
            out.writeInt64("timeMillis", incident.time().toEpochMilli());
        }

        @Override
        public MinerIncident read(CompactReader in) {
            return new MinerIncident(
                    MinerIncidentType.valueOf(string(in, "type")),
                    Names.hotkey(string(in, "miner")),
                    new JobId(string(in, "job")),
                    Names.executorClass(string(in, "executorClass")),
                    Instant.ofEpochMilli(in.readInt64("timeMillis")));
        }
    }

    /** Keys and records in the same order; the records' type follows from their kind. */
    private static final class OfEvents extends Of<EventBatch> {
        OfEvents() {
            super("Events", EventBatch.class);
        }

        @Override
        public void write(CompactWriter out, EventBatch batch) {
            out.writeInt32("count", batch.count());
            out.writeInt64("newestMillis", batch.newest().toEpochMilli());
            out.writeArrayOfInt8("bytes", batch.bytes());
        }

        @Override
        public EventBatch read(CompactReader in) {
            try {
                return EventBatch.read(Objects.requireNonNull(in.readArrayOfInt8("bytes")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class OfParameters extends Of<ParameterBook> {
        OfParameters() {
            super("Parameters", ParameterBook.class);
        }

        @Override
        public void write(CompactWriter out, ParameterBook book) {
            List<Map.Entry<String, String>> values = List.copyOf(book.values().entrySet());
            out.writeInt64("version", book.version());
            out.writeArrayOfString(
                    "names", values.stream().map(Map.Entry::getKey).toArray(String[]::new));
            out.writeArrayOfString(
                    "values", values.stream().map(Map.Entry::getValue).toArray(String[]::new));
            out.writeArrayOfCompact("changes", book.changes().toArray(ParameterChange[]::new));
        }

        @Override
        public ParameterBook read(CompactReader in) {
            @Nullable String[] names = Objects.requireNonNull(in.readArrayOfString("names"));
            @Nullable String[] values = Objects.requireNonNull(in.readArrayOfString("values"));
            Map<String, String> byName = new HashMap<>();
            for (int i = 0; i < names.length; i++) {
                byName.put(Objects.requireNonNull(names[i]), Objects.requireNonNull(values[i]));
            }
            return new ParameterBook(in.readInt64("version"), byName, list(in, "changes", ParameterChange.class));
        }
    }

    private static final class OfParameterChange extends Of<ParameterChange> {
        OfParameterChange() {
            super("ParameterChange", ParameterChange.class);
        }

        @Override
        public void write(CompactWriter out, ParameterChange change) {
            out.writeInt64("timeMillis", change.time().toEpochMilli());
            out.writeString("who", change.who());
            out.writeString("parameter", change.parameter());
            out.writeString("from", change.from());
            out.writeString("to", change.to());
            out.writeString("why", change.why());
        }

        @Override
        public ParameterChange read(CompactReader in) {
            return new ParameterChange(
                    Instant.ofEpochMilli(in.readInt64("timeMillis")),
                    string(in, "who"),
                    string(in, "parameter"),
                    string(in, "from"),
                    string(in, "to"),
                    string(in, "why"));
        }
    }

    private static final class OfCheckpoint extends Of<TransferCheckpoint> {
        OfCheckpoint() {
            super("Checkpoint", TransferCheckpoint.class);
        }

        @Override
        public void write(CompactWriter out, TransferCheckpoint checkpoint) {
            List<TransferCheckpoint.Mark> marks = checkpoint.marks();
            out.writeArrayOfInt64(
                    "pages",
                    marks.stream().mapToLong(TransferCheckpoint.Mark::page).toArray());
            out.writeArrayOfInt64(
                    "bytes",
                    marks.stream().mapToLong(TransferCheckpoint.Mark::bytes).toArray());
            out.writeArrayOfInt64(
                    "done",
                    marks.stream()
                            .filter(TransferCheckpoint.Mark::done)
                            .mapToLong(TransferCheckpoint.Mark::page)
                            .toArray());
        }

        @Override
        public TransferCheckpoint read(CompactReader in) {
            long[] pages = longs(in, "pages");
            long[] bytes = longs(in, "bytes");
            BlockSet done = BlockSet.of(longs(in, "done"));
            List<TransferCheckpoint.Mark> marks = new ArrayList<>();
            for (int i = 0; i < pages.length; i++) {
                marks.add(new TransferCheckpoint.Mark(pages[i], bytes[i], done.contains(pages[i])));
            }
            return new TransferCheckpoint(marks);
        }
    }

    private static final class OfVerdict extends Of<ForeignVerdict> {
        OfVerdict() {
            super("Verdict", ForeignVerdict.class);
        }

        @Override
        public void write(CompactWriter out, ForeignVerdict verdict) {
            OfferedBlocks blocks = verdict.blocks();
            out.writeString("job", verdict.job().value());
            out.writeString("validator", verdict.validator().value());
            out.writeString("miner", verdict.miner().value());
            out.writeString("executorClass", verdict.executorClass().name());
            out.writeString("receipts", verdict.receipts());
            out.writeInt64("finishedMicros", OfReceipt.micros(verdict.finished()));
            out.writeInt64("requiredNanos", blocks.requiredNanos());
            out.writeInt64("spendableNanos", blocks.spendableNanos());
            out.writeArrayOfInt64("spendable", array(blocks.spendable()));
            out.writeArrayOfInt64("outsideRange", array(blocks.outsideRange()));
            out.writeArrayOfInt64("alreadySpent", array(blocks.alreadySpent()));
            out.writeArrayOfInt64("invalidated", array(blocks.invalidated()));
        }

        private static long[] array(List<Long> numbers) {
            return numbers.stream().mapToLong(Long::longValue).toArray();
        }

        private static List<Long> numbers(CompactReader in, String field) {
            return Arrays.stream(longs(in, field)).boxed().toList();
        }

        @Override
        public ForeignVerdict read(CompactReader in) {
            return new ForeignVerdict(
                    new JobId(string(in, "job")),
                    Names.hotkey(string(in, "validator")),
                    Names.hotkey(string(in, "miner")),
                    Names.executorClass(string(in, "executorClass")),
                    string(in, "receipts"),
                    OfReceipt.instant(in.readInt64("finishedMicros")),
                    new OfferedBlocks(
                            in.readInt64("requiredNanos"),
                            in.readInt64("spendableNanos"),
                            numbers(in, "spendable"),
                            numbers(in, "outsideRange"),
                            numbers(in, "alreadySpent"),
                            numbers(in, "invalidated")));
        }
    }

    private static final class OfPage extends Of<RecordPage> {
        OfPage() {
            super("Records", RecordPage.class);
        }

        @Override
        public void write(CompactWriter out, RecordPage page) {
            List<Map.Entry<String, Object>> records = List.copyOf(page.records().entrySet());
            out.writeString("kind", page.kind().name());
            out.writeArrayOfString(
                    "keys", records.stream().map(Map.Entry::getKey).toArray(String[]::new));
            // A type has the same fields whatever is in it.
            boolean amounts = page.kind() == RecordKind.COLLATERAL;
            out.writeArrayOfDecimal(
                    "wei",
                    records.stream()
                            .filter(record -> amounts)
                            .map(record -> new BigDecimal((BigInteger) record.getValue()))
                            .toArray(BigDecimal[]::new));
            out.writeArrayOfCompact(
                    "records",
                    records.stream()
                            .filter(record -> !amounts)
                            .map(Map.Entry::getValue)
                            .toArray());
        }

        @Override
        public RecordPage read(CompactReader in) {
            String name = string(in, "kind");
            RecordKind<?> kind = RecordKind.named(name)
                    .orElseThrow(() -> new IllegalStateException("Unknown kind of record: " + name));
            @Nullable String[] keys = Objects.requireNonNull(in.readArrayOfString("keys"));
            List<?> records = kind == RecordKind.COLLATERAL
                    ? Arrays.stream(Objects.requireNonNull(in.readArrayOfDecimal("wei")))
                            .map(wei -> Objects.requireNonNull(wei).toBigIntegerExact())
                            .toList()
                    : list(in, "records", kind.type());
            Map<String, Object> byKey = new HashMap<>();
            for (int i = 0; i < keys.length; i++) {
                byKey.put(Objects.requireNonNull(keys[i]), records.get(i));
            }
            return new RecordPage(kind, HashTreePMap.from(byKey));
        }
    }

    /** One type for the three kinds; fields that a kind does not have are empty. */
    private static final class OfReceipt extends Of<SignedReceipt> {
        private static final String STARTED = "started";
        private static final String ACCEPTED = "accepted";
        private static final String FINISHED = "finished";

        OfReceipt() {
            super("Receipt", SignedReceipt.class);
        }

        @Override
        public void write(CompactWriter out, SignedReceipt signed) {
            Receipt receipt = signed.receipt();
            out.writeString("validatorSignature", signed.validatorSignature());
            out.writeString("minerSignature", signed.minerSignature());
            out.writeString("job", receipt.job().value());
            out.writeString("miner", receipt.miner().value());
            out.writeString("validator", receipt.validator().value());
            out.writeInt64("timestampMicros", micros(receipt.timestamp()));
            String kind = FINISHED;
            String executorClass = null;
            boolean organic = false;
            long ttlMicros = 0;
            long momentMicros = 0;
            long tookMicros = 0;
            double costSeconds = 0;
            long[] blocks = {};
            if (receipt instanceof Receipt.Started started) {
                kind = STARTED;
                executorClass = started.executorClass().name();
                organic = started.organic();
                ttlMicros = micros(started.ttl());
            } else if (receipt instanceof Receipt.Accepted accepted) {
                kind = ACCEPTED;
                momentMicros = micros(accepted.timeAccepted());
                ttlMicros = micros(accepted.ttl());
            } else if (receipt instanceof Receipt.Finished finished) {
                momentMicros = micros(finished.timeStarted());
                tookMicros = micros(finished.timeTook());
                costSeconds = finished.costSeconds();
                blocks = finished.blocks().stream().mapToLong(Long::longValue).toArray();
            }
            out.writeString("kind", kind);
            out.writeString("executorClass", executorClass);
            out.writeBoolean("organic", organic);
            out.writeInt64("ttlMicros", ttlMicros);
            out.writeInt64("momentMicros", momentMicros);
            out.writeInt64("tookMicros", tookMicros);
            out.writeFloat64("costSeconds", costSeconds);
            out.writeArrayOfInt64("blocks", blocks);
        }

        @Override
        public SignedReceipt read(CompactReader in) {
            JobId job = new JobId(string(in, "job"));
            Hotkey miner = Names.hotkey(string(in, "miner"));
            Hotkey validator = Names.hotkey(string(in, "validator"));
            Instant timestamp = instant(in.readInt64("timestampMicros"));
            Instant moment = instant(in.readInt64("momentMicros"));
            Duration ttl = duration(in.readInt64("ttlMicros"));
            String kind = string(in, "kind");
            Receipt receipt = switch (kind) {
                case STARTED ->
                    new Receipt.Started(
                            job,
                            miner,
                            validator,
                            timestamp,
                            Names.executorClass(string(in, "executorClass")),
                            in.readBoolean("organic"),
                            ttl);
                case ACCEPTED -> new Receipt.Accepted(job, miner, validator, timestamp, moment, ttl);
                case FINISHED ->
                    new Receipt.Finished(
                            job,
                            miner,
                            validator,
                            timestamp,
                            moment,
                            duration(in.readInt64("tookMicros")),
                            in.readFloat64("costSeconds"),
                            Arrays.stream(longs(in, "blocks")).boxed().toList());
                default -> throw new IllegalStateException("Unknown kind of receipt: " + kind);
            };
            return new SignedReceipt(receipt, string(in, "validatorSignature"), string(in, "minerSignature"));
        }

        private static long micros(Instant instant) {
            return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000), instant.getNano() / 1_000);
        }

        private static long micros(Duration duration) {
            return Math.addExact(Math.multiplyExact(duration.toSeconds(), 1_000_000), duration.toNanosPart() / 1_000);
        }

        private static Instant instant(long micros) {
            return Instant.ofEpochSecond(
                    Math.floorDiv(micros, 1_000_000), 1_000 * (long) Math.floorMod(micros, 1_000_000));
        }

        private static Duration duration(long micros) {
            return Duration.ofNanos(Math.multiplyExact(micros, 1_000));
        }
    }
}
