package io.quartermaster.node.grid;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Fence;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.node.ledger.Account;
import io.quartermaster.node.ledger.Answers;
import io.quartermaster.node.ledger.BlockSet;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.CountRuns;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerCommand.Claim;
import io.quartermaster.node.ledger.LedgerDecision;
import io.quartermaster.node.ledger.LedgerDecision.Change;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.ledger.OfferedBlocks;
import io.quartermaster.node.ledger.SpendingWindow;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * Commands, decisions and answers as bytes. Each begins with the version of its format and the number of its kind; a number
 * once given out is never used for anything else, and what reads a format goes on reading it.
 */
final class LedgerWire {
    private static final int FORMAT = 1;

    /** As the first, with the first deadlines of reservations that were extended; written only where there are any. */
    private static final int EXTENDED_FORMAT = 2;

    private static final int SPENT = 1;
    private static final int EXTENDED = 2;

    private LedgerWire() {}

    // Commands

    static void writeCommand(DataOutput out, LedgerCommand command) throws IOException {
        out.writeByte(FORMAT);
        out.writeByte(kind(command));
        out.writeUTF(command.call().value());
        out.writeLong(command.sentMillis());
        if (command instanceof LedgerCommand.Reserve reserve) {
            out.writeUTF(reserve.validator().value());
            out.writeUTF(reserve.executorClass().name());
            out.writeUTF(reserve.job().value());
            out.writeLong(reserve.requiredNanos());
            out.writeLong(reserve.startBlock());
            out.writeLong(reserve.ttlMillis());
            out.writeBoolean(reserve.ongoing().isPresent());
            if (reserve.ongoing().isPresent()) {
                writeJobs(out, reserve.ongoing().get());
            }
        } else if (command instanceof LedgerCommand.Undo undo) {
            out.writeLong(undo.reservation());
        } else if (command instanceof LedgerCommand.Spend spend) {
            out.writeLong(spend.reservation());
        } else if (command instanceof LedgerCommand.State state) {
            out.writeLong(state.block());
            out.writeInt(state.claims().size());
            for (Map.Entry<ExecutorClass, Claim> claim : state.claims().entrySet()) {
                out.writeUTF(claim.getKey().name());
                out.writeInt(claim.getValue().said());
                out.writeInt(claim.getValue().stored());
            }
            writeBlocks(out, state.frozen());
            out.writeInt(state.numberIfNew());
        } else if (command instanceof LedgerCommand.Evict evict) {
            out.writeLong(evict.last());
        } else if (command instanceof LedgerCommand.Extend extend) {
            out.writeLong(extend.reservation());
            out.writeLong(extend.ttlMillis());
        } else if (command instanceof LedgerCommand.Charge charge) {
            out.writeUTF(charge.validator().value());
            out.writeUTF(charge.executorClass().name());
            out.writeUTF(charge.job().value());
            out.writeLong(charge.requiredNanos());
            writeList(out, charge.offered());
            out.writeLong(charge.window().jobBlock());
            out.writeLong(charge.window().first());
            out.writeLong(charge.window().last());
        } else if (command instanceof LedgerCommand.Fenced fenced) {
            out.writeUTF(fenced.fence().lock());
            out.writeLong(fenced.fence().token());
            writeCommand(out, fenced.command());
        }
    }

    private static int kind(LedgerCommand command) {
        if (command instanceof LedgerCommand.Reserve) {
            return 1;
        } else if (command instanceof LedgerCommand.Undo) {
            return 2;
        } else if (command instanceof LedgerCommand.Spend) {
            return 3;
        } else if (command instanceof LedgerCommand.Expire) {
            return 4;
        } else if (command instanceof LedgerCommand.State) {
            return 5;
        } else if (command instanceof LedgerCommand.Evict) {
            return 6;
        } else if (command instanceof LedgerCommand.Extend) {
            return 8;
        } else if (command instanceof LedgerCommand.Charge) {
            return 9;
        }
        return 7;
    }

    static LedgerCommand readCommand(DataInput in) throws IOException {
        requireFormat(in);
        int kind = in.readByte();
        CallId call = new CallId(in.readUTF());
        long sentMillis = in.readLong();
        return switch (kind) {
            case 1 ->
                new LedgerCommand.Reserve(
                        call,
                        sentMillis,
                        Names.hotkey(in),
                        Names.executorClass(in),
                        new JobId(in.readUTF()),
                        in.readLong(),
                        in.readLong(),
                        in.readLong(),
                        in.readBoolean() ? Optional.of(readJobs(in)) : Optional.empty());
            case 2 -> new LedgerCommand.Undo(call, sentMillis, in.readLong());
            case 3 -> new LedgerCommand.Spend(call, sentMillis, in.readLong());
            case 4 -> new LedgerCommand.Expire(call, sentMillis);
            case 5 ->
                new LedgerCommand.State(call, sentMillis, in.readLong(), readClaims(in), readBlocks(in), in.readInt());
            case 6 -> new LedgerCommand.Evict(call, sentMillis, in.readLong());
            case 7 -> new LedgerCommand.Fenced(new Fence(in.readUTF(), in.readLong()), readCommand(in));
            case 8 -> new LedgerCommand.Extend(call, sentMillis, in.readLong(), in.readLong());
            case 9 ->
                new LedgerCommand.Charge(
                        call,
                        sentMillis,
                        Names.hotkey(in),
                        Names.executorClass(in),
                        new JobId(in.readUTF()),
                        in.readLong(),
                        readList(in),
                        new SpendingWindow(in.readLong(), in.readLong(), in.readLong()));
            default -> throw new IOException("Unknown kind of ledger command: " + kind);
        };
    }

    private static Map<ExecutorClass, Claim> readClaims(DataInput in) throws IOException {
        Map<ExecutorClass, Claim> claims = new HashMap<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            claims.put(Names.executorClass(in), new Claim(in.readInt(), in.readInt()));
        }
        return claims;
    }

    private static void writeJobs(DataOutput out, Set<JobId> jobs) throws IOException {
        out.writeInt(jobs.size());
        for (JobId job : jobs) {
            out.writeUTF(job.value());
        }
    }

    private static Set<JobId> readJobs(DataInput in) throws IOException {
        Set<JobId> jobs = new HashSet<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            jobs.add(new JobId(in.readUTF()));
        }
        return jobs;
    }

    // Decisions

    static void writeDecision(DataOutput out, LedgerDecision decision) throws IOException {
        out.writeByte(format(extended(decision.outcome())));
        out.writeLong(decision.atMillis());
        out.writeBoolean(decision.remember().isPresent());
        if (decision.remember().isPresent()) {
            out.writeUTF(decision.remember().get().value());
        }
        writeOutcome(out, decision.outcome());
        out.writeInt(decision.changes().size());
        for (Change change : decision.changes()) {
            writeChange(out, change);
        }
    }

    static LedgerDecision readDecision(DataInput in) throws IOException {
        requireFormat(in);
        long atMillis = in.readLong();
        Optional<CallId> remember = in.readBoolean() ? Optional.of(new CallId(in.readUTF())) : Optional.empty();
        LedgerOutcome outcome = readOutcome(in);
        List<Change> changes = new ArrayList<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            changes.add(readChange(in));
        }
        return new LedgerDecision(atMillis, changes, outcome, remember);
    }

    private static void writeChange(DataOutput out, Change change) throws IOException {
        if (change instanceof LedgerDecision.Reserved reserved) {
            out.writeByte(1);
            writeBooking(out, reserved.booking());
        } else if (change instanceof LedgerDecision.Released released) {
            out.writeByte(2);
            out.writeLong(released.reservation());
            out.writeBoolean(released.expired());
        } else if (change instanceof LedgerDecision.Spent spent) {
            out.writeByte(3);
            out.writeLong(spent.reservation());
            out.writeUTF(spent.call().value());
        } else if (change instanceof LedgerDecision.Stated stated) {
            out.writeByte(4);
            out.writeUTF(stated.executorClass().name());
            out.writeLong(stated.block());
            out.writeInt(stated.count());
            out.writeBoolean(stated.drop());
            writeBlocks(out, stated.frozen());
        } else if (change instanceof LedgerDecision.Evicted evicted) {
            out.writeByte(5);
            out.writeLong(evicted.last());
        } else if (change instanceof LedgerDecision.Opened opened) {
            out.writeByte(6);
            out.writeInt(opened.number());
        } else if (change instanceof LedgerDecision.Fenced fenced) {
            out.writeByte(7);
            out.writeUTF(fenced.lock());
            out.writeLong(fenced.token());
        } else if (change instanceof LedgerDecision.Extended extended) {
            out.writeByte(8);
            out.writeLong(extended.reservation());
            out.writeLong(extended.deadlineMillis());
        } else if (change instanceof LedgerDecision.Charged charged) {
            out.writeByte(9);
            writeBooking(out, charged.booking());
        }
    }

    private static Change readChange(DataInput in) throws IOException {
        int kind = in.readByte();
        return switch (kind) {
            case 1 -> new LedgerDecision.Reserved(readBooking(in));
            case 2 -> new LedgerDecision.Released(in.readLong(), in.readBoolean());
            case 3 -> new LedgerDecision.Spent(in.readLong(), new CallId(in.readUTF()));
            case 4 ->
                new LedgerDecision.Stated(
                        Names.executorClass(in), in.readLong(), in.readInt(), in.readBoolean(), readBlocks(in));
            case 5 -> new LedgerDecision.Evicted(in.readLong());
            case 6 -> new LedgerDecision.Opened(in.readInt());
            case 7 -> new LedgerDecision.Fenced(in.readUTF(), in.readLong());
            case 8 -> new LedgerDecision.Extended(in.readLong(), in.readLong());
            case 9 -> new LedgerDecision.Charged(readBooking(in));
            default -> throw new IOException("Unknown kind of ledger change: " + kind);
        };
    }

    // Answers

    static void writeOutcome(DataOutput out, LedgerOutcome outcome) throws IOException {
        if (outcome instanceof LedgerOutcome.Reserved reserved) {
            out.writeByte(1);
            writeBooking(out, reserved.booking());
            out.writeInt(reserved.busy());
            out.writeInt(reserved.executors());
        } else if (outcome instanceof LedgerOutcome.Undone undone) {
            out.writeByte(2);
            out.writeLong(undone.reservation());
        } else if (outcome instanceof LedgerOutcome.Spent spent) {
            out.writeByte(3);
            out.writeLong(spent.reservation());
        } else if (outcome instanceof LedgerOutcome.Done done) {
            out.writeByte(4);
            out.writeInt(done.changes());
        } else if (outcome instanceof LedgerOutcome.NotEnough notEnough) {
            out.writeByte(5);
            out.writeLong(notEnough.availableNanos());
        } else if (outcome instanceof LedgerOutcome.NoFreeExecutor busy) {
            out.writeByte(6);
            out.writeInt(busy.busy());
            out.writeInt(busy.executors());
        } else if (outcome instanceof LedgerOutcome.JobReused reused) {
            out.writeByte(7);
            out.writeLong(reused.active());
            out.writeUTF(reused.difference());
        } else if (outcome instanceof LedgerOutcome.NotFound notFound) {
            out.writeByte(8);
            out.writeLong(notFound.reservation());
        } else if (outcome instanceof LedgerOutcome.AlreadySpent spent) {
            out.writeByte(9);
            out.writeLong(spent.reservation());
        } else if (outcome instanceof LedgerOutcome.TooLate late) {
            out.writeByte(10);
            out.writeLong(late.lateMillis());
        } else if (outcome instanceof LedgerOutcome.StaleToken stale) {
            out.writeByte(11);
            out.writeUTF(stale.lock());
            out.writeLong(stale.newestToken());
        } else if (outcome instanceof LedgerOutcome.Extended extended) {
            out.writeByte(12);
            writeBooking(out, extended.booking());
        } else if (outcome instanceof LedgerOutcome.TooLong tooLong) {
            out.writeByte(13);
            out.writeLong(tooLong.reservation());
            out.writeLong(tooLong.latestMillis());
        } else if (outcome instanceof LedgerOutcome.Charged charged) {
            out.writeByte(14);
            writeOffered(out, charged.blocks());
            writeJobs(out, charged.holders());
        }
    }

    static LedgerOutcome readOutcome(DataInput in) throws IOException {
        int kind = in.readByte();
        return switch (kind) {
            case 1 -> new LedgerOutcome.Reserved(readBooking(in), in.readInt(), in.readInt());
            case 2 -> new LedgerOutcome.Undone(in.readLong());
            case 3 -> new LedgerOutcome.Spent(in.readLong());
            case 4 -> new LedgerOutcome.Done(in.readInt());
            case 5 -> new LedgerOutcome.NotEnough(in.readLong());
            case 6 -> new LedgerOutcome.NoFreeExecutor(in.readInt(), in.readInt());
            case 7 -> new LedgerOutcome.JobReused(in.readLong(), in.readUTF());
            case 8 -> new LedgerOutcome.NotFound(in.readLong());
            case 9 -> new LedgerOutcome.AlreadySpent(in.readLong());
            case 10 -> new LedgerOutcome.TooLate(in.readLong());
            case 11 -> new LedgerOutcome.StaleToken(in.readUTF(), in.readLong());
            case 12 -> new LedgerOutcome.Extended(readBooking(in));
            case 13 -> new LedgerOutcome.TooLong(in.readLong(), in.readLong());
            case 14 -> new LedgerOutcome.Charged(readOffered(in), readJobs(in));
            default -> throw new IOException("Unknown kind of ledger answer: " + kind);
        };
    }

    // Ledgers

    static void writeLedger(DataOutput out, MinerLedger ledger) throws IOException {
        out.writeByte(format(extended(ledger)));
        out.writeUTF(ledger.miner().value());
        out.writeInt(ledger.number());
        out.writeLong(ledger.version());
        out.writeLong(ledger.reservationsMade());
        out.writeInt(ledger.classes().size());
        for (ClassBook book : ledger.classes().values()) {
            out.writeUTF(book.executorClass().name());
            writeRuns(out, book.stated());
            writeRuns(out, book.counted());
            writeLongs(out, book.drops().stream().mapToLong(Long::longValue).toArray());
            out.writeInt(book.accounts().size());
            for (Map.Entry<Hotkey, Account> account : book.accounts().entrySet()) {
                out.writeUTF(account.getKey().value());
                writeBlocks(out, account.getValue().reserved());
                writeBlocks(out, account.getValue().spent());
            }
        }
        out.writeInt(ledger.bookings().size());
        for (Booking booking : ledger.bookings().values()) {
            writeBooking(out, booking);
        }
        out.writeLong(ledger.answers().youngSinceMillis());
        writeAnswers(out, ledger.answers().young());
        writeAnswers(out, ledger.answers().old());
        out.writeInt(ledger.fences().size());
        for (Map.Entry<String, Long> fence : ledger.fences().entrySet()) {
            out.writeUTF(fence.getKey());
            out.writeLong(fence.getValue());
        }
    }

    static MinerLedger readLedger(DataInput in) throws IOException {
        requireFormat(in);
        Hotkey miner = Names.hotkey(in);
        int number = in.readInt();
        long version = in.readLong();
        long made = in.readLong();
        List<ClassBook> classes = new ArrayList<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            classes.add(readClass(in));
        }
        List<Booking> bookings = new ArrayList<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            bookings.add(readBooking(in));
        }
        Answers answers = new Answers(in.readLong(), readAnswers(in), readAnswers(in));
        PMap<String, Long> fences = HashTreePMap.empty();
        for (int left = BookWire.size(in); left > 0; left--) {
            fences = fences.plus(in.readUTF(), in.readLong());
        }
        return LedgerSerializers.ledger(miner, number, version, made, classes, bookings, answers, fences);
    }

    private static ClassBook readClass(DataInput in) throws IOException {
        ExecutorClass executorClass = Names.executorClass(in);
        CountRuns stated = readRuns(in);
        CountRuns counted = readRuns(in);
        List<Long> drops = Arrays.stream(readLongs(in)).boxed().toList();
        Map<Hotkey, Account> accounts = new HashMap<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            accounts.put(Names.hotkey(in), new Account(readBlocks(in), readBlocks(in)));
        }
        return new ClassBook(executorClass, stated, counted, drops, HashTreePMap.from(accounts), HashTreePMap.empty());
    }

    private static void writeRuns(DataOutput out, CountRuns runs) throws IOException {
        writeLongs(out, runs.starts());
        for (int count : runs.counts()) {
            out.writeInt(count);
        }
    }

    private static CountRuns readRuns(DataInput in) throws IOException {
        long[] starts = readLongs(in);
        int[] counts = new int[starts.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = in.readInt();
        }
        return CountRuns.of(starts, counts);
    }

    private static void writeAnswers(DataOutput out, Map<CallId, LedgerOutcome> answers) throws IOException {
        out.writeInt(answers.size());
        for (Map.Entry<CallId, LedgerOutcome> answer : answers.entrySet()) {
            out.writeUTF(answer.getKey().value());
            writeOutcome(out, answer.getValue());
        }
    }

    private static PMap<CallId, LedgerOutcome> readAnswers(DataInput in) throws IOException {
        Map<CallId, LedgerOutcome> answers = new HashMap<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            answers.put(new CallId(in.readUTF()), readOutcome(in));
        }
        return HashTreePMap.from(answers);
    }

    // Parts

    static void writeBooking(DataOutput out, Booking booking) throws IOException {
        out.writeLong(booking.id());
        out.writeUTF(booking.job().value());
        out.writeUTF(booking.validator().value());
        out.writeUTF(booking.executorClass().name());
        writeBlocks(out, booking.blocks());
        out.writeLong(booking.requiredNanos());
        out.writeLong(booking.reservedNanos());
        out.writeLong(booking.deadlineMillis());
        out.writeByte((booking.spent() ? SPENT : 0) | (extended(booking) ? EXTENDED : 0));
        if (extended(booking)) {
            out.writeLong(booking.firstDeadlineMillis().getAsLong());
        }
        if (booking.spentBy().isPresent()) {
            out.writeUTF(booking.spentBy().get().value());
        }
    }

    static Booking readBooking(DataInput in) throws IOException {
        long id = in.readLong();
        JobId job = new JobId(in.readUTF());
        Hotkey validator = Names.hotkey(in);
        ExecutorClass executorClass = Names.executorClass(in);
        BlockSet blocks = readBlocks(in);
        long requiredNanos = in.readLong();
        long reservedNanos = in.readLong();
        long deadlineMillis = in.readLong();
        int more = in.readByte();
        return new Booking(
                id,
                job,
                validator,
                executorClass,
                blocks,
                requiredNanos,
                reservedNanos,
                deadlineMillis,
                (more & EXTENDED) != 0 ? OptionalLong.of(in.readLong()) : OptionalLong.empty(),
                (more & SPENT) != 0 ? Optional.of(new CallId(in.readUTF())) : Optional.empty());
    }

    private static int format(boolean extended) {
        return extended ? EXTENDED_FORMAT : FORMAT;
    }

    private static boolean extended(Booking booking) {
        return booking.firstDeadlineMillis().isPresent();
    }

    private static boolean extended(LedgerOutcome outcome) {
        return (outcome instanceof LedgerOutcome.Extended extended && extended(extended.booking()))
                || (outcome instanceof LedgerOutcome.Reserved reserved && extended(reserved.booking()));
    }

    private static boolean extended(MinerLedger ledger) {
        return ledger.bookings().values().stream().anyMatch(LedgerWire::extended)
                || ledger.answers().young().values().stream().anyMatch(LedgerWire::extended)
                || ledger.answers().old().values().stream().anyMatch(LedgerWire::extended);
    }

    private static void writeBlocks(DataOutput out, BlockSet blocks) throws IOException {
        writeLongs(out, blocks.toArray());
    }

    private static BlockSet readBlocks(DataInput in) throws IOException {
        return BlockSet.of(readLongs(in));
    }

    static void writeOffered(DataOutput out, OfferedBlocks blocks) throws IOException {
        out.writeLong(blocks.requiredNanos());
        out.writeLong(blocks.spendableNanos());
        writeList(out, blocks.spendable());
        writeList(out, blocks.outsideRange());
        writeList(out, blocks.alreadySpent());
        writeList(out, blocks.invalidated());
    }

    static OfferedBlocks readOffered(DataInput in) throws IOException {
        return new OfferedBlocks(in.readLong(), in.readLong(), readList(in), readList(in), readList(in), readList(in));
    }

    private static void writeList(DataOutput out, List<Long> numbers) throws IOException {
        writeLongs(out, numbers.stream().mapToLong(Long::longValue).toArray());
    }

    private static List<Long> readList(DataInput in) throws IOException {
        return Arrays.stream(readLongs(in)).boxed().toList();
    }

    private static void writeLongs(DataOutput out, long[] numbers) throws IOException {
        out.writeInt(numbers.length);
        for (long number : numbers) {
            out.writeLong(number);
        }
    }

    private static long[] readLongs(DataInput in) throws IOException {
        long[] numbers = new long[BookWire.size(in)];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = in.readLong();
        }
        return numbers;
    }

    private static void requireFormat(DataInput in) throws IOException {
        int format = in.readByte();
        if (format != FORMAT && format != EXTENDED_FORMAT) {
            throw new IOException("Ledger message in format " + format + ": this replica reads formats " + FORMAT
                    + " and " + EXTENDED_FORMAT);
        }
    }
}
