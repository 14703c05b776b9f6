package io.quartermaster.node.grid;

import com.hazelcast.core.HazelcastInstance;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.LedgerShelf;
import io.quartermaster.node.ledger.MinerLedger;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * This replica's own copy of the books, for reading. Entry processors put into it whatever they change, on the owner and on
 * the backups alike; after a migration it is filled from the maps again. Safe for use by several threads.
 */
final class ReplicaBooks {
    private static final String CONTEXT_KEY = "quartermaster.books";

    private final InstantSource clock;
    private final InstantSource realClock = InstantSource.system();
    private final LedgerShelf shelf = new LedgerShelf();
    private final Map<String, Shared<?, ?>> shared = new ConcurrentHashMap<>();
    private volatile BlockTable blocks = BlockTable.over(this::hotkeys);

    ReplicaBooks(InstantSource clock) {
        this.clock = clock;
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

    BlockTable blocks() {
        return blocks;
    }

    private Set<Hotkey> hotkeys(String neurons) {
        Shared<?, ?> lists = shared.get(MapNames.NEURONS);
        return lists == null
                ? Set.of()
                : lists.find(neurons)
                        .map(list -> ((NeuronList) list).byHotkey().keySet())
                        .orElse(Set.of());
    }

    void put(MinerLedger ledger) {
        shelf.put(ledger);
    }

    synchronized void put(Collection<BlockRecord> records) {
        blocks = blocks.with(List.copyOf(records));
    }

    void register(String map, Shared<?, ?> replica) {
        shared.put(map, replica);
    }

    /** Called for what an entry processor has put into one of the plain maps. */
    void put(String map, Object key, Object value) {
        Shared<?, ?> replica = shared.get(map);
        if (replica != null) {
            replica.seen(key, value);
        }
    }
}
