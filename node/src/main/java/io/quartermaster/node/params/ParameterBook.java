package io.quartermaster.node.params;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which parameters were set, to what, and by whom: one for the whole grid, so that those who decide something see one
 * consistent set. Immutable.
 *
 * @param version counts the times that it was changed; a change counts only if it was made of the version before
 * @param values by parameter name; those that are not there are at their defaults
 * @param changes the newest {@value #MOST_CHANGES}, oldest first
 */
public record ParameterBook(long version, Map<String, String> values, List<ParameterChange> changes) {
    /** How many changes are remembered. */
    public static final int MOST_CHANGES = 500;

    /** Where nothing was set. */
    public static final ParameterBook EMPTY = new ParameterBook(0, Map.of(), List.of());

    /** Copies both. */
    public ParameterBook {
        values = Map.copyOf(values);
        changes = List.copyOf(changes);
    }

    /**
     * The next version.
     *
     * @param made what is changed, at least one
     * @return the book with it
     */
    public ParameterBook with(List<ParameterChange> made) {
        Map<String, String> changed = new TreeMap<>(values);
        List<ParameterChange> all = new ArrayList<>(changes);
        for (ParameterChange change : made) {
            changed.put(change.parameter(), change.to());
            all.add(change);
        }
        return new ParameterBook(version + 1, changed, all.subList(Math.max(0, all.size() - MOST_CHANGES), all.size()));
    }

    /**
     * The set that is in force by this book.
     *
     * @return every parameter; a newer version's parameters that are not known here are left out
     */
    public DynamicParameters inForce() {
        Map<String, String> known = new TreeMap<>(values);
        known.keySet().retainAll(DynamicParameters.defaults().texts().keySet());
        return DynamicParameters.defaults().with(known);
    }
}
