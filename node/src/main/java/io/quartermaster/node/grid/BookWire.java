package io.quartermaster.node.grid;

import io.quartermaster.api.CallId;
import io.quartermaster.node.cycle.SlotOutcome;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.locks.LockBook;
import io.quartermaster.node.locks.LockCommand;
import io.quartermaster.node.locks.LockDecision;
import io.quartermaster.node.locks.LockOutcome;
import io.quartermaster.node.views.Decided;
import io.quartermaster.node.views.Entry;
import io.quartermaster.node.views.Mark;
import io.quartermaster.node.views.View;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Books, commands and decisions of every kind as bytes, for the network and for the journal. */
final class BookWire {
    private static final int MINER = 1;
    private static final int LOCK = 2;
    private static final int RECORDS = 3;
    private static final int SLOTS = 4;
    private static final int LONGEST_LIST = 1 << 24;

    private BookWire() {}

    static void writeOrder(DataOutput out, Order order) throws IOException {
        if (order instanceof Order.ToMiner miner) {
            out.writeByte(MINER);
            LedgerWire.writeCommand(out, miner.command());
        } else if (order instanceof Order.ToLock lock) {
            out.writeByte(LOCK);
            writeLockCommand(out, lock.command());
        } else if (order instanceof Order.ToRecords records) {
            out.writeByte(RECORDS);
            RecordWire.writeKind(out, records.kind());
            RecordWire.writeCommand(out, records.kind(), records.command());
        } else if (order instanceof Order.ToSlots slots) {
            out.writeByte(SLOTS);
            SlotWire.writeCommand(out, slots.command());
        }
    }

    static Order readOrder(DataInput in) throws IOException {
        int kind = kind(in);
        if (kind == RECORDS) {
            RecordKind<?> records = RecordWire.readKind(in);
            return new Order.ToRecords(records, RecordWire.readCommand(in, records));
        }
        if (kind == SLOTS) {
            return new Order.ToSlots(SlotWire.readCommand(in));
        }
        return kind == MINER ? new Order.ToMiner(LedgerWire.readCommand(in)) : new Order.ToLock(readLockCommand(in));
    }

    static void writeDecided(DataOutput out, Decided<Ruling> decided) throws IOException {
        out.writeUTF(decided.key());
        out.writeInt(decided.partition());
        writeMark(out, decided.mark());
        out.writeByte(decided.caller());
        if (decided.decision() instanceof Ruling.OnMiner miner) {
            out.writeByte(MINER);
            LedgerWire.writeDecision(out, miner.decision());
        } else if (decided.decision() instanceof Ruling.OnLock lock) {
            out.writeByte(LOCK);
            writeLock(out, lock.decision().after());
            writeLockOutcome(out, lock.decision().outcome());
        } else if (decided.decision() instanceof Ruling.OnRecords records) {
            out.writeByte(RECORDS);
            RecordWire.writeKind(out, records.kind());
            RecordWire.writeDecision(out, records.kind(), records.decision());
        } else if (decided.decision() instanceof Ruling.OnSlots slots) {
            out.writeByte(SLOTS);
            SlotWire.writeDecision(out, slots.decision());
        }
    }

    static Decided<Ruling> readDecided(DataInput in) throws IOException {
        String key = in.readUTF();
        int partition = in.readInt();
        Mark mark = readMark(in);
        int caller = in.readByte();
        return new Decided<>(key, partition, mark, caller, readRuling(in));
    }

    private static Ruling readRuling(DataInput in) throws IOException {
        int kind = kind(in);
        if (kind == RECORDS) {
            RecordKind<?> records = RecordWire.readKind(in);
            return new Ruling.OnRecords(records, RecordWire.readDecision(in, records));
        }
        if (kind == SLOTS) {
            return new Ruling.OnSlots(SlotWire.readDecision(in));
        }
        return kind == MINER
                ? new Ruling.OnMiner(LedgerWire.readDecision(in))
                : new Ruling.OnLock(new LockDecision(readLock(in), readLockOutcome(in)));
    }

    static void writeReply(DataOutput out, Reply reply) throws IOException {
        out.writeBoolean(reply.mark().isPresent());
        if (reply.mark().isPresent()) {
            writeMark(out, reply.mark().get());
            Object outcome = reply.outcome().orElseThrow(() -> new IOException("A decision without an answer"));
            if (outcome instanceof LedgerOutcome miner) {
                out.writeByte(MINER);
                LedgerWire.writeOutcome(out, miner);
            } else if (outcome instanceof RecordPage.Outcome records) {
                out.writeByte(RECORDS);
                out.writeBoolean(records.done());
            } else if (outcome instanceof SlotOutcome slots) {
                out.writeByte(SLOTS);
                SlotWire.writeOutcome(out, slots);
            } else {
                out.writeByte(LOCK);
                writeLockOutcome(out, (LockOutcome) outcome);
            }
        }
    }

    static Reply readReply(DataInput in) throws IOException {
        if (!in.readBoolean()) {
            return Reply.NOT_NOW;
        }
        Mark mark = readMark(in);
        int kind = kind(in);
        if (kind == RECORDS) {
            return Reply.decided(mark, new RecordPage.Outcome(in.readBoolean()));
        }
        if (kind == SLOTS) {
            return Reply.decided(mark, SlotWire.readOutcome(in));
        }
        return Reply.decided(mark, kind == MINER ? LedgerWire.readOutcome(in) : readLockOutcome(in));
    }

    static void writeEntries(DataOutput out, List<? extends Entry<Book>> entries) throws IOException {
        out.writeInt(entries.size());
        for (Entry<Book> entry : entries) {
            out.writeUTF(entry.key());
            writeMark(out, entry.mark());
            writeBook(out, entry.state());
        }
    }

    static void writeBook(DataOutput out, Book book) throws IOException {
        if (book instanceof Book.OfMiner miner) {
            out.writeByte(MINER);
            LedgerWire.writeLedger(out, miner.ledger());
        } else if (book instanceof Book.OfLock lock) {
            out.writeByte(LOCK);
            writeLock(out, lock.lock());
        } else if (book instanceof Book.OfRecords records) {
            out.writeByte(RECORDS);
            RecordWire.writePage(out, records.page());
        } else if (book instanceof Book.OfSlots slots) {
            out.writeByte(SLOTS);
            SlotWire.writeBook(out, slots.slots());
        }
    }

    static Book readBook(DataInput in) throws IOException {
        int kind = kind(in);
        if (kind == RECORDS) {
            return new Book.OfRecords(RecordWire.readPage(in));
        }
        if (kind == SLOTS) {
            return new Book.OfSlots(SlotWire.readBook(in));
        }
        return kind == MINER ? new Book.OfMiner(LedgerWire.readLedger(in)) : new Book.OfLock(readLock(in));
    }

    static List<Entry<Book>> readEntries(DataInput in) throws IOException {
        int size = size(in);
        List<Entry<Book>> entries = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            String key = in.readUTF();
            Mark mark = readMark(in);
            entries.add(new Entry<>(key, mark, readBook(in)));
        }
        return entries;
    }

    static void writeView(DataOutput out, View view) throws IOException {
        out.writeLong(view.number());
        byte[] deciders = view.deciders();
        out.writeInt(deciders.length);
        out.write(deciders);
    }

    static View readView(DataInput in) throws IOException {
        long number = in.readLong();
        byte[] deciders = new byte[size(in)];
        in.readFully(deciders);
        return new View(number, deciders);
    }

    static void writeMark(DataOutput out, Mark mark) throws IOException {
        out.writeLong(mark.view());
        out.writeLong(mark.sequence());
    }

    static Mark readMark(DataInput in) throws IOException {
        return new Mark(in.readLong(), in.readLong());
    }

    /** How many things follow; what can't be is not believed. */
    static int size(DataInput in) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > LONGEST_LIST) {
            throw new IOException("A list of " + size + " things");
        }
        return size;
    }

    private static int kind(DataInput in) throws IOException {
        int kind = in.readByte();
        if (kind != MINER && kind != LOCK && kind != RECORDS && kind != SLOTS) {
            throw new IOException("Unknown kind of book: " + kind);
        }
        return kind;
    }

    // Locks

    private static void writeLockCommand(DataOutput out, LockCommand command) throws IOException {
        if (command instanceof LockCommand.Acquire acquire) {
            out.writeByte(1);
            out.writeUTF(acquire.call().value());
            out.writeUTF(acquire.owner());
            out.writeUTF(acquire.reason());
            out.writeLong(acquire.leaseMillis());
        } else if (command instanceof LockCommand.Renew renew) {
            out.writeByte(2);
            out.writeUTF(renew.call().value());
            out.writeLong(renew.token());
            out.writeLong(renew.leaseMillis());
        } else if (command instanceof LockCommand.Release release) {
            out.writeByte(3);
            out.writeUTF(release.call().value());
            out.writeLong(release.token());
        } else if (command instanceof LockCommand.Draw draw) {
            out.writeByte(4);
            out.writeUTF(draw.call().value());
            out.writeInt(draw.count());
        }
    }

    private static LockCommand readLockCommand(DataInput in) throws IOException {
        int kind = in.readByte();
        CallId call = new CallId(in.readUTF());
        return switch (kind) {
            case 1 -> new LockCommand.Acquire(call, in.readUTF(), in.readUTF(), in.readLong());
            case 2 -> new LockCommand.Renew(call, in.readLong(), in.readLong());
            case 3 -> new LockCommand.Release(call, in.readLong());
            case 4 -> new LockCommand.Draw(call, in.readInt());
            default -> throw new IOException("Unknown kind of lock command: " + kind);
        };
    }

    private static void writeLock(DataOutput out, LockBook lock) throws IOException {
        out.writeLong(lock.token());
        out.writeBoolean(lock.holder().isPresent());
        if (lock.holder().isPresent()) {
            writeHolder(out, lock.holder().get());
        }
    }

    private static LockBook readLock(DataInput in) throws IOException {
        return new LockBook(in.readLong(), in.readBoolean() ? Optional.of(readHolder(in)) : Optional.empty());
    }

    private static void writeHolder(DataOutput out, LockBook.Holder holder) throws IOException {
        out.writeUTF(holder.call().value());
        out.writeUTF(holder.owner());
        out.writeUTF(holder.reason());
        out.writeLong(holder.sinceMillis());
        out.writeLong(holder.untilMillis());
    }

    private static LockBook.Holder readHolder(DataInput in) throws IOException {
        return new LockBook.Holder(new CallId(in.readUTF()), in.readUTF(), in.readUTF(), in.readLong(), in.readLong());
    }

    private static void writeLockOutcome(DataOutput out, LockOutcome outcome) throws IOException {
        if (outcome instanceof LockOutcome.Granted granted) {
            out.writeByte(1);
            out.writeLong(granted.token());
            out.writeLong(granted.untilMillis());
        } else if (outcome instanceof LockOutcome.Taken taken) {
            out.writeByte(2);
            out.writeLong(taken.token());
            writeHolder(out, taken.holder());
        } else if (outcome instanceof LockOutcome.Released) {
            out.writeByte(3);
        } else if (outcome instanceof LockOutcome.Lost lost) {
            out.writeByte(4);
            out.writeLong(lost.newestToken());
        }
    }

    private static LockOutcome readLockOutcome(DataInput in) throws IOException {
        int kind = in.readByte();
        return switch (kind) {
            case 1 -> new LockOutcome.Granted(in.readLong(), in.readLong());
            case 2 -> new LockOutcome.Taken(in.readLong(), readHolder(in));
            case 3 -> new LockOutcome.Released();
            case 4 -> new LockOutcome.Lost(in.readLong());
            default -> throw new IOException("Unknown kind of lock answer: " + kind);
        };
    }
}
