package io.quartermaster.node.chain;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;

/** Makes equal values one object, for as long as somebody holds it. */
final class Shared<T> {
    private final Map<T, WeakReference<T>> known = new WeakHashMap<>();

    T of(T value) {
        WeakReference<T> reference = known.get(value);
        T before = reference == null ? null : reference.get();
        if (before != null) {
            return before;
        }
        known.put(value, new WeakReference<>(value));
        return value;
    }
}
