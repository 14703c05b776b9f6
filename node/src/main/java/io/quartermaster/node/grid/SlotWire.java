package io.quartermaster.node.grid;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.JobId;
import io.quartermaster.node.cycle.PreliminaryReservation;
import io.quartermaster.node.cycle.SlotBook;
import io.quartermaster.node.cycle.SlotCommand;
import io.quartermaster.node.cycle.SlotDecision;
import io.quartermaster.node.cycle.SlotOutcome;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.pcollections.HashTreePMap;

/** A miner's slots, their commands and decisions as bytes, for the network and for the disk. A layout is never changed. */
final class SlotWire {
    private static final int HOLD = 1;
    private static final int ACCEPTED = 2;
    private static final int HELD = 1;
    private static final int NO_FREE_EXECUTOR = 2;
    private static final int NOT_ENOUGH = 3;
    private static final int JOB_REUSED = 4;
    private static final int NOTED = 5;

    private SlotWire() {}

    static void writeCommand(DataOutput out, SlotCommand command) throws IOException {
        if (command instanceof SlotCommand.Hold hold) {
            out.writeByte(HOLD);
            out.writeUTF(hold.call().value());
            out.writeUTF(hold.job().value());
            out.writeUTF(hold.executorClass().name());
            out.writeLong(hold.nanos());
            out.writeLong(hold.cycle());
            out.writeBoolean(hold.allowanceNanos().isPresent());
            out.writeLong(hold.allowanceNanos().orElse(0));
            out.writeLong(hold.ttlMillis());
            writeJobs(out, hold.ongoing());
            out.writeInt(hold.executors());
        } else if (command instanceof SlotCommand.Accepted accepted) {
            out.writeByte(ACCEPTED);
            out.writeUTF(accepted.call().value());
            out.writeUTF(accepted.job().value());
            out.writeBoolean(accepted.finished());
        }
    }

    static SlotCommand readCommand(DataInput in) throws IOException {
        int kind = in.readByte();
        CallId call = new CallId(in.readUTF());
        JobId job = new JobId(in.readUTF());
        return switch (kind) {
            case HOLD -> readHold(in, call, job);
            case ACCEPTED -> new SlotCommand.Accepted(call, job, in.readBoolean());
            default -> throw new IOException("Unknown command for slots: " + kind);
        };
    }

    private static SlotCommand readHold(DataInput in, CallId call, JobId job) throws IOException {
        ExecutorClass executorClass = Names.executorClass(in);
        long nanos = in.readLong();
        long cycle = in.readLong();
        boolean checked = in.readBoolean();
        long allowanceNanos = in.readLong();
        return new SlotCommand.Hold(
                call,
                job,
                executorClass,
                nanos,
                cycle,
                checked ? OptionalLong.of(allowanceNanos) : OptionalLong.empty(),
                in.readLong(),
                Set.copyOf(readJobs(in)),
                in.readInt());
    }

    static void writeDecision(DataOutput out, SlotDecision decision) throws IOException {
        out.writeLong(decision.cycle());
        out.writeLong(decision.usedNanos());
        writeKept(out, decision.put());
        writeJobs(out, decision.removed());
        writeOutcome(out, decision.outcome());
    }

    static SlotDecision readDecision(DataInput in) throws IOException {
        return new SlotDecision(in.readLong(), in.readLong(), readKept(in), List.copyOf(readJobs(in)), readOutcome(in));
    }

    static void writeBook(DataOutput out, SlotBook book) throws IOException {
        out.writeLong(book.cycle());
        out.writeLong(book.usedNanos());
        writeKept(out, book.jobs());
    }

    static SlotBook readBook(DataInput in) throws IOException {
        return new SlotBook(in.readLong(), in.readLong(), HashTreePMap.from(readKept(in)));
    }

    static void writeOutcome(DataOutput out, SlotOutcome outcome) throws IOException {
        if (outcome instanceof SlotOutcome.Held held) {
            out.writeByte(HELD);
            out.writeLong(held.deadlineMillis());
            out.writeInt(held.busy());
            out.writeInt(held.executors());
        } else if (outcome instanceof SlotOutcome.NoFreeExecutor busy) {
            out.writeByte(NO_FREE_EXECUTOR);
            out.writeInt(busy.busy());
            out.writeInt(busy.executors());
        } else if (outcome instanceof SlotOutcome.NotEnough notEnough) {
            out.writeByte(NOT_ENOUGH);
            out.writeLong(notEnough.remainingNanos());
        } else if (outcome instanceof SlotOutcome.JobReused reused) {
            out.writeByte(JOB_REUSED);
            out.writeUTF(reused.difference());
        } else if (outcome instanceof SlotOutcome.Noted noted) {
            out.writeByte(NOTED);
            out.writeBoolean(noted.known());
        }
    }

    static SlotOutcome readOutcome(DataInput in) throws IOException {
        int kind = in.readByte();
        return switch (kind) {
            case HELD -> new SlotOutcome.Held(in.readLong(), in.readInt(), in.readInt());
            case NO_FREE_EXECUTOR -> new SlotOutcome.NoFreeExecutor(in.readInt(), in.readInt());
            case NOT_ENOUGH -> new SlotOutcome.NotEnough(in.readLong());
            case JOB_REUSED -> new SlotOutcome.JobReused(in.readUTF());
            case NOTED -> new SlotOutcome.Noted(in.readBoolean());
            default -> throw new IOException("Unknown answer of slots: " + kind);
        };
    }

    private static void writeKept(DataOutput out, Map<JobId, PreliminaryReservation> jobs) throws IOException {
        out.writeInt(jobs.size());
        for (Map.Entry<JobId, PreliminaryReservation> job : jobs.entrySet()) {
            out.writeUTF(job.getKey().value());
            out.writeUTF(job.getValue().executorClass().name());
            out.writeLong(job.getValue().nanos());
            out.writeLong(job.getValue().cycle());
            out.writeLong(job.getValue().deadlineMillis());
            out.writeBoolean(job.getValue().accepted());
        }
    }

    private static Map<JobId, PreliminaryReservation> readKept(DataInput in) throws IOException {
        Map<JobId, PreliminaryReservation> jobs = new HashMap<>();
        for (int left = BookWire.size(in); left > 0; left--) {
            jobs.put(
                    new JobId(in.readUTF()),
                    new PreliminaryReservation(
                            Names.executorClass(in), in.readLong(), in.readLong(), in.readLong(), in.readBoolean()));
        }
        return jobs;
    }

    private static void writeJobs(DataOutput out, Collection<JobId> jobs) throws IOException {
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
}
