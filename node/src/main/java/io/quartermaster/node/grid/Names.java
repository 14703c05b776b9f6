package io.quartermaster.node.grid;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import java.io.DataInput;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Hotkeys and classes that are read from the network and the disk. There are few of them, and each receipt and booking names some:
 * with an object for each mention, 650,000 jobs with their receipts took 1.7 GB. A name that was read lately is the same object again,
 * and is not checked again. Safe for use by several threads.
 */
final class Names {
    private static final Lately<Hotkey> HOTKEYS = new Lately<>(1 << 14, Hotkey::new, Hotkey::value);
    private static final Lately<ExecutorClass> CLASSES = new Lately<>(1 << 8, ExecutorClass::new, ExecutorClass::name);

    private Names() {}

    static Hotkey hotkey(DataInput in) throws IOException {
        return hotkey(in.readUTF());
    }

    static Hotkey hotkey(String value) {
        return HOTKEYS.named(value);
    }

    static ExecutorClass executorClass(DataInput in) throws IOException {
        return executorClass(in.readUTF());
    }

    static ExecutorClass executorClass(String name) {
        return CLASSES.named(name);
    }

    /**
     * One place for each hash, which the last one to come takes: whatever names are sent, it can't grow. Threads may miss what others
     * have put there, or overwrite it, which costs an object; the names themselves are immutable.
     */
    static final class Lately<N> {
        private final @Nullable Object[] places;
        private final Function<String, N> make;
        private final Function<N, String> text;

        /**
         * Nothing was read yet.
         *
         * @param places how many, a power of two
         * @param make makes a name, or refuses to
         * @param text what it is made of
         */
        Lately(int places, Function<String, N> make, Function<N, String> text) {
            this.places = new Object[places];
            this.make = make;
            this.text = text;
        }

        @SuppressWarnings("unchecked")
        N named(String value) {
            int hash = value.hashCode();
            int place = (hash ^ hash >>> 16) & places.length - 1;
            N known = (N) places[place];
            if (known != null && text.apply(known).equals(value)) {
                return known;
            }
            N made = Objects.requireNonNull(make.apply(value));
            places[place] = made;
            return made;
        }
    }
}
