package io.quartermaster.node.grid;

import com.hazelcast.map.IMap;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * A map that all replicas share, with a copy on each for reading. Reads answer from the copy and never wait. Safe for use by
 * several threads.
 *
 * @param <K> the keys' type
 * @param <V> the values' type, immutable
 */
public final class Shared<K, V> {
    private final IMap<K, V> map;
    private final Class<K> keyType;
    private final Class<V> valueType;
    private final Map<K, V> copy = new ConcurrentHashMap<>();
    private final BiConsumer<K, V> onPut;

    Shared(IMap<K, V> map, Class<K> keyType, Class<V> valueType, BiConsumer<K, V> onPut) {
        this.map = map;
        this.keyType = keyType;
        this.valueType = valueType;
        this.onPut = onPut;
    }

    /**
     * Puts a value, whatever was there.
     *
     * @param key the key
     * @param value the value
     * @return completes with true once it is put
     */
    public CompletionStage<Boolean> put(K key, V value) {
        return Failures.translated("put", map.submitToKey(key, new PutProcessor<K, V>(map.getName(), value, false)));
    }

    /**
     * Puts a value if there is none.
     *
     * @param key the key
     * @param value the value
     * @return completes with true if it was put, or an equal one was there; with false if another one was there
     */
    public CompletionStage<Boolean> putIfAbsent(K key, V value) {
        return Failures.translated("put", map.submitToKey(key, new PutProcessor<K, V>(map.getName(), value, true)));
    }

    /**
     * Takes a value out, on all replicas.
     *
     * @param key the key
     */
    public void remove(K key) {
        copy.remove(key);
        map.deleteAsync(key);
    }

    /**
     * Looks a value up.
     *
     * @param key the key
     * @return empty if there is none
     */
    public Optional<V> get(K key) {
        return Optional.ofNullable(copy.get(key));
    }

    /**
     * All entries.
     *
     * @return a live, read-only view
     */
    public Map<K, V> entries() {
        return Collections.unmodifiableMap(copy);
    }

    Optional<?> find(Object key) {
        return Optional.ofNullable(copy.get(keyType.cast(key)));
    }

    void seen(Object key, Object value) {
        K typedKey = keyType.cast(key);
        V typedValue = valueType.cast(value);
        copy.put(typedKey, typedValue);
        onPut.accept(typedKey, typedValue);
    }

    /** Compares, cheaply, and makes the same if there is a difference. */
    void mend() {
        if (map.size() != copy.size()) {
            reconcile();
        }
    }

    /**
     * Makes map and copy the same again, after partitions moved or clusters merged: what the map has counts, and what it has
     * lost is put back.
     */
    void reconcile() {
        Map<K, V> inMap = new HashMap<>();
        map.entrySet().forEach(entry -> inMap.put(entry.getKey(), entry.getValue()));
        copy.forEach((key, value) -> {
            if (!inMap.containsKey(key)) {
                map.submitToKey(key, new PutProcessor<K, V>(map.getName(), value, true));
            }
        });
        inMap.forEach((key, value) -> {
            if (!value.equals(copy.get(key))) {
                seen(key, value);
            }
        });
    }
}
