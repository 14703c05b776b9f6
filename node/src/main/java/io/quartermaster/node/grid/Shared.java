package io.quartermaster.node.grid;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Records of one kind, which all replicas share: what was put is held by a majority of them, as what was booked is. Reads answer
 * from this replica's copy and never wait. Safe for use by several threads.
 *
 * @param <V> the records' type, immutable
 */
public final class Shared<V> {
    private final RecordKind<V> kind;
    private final Grid grid;
    private final BiConsumer<String, V> onPut;
    private final Consumer<V> onGone;
    private final Map<String, V> copy = new ConcurrentHashMap<>();

    /** Each page as it was seen last. */
    private final Map<Integer, RecordPage> pages = new ConcurrentHashMap<>();

    Shared(RecordKind<V> kind, Grid grid, BiConsumer<String, V> onPut, Consumer<V> onGone) {
        this.kind = kind;
        this.grid = grid;
        this.onPut = onPut;
        this.onGone = onGone;
    }

    /**
     * Puts a record. What happens where there is one already depends on the kind: the first incident, receipt and list of
     * neurons stays, and so does a finalised block; of manifests and collateral the newest counts.
     *
     * @param key the key
     * @param record the record
     * @return completes with true once the record is there, with false if another one is and stays, or as
     *     {@link Grid#submit(io.quartermaster.api.Hotkey, io.quartermaster.node.ledger.LedgerCommand)} does
     */
    public CompletionStage<Boolean> put(String key, V record) {
        return grid.submit(kind, kind.pageOf(key), new RecordPage.Command.Put(grid.newCall(), key, record))
                .thenApply(RecordPage.Outcome::done);
    }

    /**
     * Takes records out.
     *
     * @param keys their keys; what is not there is left out
     * @return completes once they are gone
     */
    public CompletionStage<Void> remove(Collection<String> keys) {
        Map<Integer, List<String>> byPage =
                keys.stream().filter(copy::containsKey).collect(Collectors.groupingBy(kind::pageOf));
        return CompletableFuture.allOf(byPage.entrySet().stream()
                .map(page -> grid.submit(
                                kind, page.getKey(), new RecordPage.Command.Remove(grid.newCall(), page.getValue()))
                        .toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    /**
     * Looks a record up.
     *
     * @param key the key
     * @return empty if there is none
     */
    public Optional<V> get(String key) {
        return Optional.ofNullable(copy.get(key));
    }

    /**
     * All records.
     *
     * @return a live, read-only view, by key
     */
    public Map<String, V> entries() {
        return Collections.unmodifiableMap(copy);
    }

    /** A page is as given from now on. Called for one page by one thread at a time. */
    void changed(int number, RecordPage page) {
        RecordPage before = pages.getOrDefault(number, RecordPage.empty(kind));
        pages.put(number, page);
        for (String key : page.changedSince(before)) {
            @Nullable Object known = before.records().get(key);
            @Nullable Object record = page.records().get(key);
            if (record == null && known != null) {
                copy.remove(key);
                onGone.accept(kind.cast(known));
            } else if (record != null && !same(known, record)) {
                V value = kind.cast(record);
                copy.put(key, value);
                onPut.accept(key, value);
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // a record that was not touched is the same object
    private static boolean same(@Nullable Object known, Object record) {
        return known == record;
    }

    /** A page as it was seen last. */
    RecordPage page(int number) {
        return pages.getOrDefault(number, RecordPage.empty(kind));
    }
}
