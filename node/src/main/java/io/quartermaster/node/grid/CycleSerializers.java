package io.quartermaster.node.grid;

import com.hazelcast.nio.serialization.compact.CompactReader;
import com.hazelcast.nio.serialization.compact.CompactWriter;
import io.quartermaster.api.BlacklistEntry;
import io.quartermaster.api.BlacklistReason;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.node.cycle.CycleAllowances;
import io.quartermaster.node.cycle.PreliminaryReservation;
import io.quartermaster.node.cycle.SlotBook;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;

/** What routing by cycle shares, as compact records: see {@link CompactSerializers}. */
final class CycleSerializers {
    private static final long FOR_EVER = Long.MAX_VALUE;

    private CycleSerializers() {}

    static final class OfBlacklistEntry extends CompactSerializers.Of<BlacklistEntry> {
        OfBlacklistEntry() {
            super("BlacklistEntry", BlacklistEntry.class);
        }

        @Override
        public void write(CompactWriter out, BlacklistEntry entry) {
            out.writeString("miner", entry.miner().value());
            out.writeString("reason", entry.reason().name());
            out.writeString("details", entry.details());
            out.writeInt64("sinceMillis", entry.since().toEpochMilli());
            out.writeInt64(
                    "untilMillis", entry.until().map(Instant::toEpochMilli).orElse(FOR_EVER));
        }

        @Override
        public BlacklistEntry read(CompactReader in) {
            long until = in.readInt64("untilMillis");
            return new BlacklistEntry(
                    Names.hotkey(CompactSerializers.string(in, "miner")),
                    BlacklistReason.valueOf(CompactSerializers.string(in, "reason")),
                    CompactSerializers.string(in, "details"),
                    Instant.ofEpochMilli(in.readInt64("sinceMillis")),
                    until == FOR_EVER ? Optional.empty() : Optional.of(Instant.ofEpochMilli(until)));
        }
    }

    static final class OfCycle extends CompactSerializers.Of<CycleAllowances> {
        OfCycle() {
            super("Cycle", CycleAllowances.class);
        }

        @Override
        public void write(CompactWriter out, CycleAllowances allowances) {
            List<Map.Entry<Hotkey, Double>> shares =
                    List.copyOf(allowances.shares().entrySet());
            List<Map.Entry<Hotkey, Integer>> executors =
                    List.copyOf(allowances.executors().entrySet());
            out.writeInt64("start", allowances.start());
            out.writeInt64("setAt", allowances.setAt());
            out.writeArrayOfString(
                    "validators",
                    shares.stream().map(share -> share.getKey().value()).toArray(String[]::new));
            out.writeArrayOfFloat64(
                    "shares", shares.stream().mapToDouble(Map.Entry::getValue).toArray());
            out.writeArrayOfString(
                    "miners",
                    executors.stream().map(count -> count.getKey().value()).toArray(String[]::new));
            out.writeArrayOfInt32(
                    "executors",
                    executors.stream().mapToInt(Map.Entry::getValue).toArray());
        }

        @Override
        public CycleAllowances read(CompactReader in) {
            List<Hotkey> validators = hotkeys(in, "validators");
            double[] shares = Objects.requireNonNull(in.readArrayOfFloat64("shares"));
            Map<Hotkey, Double> byValidator = new HashMap<>();
            for (int i = 0; i < shares.length; i++) {
                byValidator.put(validators.get(i), shares[i]);
            }
            List<Hotkey> miners = hotkeys(in, "miners");
            int[] executors = CompactSerializers.ints(in, "executors");
            Map<Hotkey, Integer> byMiner = new HashMap<>();
            for (int i = 0; i < executors.length; i++) {
                byMiner.put(miners.get(i), executors[i]);
            }
            return new CycleAllowances(in.readInt64("start"), in.readInt64("setAt"), byValidator, byMiner);
        }

        private static List<Hotkey> hotkeys(CompactReader in, String field) {
            @Nullable String[] values = Objects.requireNonNull(in.readArrayOfString(field));
            return Arrays.stream(values)
                    .map(value -> Names.hotkey(Objects.requireNonNull(value)))
                    .toList();
        }
    }

    /** A miner's slots, for whoever looks at the map. */
    static final class OfSlots extends CompactSerializers.Of<SlotBook> {
        OfSlots() {
            super("Slots", SlotBook.class);
        }

        @Override
        public void write(CompactWriter out, SlotBook book) {
            List<JobId> jobs = List.copyOf(book.jobs().keySet());
            List<PreliminaryReservation> kept = jobs.stream()
                    .map(job -> Objects.requireNonNull(book.jobs().get(job)))
                    .toList();
            out.writeInt64("cycle", book.cycle());
            out.writeInt64("usedNanos", book.usedNanos());
            out.writeArrayOfString("jobs", jobs.stream().map(JobId::value).toArray(String[]::new));
            out.writeArrayOfString(
                    "classes",
                    kept.stream().map(job -> job.executorClass().name()).toArray(String[]::new));
            out.writeArrayOfInt64(
                    "nanos",
                    kept.stream().mapToLong(PreliminaryReservation::nanos).toArray());
            out.writeArrayOfInt64(
                    "cycles",
                    kept.stream().mapToLong(PreliminaryReservation::cycle).toArray());
            out.writeArrayOfInt64(
                    "deadlineMillis",
                    kept.stream()
                            .mapToLong(PreliminaryReservation::deadlineMillis)
                            .toArray());
            boolean[] accepted = new boolean[kept.size()];
            for (int i = 0; i < accepted.length; i++) {
                accepted[i] = kept.get(i).accepted();
            }
            out.writeArrayOfBoolean("accepted", accepted);
        }

        @Override
        public SlotBook read(CompactReader in) {
            @Nullable String[] jobs = Objects.requireNonNull(in.readArrayOfString("jobs"));
            @Nullable String[] classes = Objects.requireNonNull(in.readArrayOfString("classes"));
            long[] nanos = CompactSerializers.longs(in, "nanos");
            long[] cycles = CompactSerializers.longs(in, "cycles");
            long[] deadlines = CompactSerializers.longs(in, "deadlineMillis");
            boolean[] accepted = Objects.requireNonNull(in.readArrayOfBoolean("accepted"));
            Map<JobId, PreliminaryReservation> kept = new HashMap<>();
            for (int i = 0; i < jobs.length; i++) {
                kept.put(
                        new JobId(Objects.requireNonNull(jobs[i])),
                        new PreliminaryReservation(
                                Names.executorClass(Objects.requireNonNull(classes[i])),
                                nanos[i],
                                cycles[i],
                                deadlines[i],
                                accepted[i]));
            }
            return new SlotBook(in.readInt64("cycle"), in.readInt64("usedNanos"), HashTreePMap.from(kept));
        }
    }
}
