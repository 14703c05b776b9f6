package io.quartermaster.node.grid;

import com.hazelcast.nio.serialization.compact.CompactReader;
import com.hazelcast.nio.serialization.compact.CompactWriter;
import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.node.ledger.Account;
import io.quartermaster.node.ledger.Answers;
import io.quartermaster.node.ledger.BlockSet;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.CountRuns;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.ledger.MinerLedger.Deadline;
import io.quartermaster.node.locks.LockBook;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.TreePMap;

/** A ledger as a compact record. Active jobs and deadlines are not written: they follow from the bookings. */
final class LedgerSerializers {
    private LedgerSerializers() {}

    /** What a validator has booked, with its name. */
    record NamedAccount(Hotkey validator, Account account) {}

    /** A remembered answer. */
    record Answer(CallId call, LedgerOutcome outcome) {}

    /** A ledger from what is written of it: active jobs and deadlines follow from the bookings. */
    static MinerLedger ledger(
            Hotkey miner,
            int number,
            long version,
            long reservationsMade,
            List<ClassBook> books,
            List<Booking> bookings,
            Answers answers,
            PMap<String, Long> fences) {
        Map<Long, Booking> byId = new HashMap<>();
        Map<ExecutorClass, Map<JobId, Long>> activeJobs = new HashMap<>();
        TreePMap<Deadline, Long> deadlines = TreePMap.empty();
        for (Booking booking : bookings) {
            byId.put(booking.id(), booking);
            if (!booking.spent()) {
                activeJobs
                        .computeIfAbsent(booking.executorClass(), key -> new HashMap<>())
                        .put(booking.job(), booking.id());
                deadlines = deadlines.plus(new Deadline(booking.deadlineMillis(), booking.id()), booking.id());
            }
        }
        Map<ExecutorClass, ClassBook> classes = new HashMap<>();
        for (ClassBook book : books) {
            classes.put(book.executorClass(), withJobs(book, activeJobs.getOrDefault(book.executorClass(), Map.of())));
        }
        return new MinerLedger(
                miner,
                number,
                version,
                reservationsMade,
                HashTreePMap.from(classes),
                HashTreePMap.from(byId),
                deadlines,
                answers,
                fences);
    }

    private static ClassBook withJobs(ClassBook book, Map<JobId, Long> jobs) {
        return new ClassBook(
                book.executorClass(),
                book.stated(),
                book.counted(),
                book.drops(),
                book.accounts(),
                HashTreePMap.from(jobs));
    }

    static final class OfLedger extends CompactSerializers.Of<MinerLedger> {
        OfLedger() {
            super("Ledger", MinerLedger.class);
        }

        @Override
        public void write(CompactWriter out, MinerLedger ledger) {
            out.writeString("miner", ledger.miner().value());
            out.writeInt32("number", ledger.number());
            out.writeInt64("version", ledger.version());
            out.writeInt64("reservationsMade", ledger.reservationsMade());
            out.writeArrayOfCompact("classes", ledger.classes().values().toArray(new ClassBook[0]));
            out.writeArrayOfCompact("bookings", ledger.bookings().values().toArray(new Booking[0]));
            out.writeInt64("answersYoungSinceMillis", ledger.answers().youngSinceMillis());
            out.writeArrayOfCompact("answersYoung", answers(ledger.answers().young()));
            out.writeArrayOfCompact("answersOld", answers(ledger.answers().old()));
            List<String> locks = List.copyOf(ledger.fences().keySet());
            out.writeArrayOfString("fencedBy", locks.toArray(String[]::new));
            out.writeArrayOfInt64(
                    "fences",
                    locks.stream()
                            .mapToLong(lock -> ledger.fences().getOrDefault(lock, 0L))
                            .toArray());
        }

        private static Answer[] answers(Map<CallId, LedgerOutcome> answers) {
            return answers.entrySet().stream()
                    .map(entry -> new Answer(entry.getKey(), entry.getValue()))
                    .toArray(Answer[]::new);
        }

        @Override
        public MinerLedger read(CompactReader in) {
            return ledger(
                    Names.hotkey(CompactSerializers.string(in, "miner")),
                    in.readInt32("number"),
                    in.readInt64("version"),
                    in.readInt64("reservationsMade"),
                    CompactSerializers.list(in, "classes", ClassBook.class),
                    CompactSerializers.list(in, "bookings", Booking.class),
                    new Answers(
                            in.readInt64("answersYoungSinceMillis"),
                            answers(in, "answersYoung"),
                            answers(in, "answersOld")),
                    fences(in));
        }

        private static PMap<String, Long> fences(CompactReader in) {
            @Nullable String @Nullable [] locks = in.readArrayOfString("fencedBy");
            long[] tokens = CompactSerializers.longs(in, "fences");
            PMap<String, Long> fences = HashTreePMap.empty();
            for (int i = 0; locks != null && i < locks.length; i++) {
                fences = fences.plus(Objects.requireNonNull(locks[i]), tokens[i]);
            }
            return fences;
        }

        private static PMap<CallId, LedgerOutcome> answers(CompactReader in, String field) {
            Map<CallId, LedgerOutcome> answers = new HashMap<>();
            CompactSerializers.list(in, field, Answer.class)
                    .forEach(answer -> answers.put(answer.call(), answer.outcome()));
            return HashTreePMap.from(answers);
        }
    }

    static final class OfClassBook extends CompactSerializers.Of<ClassBook> {
        OfClassBook() {
            super("ClassBook", ClassBook.class);
        }

        @Override
        public void write(CompactWriter out, ClassBook book) {
            out.writeString("executorClass", book.executorClass().name());
            out.writeArrayOfInt64("statedFromBlock", book.stated().starts());
            out.writeArrayOfInt32("statedExecutors", book.stated().counts());
            out.writeArrayOfInt64("countedFromBlock", book.counted().starts());
            out.writeArrayOfInt32("countedExecutors", book.counted().counts());
            out.writeArrayOfInt64(
                    "drops", book.drops().stream().mapToLong(Long::longValue).toArray());
            out.writeArrayOfCompact(
                    "accounts",
                    book.accounts().entrySet().stream()
                            .map(entry -> new NamedAccount(entry.getKey(), entry.getValue()))
                            .toArray(NamedAccount[]::new));
        }

        @Override
        public ClassBook read(CompactReader in) {
            Map<Hotkey, Account> accounts = new HashMap<>();
            CompactSerializers.list(in, "accounts", NamedAccount.class)
                    .forEach(named -> accounts.put(named.validator(), named.account()));
            return new ClassBook(
                    Names.executorClass(CompactSerializers.string(in, "executorClass")),
                    runs(in, "statedFromBlock", "statedExecutors"),
                    runs(in, "countedFromBlock", "countedExecutors"),
                    Arrays.stream(CompactSerializers.longs(in, "drops")).boxed().toList(),
                    HashTreePMap.from(accounts),
                    HashTreePMap.empty());
        }

        private static CountRuns runs(CompactReader in, String starts, String counts) {
            return CountRuns.of(CompactSerializers.longs(in, starts), CompactSerializers.ints(in, counts));
        }
    }

    static final class OfAccount extends CompactSerializers.Of<NamedAccount> {
        OfAccount() {
            super("Account", NamedAccount.class);
        }

        @Override
        public void write(CompactWriter out, NamedAccount named) {
            out.writeString("validator", named.validator().value());
            out.writeArrayOfInt64("reserved", named.account().reserved().toArray());
            out.writeArrayOfInt64("spent", named.account().spent().toArray());
        }

        @Override
        public NamedAccount read(CompactReader in) {
            return new NamedAccount(
                    Names.hotkey(CompactSerializers.string(in, "validator")),
                    new Account(
                            BlockSet.of(CompactSerializers.longs(in, "reserved")),
                            BlockSet.of(CompactSerializers.longs(in, "spent"))));
        }
    }

    static final class OfBooking extends CompactSerializers.Of<Booking> {
        OfBooking() {
            super("Booking", Booking.class);
        }

        @Override
        public void write(CompactWriter out, Booking booking) {
            out.writeInt64("id", booking.id());
            out.writeString("job", booking.job().value());
            out.writeString("validator", booking.validator().value());
            out.writeString("executorClass", booking.executorClass().name());
            out.writeArrayOfInt64("blocks", booking.blocks().toArray());
            out.writeInt64("requiredNanos", booking.requiredNanos());
            out.writeInt64("reservedNanos", booking.reservedNanos());
            out.writeInt64("deadlineMillis", booking.deadlineMillis());
            out.writeNullableInt64(
                    "firstDeadlineMillis",
                    booking.firstDeadlineMillis().isPresent()
                            ? booking.firstDeadlineMillis().getAsLong()
                            : null);
            out.writeString("spentBy", booking.spentBy().map(CallId::value).orElse(null));
        }

        @Override
        public Booking read(CompactReader in) {
            @Nullable Long first = in.readNullableInt64("firstDeadlineMillis");
            return new Booking(
                    in.readInt64("id"),
                    new JobId(CompactSerializers.string(in, "job")),
                    Names.hotkey(CompactSerializers.string(in, "validator")),
                    Names.executorClass(CompactSerializers.string(in, "executorClass")),
                    BlockSet.of(CompactSerializers.longs(in, "blocks")),
                    in.readInt64("requiredNanos"),
                    in.readInt64("reservedNanos"),
                    in.readInt64("deadlineMillis"),
                    first == null ? OptionalLong.empty() : OptionalLong.of(first),
                    Optional.ofNullable(in.readString("spentBy")).map(CallId::new));
        }
    }

    static final class OfAnswer extends CompactSerializers.Of<Answer> {
        OfAnswer() {
            super("Answer", Answer.class);
        }

        @Override
        public void write(CompactWriter out, Answer answer) {
            out.writeString("call", answer.call().value());
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                LedgerWire.writeOutcome(new DataOutputStream(bytes), answer.outcome());
            } catch (IOException e) {
                throw new UncheckedIOException("Writing to memory failed", e);
            }
            out.writeArrayOfInt8("outcome", bytes.toByteArray());
        }

        @Override
        public Answer read(CompactReader in) {
            byte[] bytes = Objects.requireNonNull(in.readArrayOfInt8("outcome"));
            try {
                return new Answer(
                        new CallId(CompactSerializers.string(in, "call")),
                        LedgerWire.readOutcome(new DataInputStream(new ByteArrayInputStream(bytes))));
            } catch (IOException e) {
                throw new UncheckedIOException("An answer that can't be read", e);
            }
        }
    }

    /** A lock, for whoever looks at the map. */
    static final class OfLock extends CompactSerializers.Of<LockBook> {
        OfLock() {
            super("Lock", LockBook.class);
        }

        @Override
        public void write(CompactWriter out, LockBook lock) {
            LockBook.Holder holder = lock.holder().orElse(null);
            out.writeInt64("token", lock.token());
            out.writeString("call", holder == null ? null : holder.call().value());
            out.writeString("owner", holder == null ? null : holder.owner());
            out.writeString("reason", holder == null ? null : holder.reason());
            out.writeInt64("sinceMillis", holder == null ? 0 : holder.sinceMillis());
            out.writeInt64("untilMillis", holder == null ? 0 : holder.untilMillis());
        }

        @Override
        public LockBook read(CompactReader in) {
            String call = in.readString("call");
            return new LockBook(
                    in.readInt64("token"),
                    call == null
                            ? Optional.empty()
                            : Optional.of(new LockBook.Holder(
                                    new CallId(call),
                                    CompactSerializers.string(in, "owner"),
                                    CompactSerializers.string(in, "reason"),
                                    in.readInt64("sinceMillis"),
                                    in.readInt64("untilMillis"))));
        }
    }
}
