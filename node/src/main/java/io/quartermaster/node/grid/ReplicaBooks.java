package io.quartermaster.node.grid;

import com.hazelcast.core.HazelcastInstance;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.cycle.SlotCommand;
import io.quartermaster.node.cycle.SlotShelf;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.LedgerDecision;
import io.quartermaster.node.ledger.LedgerShelf;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.locks.LockBook;
import io.quartermaster.node.views.Participant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * This replica's own copy of the books: what it holds by the protocol, and shelves of it for reading. Safe for use by several
 * threads.
 */
final class ReplicaBooks {
    private static final String CONTEXT_KEY = "quartermaster.books";

    private final InstantSource clock;
    private final InstantSource realClock = InstantSource.system();
    private final BookMachine machine;
    private final boolean plain;
    private final LedgerShelf shelf = new LedgerShelf();
    private final SlotShelf slots = new SlotShelf();
    private final Map<String, LockBook> locks = new ConcurrentHashMap<>();
    private final Map<String, Shared<?>> shared = new ConcurrentHashMap<>();
    private final Expiries expiries;
    private volatile BlockTable blocks = BlockTable.over(this::hotkeys);
    private volatile @Nullable Participant<Book, Ruling> participant;

    /** Who wants to know which reservations this replica is about to release. */
    interface Expiries {
        void expiring(Hotkey miner, Booking reservation, long atMillis);
    }

    ReplicaBooks(InstantSource clock, Experiment experiment, Expiries expiries) {
        this.clock = clock;
        this.expiries = expiries;
        this.machine = TamperedMachine.of(experiment);
        this.plain = experiment == Experiment.PLAIN_HAZELCAST;
    }

    static ReplicaBooks of(HazelcastInstance member) {
        Object books = member.getUserContext().get(CONTEXT_KEY);
        if (books == null) {
            throw new IllegalStateException("Member " + member.getName() + " keeps no books");
        }
        return (ReplicaBooks) books;
    }

    void bindTo(Map<String, Object> userContext) {
        userContext.put(CONTEXT_KEY, this);
    }

    void keep(Participant<Book, Ruling> newParticipant) {
        this.participant = newParticipant;
    }

    /** Whoever reaches this replica before it keeps books is sent away, and tries again. */
    Participant<Book, Ruling> participant() {
        Participant<Book, Ruling> known = participant;
        if (known == null) {
            throw new IllegalStateException("This replica does not keep books yet");
        }
        return known;
    }

    /** Whether the engine alone keeps the books. */
    boolean plain() {
        return plain;
    }

    BookMachine machine() {
        return machine;
    }

    Ruling rule(String key, Book book, Order order) {
        long now = clock.millis();
        Ruling ruling = machine.decide(book, informed(key, order), blocks, now, realMillis());
        if (book instanceof Book.OfMiner miner && ruling instanceof Ruling.OnMiner decided) {
            tellExpiries(miner.ledger(), decided.decision(), now);
        }
        return ruling;
    }

    private void tellExpiries(MinerLedger ledger, LedgerDecision decision, long nowMillis) {
        for (LedgerDecision.Change change : decision.changes()) {
            if (change instanceof LedgerDecision.Released released && released.expired()) {
                ledger.booking(released.reservation())
                        .ifPresent(reservation -> expiries.expiring(ledger.miner(), reservation, nowMillis));
            }
        }
    }

    /** A miner's slots and its ledger are in one partition: whoever decides about the slots knows the newest ledger. */
    private Order informed(String key, Order order) {
        if (order instanceof Order.ToSlots slot && slot.command() instanceof SlotCommand.Hold hold) {
            @Nullable ClassBook book = shelf.newest(minerOfSlots(key)).book(hold.executorClass());
            return new Order.ToSlots(hold.withExecutors(book == null ? 0 : book.executors()));
        }
        return order;
    }

    private static Hotkey minerOfSlots(String key) {
        return new Hotkey(key.substring(Book.SLOTS_PREFIX.length()));
    }

    InstantSource clock() {
        return clock;
    }

    /** The time by which commands grow old: a simulation's clock may go faster. */
    long realMillis() {
        return realClock.millis();
    }

    LedgerShelf shelf() {
        return shelf;
    }

    SlotShelf slots() {
        return slots;
    }

    Map<String, LockBook> locks() {
        return locks;
    }

    BlockTable blocks() {
        return blocks;
    }

    private Set<Hotkey> hotkeys(String neurons) {
        Shared<?> lists = shared.get(MapNames.NEURONS);
        return lists == null
                ? Set.of()
                : lists.get(neurons)
                        .map(list -> ((NeuronList) list).byHotkey().keySet())
                        .orElse(Set.of());
    }

    /** A book is as given from now on. */
    void changed(String key, Book book) {
        if (book instanceof Book.OfMiner miner) {
            shelf.put(miner.ledger());
        } else if (book instanceof Book.OfLock lock) {
            locks.put(key.substring(Book.LOCK_PREFIX.length()), lock.lock());
        } else if (book instanceof Book.OfSlots changed) {
            slots.put(minerOfSlots(key), changed.slots());
        } else if (book instanceof Book.OfRecords records) {
            Shared<?> copies = shared.get(records.page().kind().name());
            if (copies != null) {
                copies.changed(page(key), records.page());
            }
        }
    }

    private static int page(String key) {
        return Integer.parseInt(key.substring(key.lastIndexOf('/') + 1));
    }

    /** A book as the grid's map shows it. */
    Object shown(String key) {
        if (key.startsWith(Book.LOCK_PREFIX)) {
            return locks.getOrDefault(key.substring(Book.LOCK_PREFIX.length()), LockBook.FRESH);
        }
        if (key.startsWith(Book.RECORDS_PREFIX)) {
            Book.OfRecords fresh = (Book.OfRecords) Book.fresh(key);
            Shared<?> copies = shared.get(fresh.page().kind().name());
            return copies == null ? fresh.page() : copies.page(page(key));
        }
        if (key.startsWith(Book.SLOTS_PREFIX)) {
            return slots.book(minerOfSlots(key));
        }
        return shelf.newest(new Hotkey(key));
    }

    /** The records of a kind, by key: a live view. */
    @SuppressWarnings("unchecked") // each kind is registered with its own copies
    <V> Map<String, V> records(RecordKind<V> kind) {
        Shared<V> copies = (Shared<V>) shared.get(kind.name());
        return copies == null ? Map.of() : copies.entries();
    }

    /** A block is known, or known better. One that is no longer kept leaves the table by itself. */
    synchronized void seen(BlockRecord record) {
        blocks = blocks.with(record);
    }

    /** A list of neurons is known: a block that names it may have come first. */
    synchronized void seenNeurons() {
        blocks = blocks.afresh();
    }

    void register(RecordKind<?> kind, Shared<?> copies) {
        shared.put(kind.name(), copies);
    }
}
