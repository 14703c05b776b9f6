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
import io.quartermaster.node.cycle.SlotCommand;
import io.quartermaster.node.events.EventBatch;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockSet;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.ForeignVerdict;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerCommand.Claim;
import io.quartermaster.node.ledger.OfferedBlocks;
import io.quartermaster.node.ledger.SpendingWindow;
import io.quartermaster.node.ledger.ValidatorStakes;
import io.quartermaster.node.locks.LockCommand;
import io.quartermaster.node.params.Parameter;
import io.quartermaster.node.params.ParameterBook;
import io.quartermaster.node.params.ParameterChange;
import io.quartermaster.node.receipts.TransferCheckpoint;
import io.quartermaster.node.views.Decided;
import io.quartermaster.node.views.Entry;
import io.quartermaster.node.views.Mark;
import io.quartermaster.node.views.View;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

/** Records of each kind, as random as they can be. */
final class Records {
    private Records() {}

    static Object random(Random random, RecordKind<?> kind) {
        if (kind == RecordKind.BLOCKS) {
            ValidatorStakes stakes = ValidatorStakes.of(
                    List.of(TestGrids.VALIDATOR, new Hotkey("5Other")), random.nextDouble(), random.nextInt(9));
            BlockRecord seen =
                    BlockRecord.seen(random.nextInt(1000), random.nextInt(99_999), text(random), stakes, "neurons");
            return random.nextBoolean() ? seen : seen.finalisedBy(seen.timeMillis() + 12_000, 1.5);
        }
        if (kind == RecordKind.NEURONS) {
            return NeuronList.of(List.of(new Neuron(
                    random.nextInt(256),
                    new Hotkey("5Cold"),
                    new Miner(TestGrids.MINER, "10.0.0.1", 1 + random.nextInt(65_535), 4, text(random)))));
        }
        if (kind == RecordKind.MANIFESTS) {
            return new MinerManifests(
                    List.of(new Manifest(TestGrids.MINER, TestGrids.GPU, random.nextInt(1000), random.nextInt(9))));
        }
        if (kind == RecordKind.INCIDENTS) {
            MinerIncidentType[] types = MinerIncidentType.values();
            return new MinerIncident(
                    types[random.nextInt(types.length)],
                    TestGrids.MINER,
                    new JobId("job-" + random.nextInt(9)),
                    TestGrids.GPU,
                    Instant.ofEpochMilli(random.nextInt()));
        }
        if (kind == RecordKind.EVENTS) {
            return EventBatch.ofFirst(List.of(
                    SystemEvent.ofMiner(
                            Instant.ofEpochMilli(random.nextInt()),
                            EventType.MANIFEST_TIMEOUT,
                            TestGrids.MINER,
                            "no answer for " + random.nextInt(99) + " s"),
                    SystemEvent.of(Instant.ofEpochMilli(random.nextInt()), EventType.JOB_ROUTED, "job 7")));
        }
        if (kind == RecordKind.PARAMETERS) {
            return ParameterBook.EMPTY.with(List.of(new ParameterChange(
                    Instant.ofEpochMilli(random.nextInt()),
                    "anna",
                    Parameter.RECEIPT_TRANSFER_INTERVAL.key(),
                    "2",
                    Integer.toString(random.nextInt(9) + 1),
                    text(random).orElse(""))));
        }
        if (kind == RecordKind.CHECKPOINTS) {
            return new TransferCheckpoint(List.of(new TransferCheckpoint.Mark(
                    5_896_660 + random.nextInt(60), random.nextInt(9_000), random.nextBoolean())));
        }
        if (kind == RecordKind.VERDICTS) {
            return new ForeignVerdict(
                    new JobId("job-" + random.nextInt(9)),
                    TestGrids.VALIDATOR,
                    TestGrids.MINER,
                    TestGrids.GPU,
                    "digest " + random.nextInt(9),
                    Instant.ofEpochSecond(1_700_000_000, 1000L * random.nextInt(1_000_000)),
                    offered(random));
        }
        if (kind == RecordKind.BLACKLIST) {
            BlacklistReason[] reasons = BlacklistReason.values();
            return new BlacklistEntry(
                    TestGrids.MINER,
                    reasons[random.nextInt(reasons.length)],
                    text(random).orElse(""),
                    Instant.ofEpochMilli(random.nextInt()),
                    random.nextBoolean() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(random.nextInt())));
        }
        if (kind == RecordKind.CYCLES) {
            return new CycleAllowances(
                    random.nextInt(9999) - 14,
                    random.nextInt(9999),
                    Map.of(TestGrids.VALIDATOR, 0.25 + random.nextDouble() / 2),
                    Map.of(TestGrids.MINER, 1 + random.nextInt(9)));
        }
        return kind == RecordKind.RECEIPTS ? receipt(random) : new BigInteger(200, random);
    }

    private static OfferedBlocks offered(Random random) {
        List<Long> some = List.of(7L, (long) random.nextInt(1000));
        return new OfferedBlocks(
                random.nextInt(), random.nextInt(), some, List.of(), some, List.of((long) random.nextInt(9)));
    }

    /** Records of a journal: a view, and decisions about a lock and all kinds of records. */
    static List<byte[]> journal(Random random) {
        List<byte[]> written = new ArrayList<>();
        BookJournal journal = new BookJournal((record, durable) -> written.add(record), durable -> {});
        BookMachine machine = new BookMachine();
        journal.installed(new View(9, new byte[] {1, 2, 3}), List.of(), () -> {});
        BlockTable blocks = BlockTable.over(neurons -> Set.of());
        for (int i = 0; i < 300; i++) {
            CallId call = new CallId("call-" + i);
            RecordKind<?> kind =
                    RecordKind.all().get(random.nextInt(RecordKind.all().size()));
            boolean lock = random.nextInt(4) == 0;
            String key = lock ? Book.LOCK_PREFIX + "x" : Book.keyOf(kind, 1);
            Order order = lock
                    ? new Order.ToLock(new LockCommand.Acquire(call, "anna", "for a test", 1000))
                    : new Order.ToRecords(kind, new RecordPage.Command.Put(call, "7", random(random, kind)));
            Ruling ruling = machine.decide(machine.fresh(key), order, blocks, i, i);
            journal.decided(new Decided<>(key, 7, new Mark(9, 1), 2, ruling), () -> {});
        }
        String slots = Book.SLOTS_PREFIX + TestGrids.MINER;
        Book holding = machine.fresh(slots);
        for (SlotCommand command : slotCommands(random)) {
            Ruling ruling = machine.decide(holding, new Order.ToSlots(command), blocks, 1, 1);
            journal.decided(new Decided<>(slots, 7, new Mark(9, 1), 2, ruling), () -> {});
            holding = machine.apply(holding, ruling);
        }
        journal.copied(9, new Entry<>(slots, new Mark(9, 2), holding), () -> {});
        LedgerCommand state = new LedgerCommand.State(
                new CallId("state"), 1, 100, Map.of(TestGrids.GPU, new Claim(2, 2)), BlockSet.EMPTY, 1);
        Ruling stated = machine.decide(machine.fresh(TestGrids.MINER.value()), new Order.ToMiner(state), blocks, 1, 1);
        journal.decided(new Decided<>(TestGrids.MINER.value(), 7, new Mark(9, 1), 2, stated), () -> {});
        Book book = machine.apply(machine.fresh(TestGrids.MINER.value()), stated);
        LedgerCommand charge = new LedgerCommand.Charge(
                new CallId("charge"),
                1,
                TestGrids.VALIDATOR,
                TestGrids.GPU,
                new JobId("job-1"),
                0,
                List.of(7L, 8L),
                new SpendingWindow(9, 0, 9));
        Ruling charged = machine.decide(book, new Order.ToMiner(charge), blocks, 1, 1);
        journal.decided(new Decided<>(TestGrids.MINER.value(), 8, new Mark(9, 1), 2, charged), () -> {});
        book = machine.apply(book, charged);
        journal.copied(9, new Entry<>(TestGrids.MINER.value(), new Mark(9, 2), book), () -> {});
        return written;
    }

    /** Commands for a miner's slots, each kind of which gets each kind of answer. */
    static List<SlotCommand> slotCommands(Random random) {
        List<SlotCommand> commands = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            CallId call = new CallId("slot-" + i);
            JobId job = new JobId("job-" + random.nextInt(5));
            commands.add(
                    random.nextInt(3) == 0
                            ? new SlotCommand.Accepted(call, job, random.nextBoolean())
                            : new SlotCommand.Hold(
                                    call,
                                    job,
                                    TestGrids.GPU,
                                    1 + random.nextInt(9),
                                    708,
                                    random.nextBoolean() ? OptionalLong.empty() : OptionalLong.of(random.nextInt(20)),
                                    1000,
                                    random.nextBoolean() ? Set.of() : Set.of(new JobId("ongoing")),
                                    1 + random.nextInt(3)));
        }
        return commands;
    }

    private static Optional<String> text(Random random) {
        return random.nextBoolean() ? Optional.empty() : Optional.of("text " + random.nextInt(9));
    }

    private static SignedReceipt receipt(Random random) {
        JobId job = new JobId("job-" + random.nextInt(9));
        Instant time = Instant.ofEpochSecond(1_700_000_000, 1000L * random.nextInt(1_000_000));
        Duration span = Duration.ofNanos(1000L * random.nextInt());
        Receipt receipt = switch (random.nextInt(3)) {
            case 0 ->
                new Receipt.Started(
                        job,
                        TestGrids.MINER,
                        TestGrids.VALIDATOR,
                        time,
                        TestGrids.GPU,
                        random.nextBoolean(),
                        span.abs());
            case 1 -> new Receipt.Accepted(job, TestGrids.MINER, TestGrids.VALIDATOR, time, time, span.abs());
            default ->
                new Receipt.Finished(
                        job,
                        TestGrids.MINER,
                        TestGrids.VALIDATOR,
                        time,
                        time,
                        span.abs(),
                        random.nextInt(90),
                        List.of(5L, (long) (6 + random.nextInt(7))));
        };
        return new SignedReceipt(receipt, "0x11", "0x22");
    }
}
