package io.quartermaster.node.grid;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.CallId;
import io.quartermaster.api.Fence;
import io.quartermaster.api.JobId;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockSet;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerCommand.Claim;
import io.quartermaster.node.ledger.ValidatorStakes;
import io.quartermaster.node.locks.LockBook;
import io.quartermaster.node.locks.LockCommand;
import io.quartermaster.node.views.Decided;
import io.quartermaster.node.views.Entry;
import io.quartermaster.node.views.Journal;
import io.quartermaster.node.views.Mark;
import io.quartermaster.node.views.Message;
import io.quartermaster.node.views.View;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is written can be read: books, decisions and messages, from a random life of a miner's books and a lock. */
class BookJournalTest {
    private final BookMachine machine = new BookMachine();
    private final Map<String, Entry<Book>> books = new HashMap<>();
    private final SortedMap<String, byte[]> snapshot = new TreeMap<>();
    private final List<byte[]> records = new ArrayList<>();
    private final BookJournal journal = new BookJournal((record, durable) -> records.add(record), durable -> {});
    private final BlockTable blocks = blocks();
    private View view = View.NONE;
    private long nowMillis = 1_700_000_000_000L;
    private int calls;

    private static BlockTable blocks() {
        ValidatorStakes stakes = ValidatorStakes.of(List.of(TestGrids.VALIDATOR), 1000);
        BlockTable table = BlockTable.over(neurons -> Set.of(TestGrids.MINER));
        for (long number = 100; number < 400; number++) {
            BlockRecord seen = BlockRecord.seen(number, number * 12_000, Optional.empty(), stakes, "neurons");
            table = table.with(table.changesFor(seen, 1.0));
        }
        return table;
    }

    private CallId call() {
        return new CallId("call-" + ++calls);
    }

    private Order order(Random random) {
        long reservation = (1L << 40) | (1 + random.nextInt(20));
        LedgerCommand command = switch (random.nextInt(7)) {
            case 0 -> new LedgerCommand.Undo(call(), nowMillis, reservation);
            case 1, 2 -> new LedgerCommand.Spend(call(), nowMillis, reservation);
            case 3 -> new LedgerCommand.Expire(call(), nowMillis);
            case 4 ->
                new LedgerCommand.State(
                        call(),
                        nowMillis,
                        100 + random.nextInt(300),
                        Map.of(TestGrids.GPU, new Claim(random.nextInt(4), 0)),
                        BlockSet.of(200, 201),
                        1);
            default ->
                new LedgerCommand.Reserve(
                        call(),
                        nowMillis,
                        TestGrids.VALIDATOR,
                        TestGrids.GPU,
                        new JobId("job-" + calls),
                        20_000_000_000L,
                        300,
                        120_000,
                        random.nextBoolean() ? Optional.empty() : Optional.of(Set.of(new JobId("other"))));
        };
        return new Order.ToMiner(
                random.nextInt(5) == 0
                        ? new LedgerCommand.Fenced(new Fence("lock", 1 + random.nextInt(3)), command)
                        : command);
    }

    private Order lockOrder(Random random) {
        return new Order.ToLock(
                switch (random.nextInt(4)) {
                    case 0 -> new LockCommand.Renew(call(), random.nextInt(4), 1000);
                    case 1 -> new LockCommand.Release(call(), random.nextInt(4));
                    case 2 -> new LockCommand.Draw(call(), 1 + random.nextInt(3));
                    default -> new LockCommand.Acquire(call(), "anna", "for a test", 1000);
                });
    }

    private Order recordOrder(Random random, RecordKind<?> kind) {
        String key = Integer.toString(768 + random.nextInt(20));
        return new Order.ToRecords(
                kind,
                random.nextInt(5) == 0
                        ? new RecordPage.Command.Remove(call(), List.of(key, "not there"))
                        : new RecordPage.Command.Put(call(), key, Records.random(random, kind)));
    }

    private void decide(String key, Order order) throws Exception {
        Order sent = Wires.through(order, BookWire::writeOrder, BookWire::readOrder);
        assertThat(sent).isEqualTo(order);
        Entry<Book> before = books.getOrDefault(key, new Entry<>(key, Mark.NONE, machine.fresh(key)));
        Ruling ruling = machine.decide(before.state(), sent, blocks, nowMillis, nowMillis);
        Mark mark = new Mark(view.number(), before.mark().sequence() + 1);
        Decided<Ruling> decided = new Decided<>(key, 7, mark, 2, ruling);
        assertThat(Wires.through(decided, BookWire::writeDecided, BookWire::readDecided))
                .isEqualTo(decided);
        Reply reply = Reply.decided(mark, ruling.outcome());
        assertThat(Wires.through(reply, BookWire::writeReply, BookWire::readReply))
                .isEqualTo(reply);
        books.put(key, new Entry<>(key, mark, machine.apply(before.state(), ruling)));
        journal.decided(decided, () -> {});
    }

    @Test
    void aReplicaRemembersWhatItWroteWhateverItHasCompacted() throws Exception {
        for (long seed = 1; seed <= 40; seed++) {
            Random random = new Random(seed);
            books.clear();
            records.clear();
            snapshot.clear();
            view = View.NONE;
            for (int step = 0; step < 120; step++) {
                nowMillis += random.nextInt(20_000);
                if (step % 40 == 0) {
                    View next = new View(view.number() + 8, new byte[] {1, 2, 3});
                    view = next;
                    journal.promised(next.number(), () -> {});
                    journal.installed(next, List.of(), () -> {});
                }
                decide(TestGrids.MINER.value(), order(random));
                decide(Book.LOCK_PREFIX + "follow", lockOrder(random));
                RecordKind<?> kind =
                        RecordKind.all().get(random.nextInt(RecordKind.all().size()));
                decide(Book.keyOf(kind, 3), recordOrder(random, kind));
                if (random.nextInt(15) == 0) {
                    compact();
                }
            }
            Journal.Memory<Book> memory = remembered().memory();

            assertThat(memory.entries()).as("seed %d", seed).isEqualTo(books);
            assertThat(memory.normal().number()).isEqualTo(view.number());
            assertThat(memory.promised()).isEqualTo(view.number());
            assertThat(memory.founded()).isTrue();
        }
    }

    private BookJournal.Remembered remembered() throws IOException {
        BookJournal.Remembered remembered = new BookJournal.Remembered(machine);
        for (Map.Entry<String, byte[]> entry : snapshot.entrySet()) {
            remembered.entry(entry.getKey(), entry.getValue());
        }
        for (byte[] record : records) {
            remembered.record(record);
        }
        return remembered;
    }

    /** A snapshot takes the place of all records before it. */
    private void compact() throws IOException {
        SortedMap<String, byte[]> entries = remembered().entries();
        snapshot.clear();
        snapshot.putAll(entries);
        records.clear();
    }

    /** One that was copied in an older view says nothing of the newer one, however high its number. */
    @Test
    void aCopyOfAnotherViewIsNotTaken() throws Exception {
        view = new View(9, new byte[] {1, 2, 3});
        journal.installed(view, List.of(), () -> {});
        decide(TestGrids.MINER.value(), order(new Random(1)));
        Entry<Book> old = new Entry<>(TestGrids.MINER.value(), new Mark(1, 7), machine.fresh(TestGrids.MINER.value()));
        journal.copied(1, old, () -> {});

        assertThat(remembered().memory().entries()).isEqualTo(books);
    }

    /** What earlier versions wrote is read for ever. */
    @Test
    void aBookThatAnEarlierVersionCopiedIsStillTaken() throws Exception {
        Entry<Book> book =
                new Entry<>(Book.LOCK_PREFIX + "x", new Mark(1, 7), new Book.OfLock(new LockBook(7, Optional.empty())));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(5);
        BookWire.writeEntries(out, List.of(book));
        records.add(bytes.toByteArray());

        assertThat(remembered().memory().entries()).containsExactly(Map.entry(book.key(), book));
    }

    @Test
    void everyMessageIsReadAsItWasWritten() throws Exception {
        Random random = new Random(1);
        view = new View(9, new byte[] {1, 2, 0});
        for (int step = 0; step < 30; step++) {
            decide(TestGrids.MINER.value(), order(random));
        }
        Entry<Book> entry = Objects.requireNonNull(books.get(TestGrids.MINER.value()));
        List<Message<Book>> messages = List.of(
                new Message.Prepare<>(9),
                new Message.Promise<>(9, true, 1, Map.of("5Miner", new Mark(1, 2))),
                new Message.Outrun<>(9, 17),
                new Message.Found<>(9),
                new Message.Founded<>(9),
                new Message.Fetch<>(9, List.of("5Miner", "lock/x")),
                new Message.Fetched<>(9, List.of(entry)),
                new Message.Installed<>(9),
                new Message.Held<>(9, Map.of("5Miner", 7L)),
                new Message.Pulse<>(9, 17, Map.of("5Miner", 7L)),
                new Message.Missed<>(9, "5Miner"),
                new Message.Copy<>(9, entry));
        for (Message<Book> message : messages) {
            assertThat(MessageWire.message(MessageWire.bytes(message))).isEqualTo(message);
        }
        Message.Install<Book> install = (Message.Install<Book>)
                MessageWire.message(MessageWire.bytes(new Message.Install<>(view, List.of(entry))));
        assertThat(install.changed()).containsExactly(entry);
        assertThat(install.next().number()).isEqualTo(9);
        assertThat(install.next().deciders()).containsExactly(1, 2, 0);
    }

    @Test
    void bytesThatAreNoMessageAreRefusedAndNothingElseHappens() {
        Random random = new Random(3);
        byte[] good = MessageWire.bytes(new Message.Promise<>(9, true, 1, Map.of("5Miner", new Mark(1, 2))));
        for (int i = 0; i < 5000; i++) {
            byte[] bad = good.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            Wires.readOrRefuse(() -> MessageWire.message(bad));
        }
    }
}
