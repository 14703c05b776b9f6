package io.quartermaster.node.routing;

import io.quartermaster.api.BlacklistEntry;
import io.quartermaster.api.Hotkey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The blacklist in memory. Asked for every candidate of every job. Safe for use by several threads. */
public final class BlacklistBook {
    private final Map<Hotkey, List<BlacklistEntry>> byMiner = new ConcurrentHashMap<>();

    /**
     * Takes an entry in, in place of one for the same miner and reason.
     *
     * @param entry the entry
     */
    public void put(BlacklistEntry entry) {
        byMiner.merge(entry.miner(), List.of(entry), (known, added) -> {
            List<BlacklistEntry> entries = new ArrayList<>(known);
            entries.removeIf(other -> other.reason() == entry.reason());
            entries.addAll(added);
            return List.copyOf(entries);
        });
    }

    /**
     * Takes an entry out.
     *
     * @param entry as it was taken in
     */
    public void forget(BlacklistEntry entry) {
        byMiner.computeIfPresent(entry.miner(), (miner, known) -> {
            List<BlacklistEntry> left =
                    known.stream().filter(other -> !other.equals(entry)).toList();
            return left.isEmpty() ? null : left;
        });
    }

    /**
     * Why a miner gets no jobs.
     *
     * @param miner the miner
     * @param at when
     * @return empty if it gets some
     */
    public Optional<BlacklistEntry> holding(Hotkey miner, Instant at) {
        List<BlacklistEntry> entries = byMiner.get(miner);
        return entries == null
                ? Optional.empty()
                : entries.stream().filter(entry -> entry.holdsAt(at)).findFirst();
    }

    /**
     * All entries.
     *
     * @return also those whose time is over and that are not forgotten yet
     */
    public Stream<BlacklistEntry> entries() {
        return byMiner.values().stream().flatMap(List::stream);
    }
}
