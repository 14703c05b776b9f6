package io.quartermaster.node.chain;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Makes equal values one object, for as long as somebody holds it: lists of neurons and validators seldom change from block to
 * block. Safe for use by several threads.
 *
 * @param <T> the values, which must not change
 */
public final class Shared<T> {
    private final Map<T, WeakReference<T>> known = new WeakHashMap<>();

    /** Knows no value yet. */
    public Shared() {}

    /**
     * The object to use for a value.
     *
     * @param value the value
     * @return an equal one that is in use already, or else this one
     */
    public synchronized T of(T value) {
        WeakReference<T> reference = known.get(value);
        T before = reference == null ? null : reference.get();
        if (before != null) {
            return before;
        }
        known.put(value, new WeakReference<>(value));
        return value;
    }
}
