package io.quartermaster.node.store;

import io.quartermaster.node.store.Store.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what is in a store's directory, and changes nothing there: the newest snapshot that is good, and the journals after it. */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private Recovery() {}

    /** What was on disk, of how many bytes the snapshot's entries were, where the last journal ends, and which snapshots could not be used. */
    record Loaded(State state, long entriesBytes, long lastJournal, Batches.Extent end, List<Long> damagedSnapshots) {}

    static Loaded load(
            Path directory,
            String owner,
            Supplier<? extends State> fresh,
            SortedSet<Long> journals,
            SortedSet<Long> snapshots)
            throws IOException {
        List<Long> newestFirst = new ArrayList<>(snapshots);
        Collections.reverse(newestFirst);
        List<Long> damaged = new ArrayList<>();
        Optional<StoreDamaged> damage = Optional.empty();
        for (long number : newestFirst) {
            State state = fresh.get();
            try {
                LongAdder bytes = new LongAdder();
                Snapshot.read(directory, number, owner, (name, value) -> {
                    state.entry(name, value);
                    bytes.add(value.length);
                });
                return replay(directory, owner, state, bytes.sum(), number, journals, damaged);
            } catch (StoreDamaged e) {
                if (!Snapshot.isOf(directory, number, e)) {
                    throw e;
                }
                LOG.error("{}", e.getMessage());
                damaged.add(number);
                damage = damage.isPresent() ? damage : Optional.of(e);
            }
        }
        if (damage.isPresent() && (journals.isEmpty() || journals.first() != 1)) {
            throw damage.get();
        }
        return replay(directory, owner, fresh.get(), 0, 1, journals, damaged);
    }

    /** The journals from one on, none of which may be missing. */
    private static Loaded replay(
            Path directory,
            String owner,
            State state,
            long entriesBytes,
            long from,
            SortedSet<Long> journals,
            List<Long> damagedSnapshots)
            throws IOException {
        long last = Math.max(from, journals.isEmpty() ? from : journals.last());
        Batches.Extent end = Batches.Extent.NONE;
        for (long number = from; number <= last; number++) {
            Path file = Store.journal(directory, number);
            if (!Files.exists(file)) {
                throw new StoreDamaged(file, "it is missing", Store.WAY_OUT);
            }
            end = Batches.read(file, Store.FORMAT, owner, state::record);
            if (number < last && end.goodBytes() < end.bytes()) {
                throw new StoreDamaged(
                        file,
                        "it ends at byte " + end.goodBytes() + " of " + end.bytes()
                                + ", although a later journal follows",
                        Store.WAY_OUT);
            }
        }
        return new Loaded(state, entriesBytes, last, end, damagedSnapshots);
    }
}
