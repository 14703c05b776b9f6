package io.quartermaster.node.ledger;

import io.quartermaster.api.Hotkey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * At which blocks of a table each miner was among the subnet's neurons. Lists of neurons are long and differ little from one block to
 * the next, so only who came and went is kept: a large subnet has thousands of miners on hundreds of lists. Immutable.
 */
final class Attendance {
    private final Set<Hotkey> atFirst;

    /** The records from which on a miner is there if it was not, and is not if it was; ascending. */
    private final Map<Hotkey, List<Integer>> turns;

    private Attendance(Set<Hotkey> atFirst, Map<Hotkey, List<Integer>> turns) {
        this.atFirst = atFirst;
        this.turns = turns;
    }

    /** Who came or went between two lists, shared by all tables that follow on one another. Safe for use by several threads. */
    static final class Moves {
        private final Map<Step, List<Hotkey>> known = new ConcurrentHashMap<>();

        private record Step(String before, String after) {}

        private List<Hotkey> between(Step step, Set<Hotkey> before, Set<Hotkey> after) {
            List<Hotkey> moved = known.get(step);
            if (moved == null) {
                moved = new ArrayList<>();
                for (Hotkey miner : before) {
                    if (!after.contains(miner)) {
                        moved.add(miner);
                    }
                }
                for (Hotkey miner : after) {
                    if (!before.contains(miner)) {
                        moved.add(miner);
                    }
                }
                // A list that is not known yet looks empty, and will not be.
                if (!before.isEmpty() && !after.isEmpty()) {
                    known.put(step, moved);
                }
            }
            return moved;
        }

        private void keep(Set<Step> steps) {
            if (known.size() > 2 * steps.size()) {
                known.keySet().retainAll(steps);
            }
        }
    }

    static Attendance of(@Nullable BlockRecord[] records, Function<String, Set<Hotkey>> neurons, Moves moves) {
        Set<Hotkey> atFirst = Set.of();
        Map<Hotkey, List<Integer>> turns = new HashMap<>();
        Set<Moves.Step> steps = new HashSet<>();
        @Nullable String name = null;
        Set<Hotkey> list = Set.of();
        for (int i = 0; i < records.length; i++) {
            BlockRecord record = records[i];
            // One list mostly names the neurons of a long stretch of blocks.
            if (record == null || record.neurons().equals(name)) {
                continue;
            }
            Set<Hotkey> next = neurons.apply(record.neurons());
            if (name == null) {
                atFirst = next;
            } else {
                Moves.Step step = new Moves.Step(name, record.neurons());
                steps.add(step);
                for (Hotkey miner : moves.between(step, list, next)) {
                    turns.computeIfAbsent(miner, key -> new ArrayList<>()).add(i);
                }
            }
            name = record.neurons();
            list = next;
        }
        moves.keep(steps);
        return new Attendance(atFirst, turns);
    }

    /** A validator's series for a miner: that of the whole subnet, without the blocks at which the miner was not there. */
    UnitSeries masked(UnitSeries whole, Hotkey miner) {
        boolean there = atFirst.contains(miner);
        List<Integer> when = turns.getOrDefault(miner, List.of());
        if (there && when.isEmpty()) {
            return whole;
        }
        long first = whole.first();
        long[] units = new long[Math.toIntExact(whole.end() - first)];
        int turn = 0;
        for (int i = 0; i < units.length; i++) {
            if (turn < when.size() && when.get(turn) == i) {
                there = !there;
                turn++;
            }
            units[i] = there ? whole.at(first + i) : 0;
        }
        return new UnitSeries(first, units);
    }
}
