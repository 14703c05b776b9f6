package io.quartermaster.node.grid;

import io.quartermaster.api.CallId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/** Some of the records of one kind. Immutable. Two are equal if they have the same records. */
final class RecordPage {
    private final RecordKind<?> kind;
    private final PMap<String, Object> records;

    /** How it came about, if by a decision. */
    private final Optional<Step> step;

    private record Step(PMap<String, Object> before, Decision decision) {}

    RecordPage(RecordKind<?> kind, PMap<String, Object> records) {
        this(kind, records, Optional.empty());
    }

    private RecordPage(RecordKind<?> kind, PMap<String, Object> records, Optional<Step> step) {
        this.kind = kind;
        this.records = records;
        this.step = step;
    }

    RecordKind<?> kind() {
        return kind;
    }

    /** By key. */
    PMap<String, Object> records() {
        return records;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RecordPage page && kind == page.kind && records.equals(page.records);
    }

    @Override
    public int hashCode() {
        return 31 * kind.hashCode() + records.hashCode();
    }

    @Override
    public String toString() {
        return "RecordPage[kind=" + kind + ", records=" + records + "]";
    }

    /**
     * The keys under which this page may have other records than another one. If it is what one decision has made of that one, these
     * are the decision's: a page has thousands of records, and nearly always one has changed.
     */
    @SuppressWarnings("ReferenceEquality") // another map with the same records would only cost time
    Set<String> changedSince(RecordPage before) {
        Set<String> keys = new HashSet<>();
        if (step.isPresent() && step.get().before() == before.records) {
            keys.addAll(step.get().decision().put().keySet());
            keys.addAll(step.get().decision().removed());
        } else {
            keys.addAll(before.records.keySet());
            keys.addAll(records.keySet());
        }
        return keys;
    }

    static RecordPage empty(RecordKind<?> kind) {
        return new RecordPage(kind, HashTreePMap.empty());
    }

    /** What is wanted of a page. Repeating a command changes nothing more. */
    sealed interface Command {
        CallId call();

        /** Let a record be there, unless one is there that it does not replace. */
        record Put(CallId call, String key, Object record) implements Command {}

        /** Let records be gone. */
        record Remove(CallId call, List<String> keys) implements Command {
            public Remove {
                keys = List.copyOf(keys);
            }
        }
    }

    /**
     * What becomes of a command.
     *
     * @param put the records to put
     * @param removed the keys of those to remove
     * @param outcome the answer
     */
    record Decision(Map<String, Object> put, List<String> removed, Outcome outcome) {
        public Decision {
            put = Map.copyOf(put);
            removed = List.copyOf(removed);
        }
    }

    /**
     * The answer to a command.
     *
     * @param done whether it is now as was wanted; false if another record is there and stays
     */
    record Outcome(boolean done) {}

    Decision decide(Command command) {
        if (command instanceof Command.Put put) {
            Object known = records.get(put.key());
            if (known == null || (!known.equals(put.record()) && kind.replaces(known, put.record()))) {
                return new Decision(Map.of(put.key(), put.record()), List.of(), new Outcome(true));
            }
            return new Decision(Map.of(), List.of(), new Outcome(known.equals(put.record())));
        }
        List<String> there = new ArrayList<>(((Command.Remove) command).keys());
        there.retainAll(records.keySet());
        return new Decision(Map.of(), there, new Outcome(true));
    }

    RecordPage apply(Decision decision) {
        PMap<String, Object> changed = records;
        for (Map.Entry<String, Object> put : decision.put().entrySet()) {
            Object neighbour = changed.isEmpty()
                    ? put.getValue()
                    : changed.values().iterator().next();
            changed = changed.plus(put.getKey(), kind.sharing(put.getValue(), neighbour));
        }
        changed = changed.minusAll(decision.removed());
        return changed == records ? this : new RecordPage(kind, changed, Optional.of(new Step(records, decision)));
    }
}
