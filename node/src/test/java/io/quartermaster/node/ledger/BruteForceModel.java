package io.quartermaster.node.ledger;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The allowance rules once more, slow and plain: a row for each finalised block, miner, class and validator, amounts in
 * doubles, everything looked up by scanning. It shares no code with the ledger; only the values that name things.
 */
final class BruteForceModel {
    record Key(Hotkey miner, ExecutorClass executorClass, Hotkey validator, long block) {}

    record Sighting(double timeSeconds, Map<Hotkey, Double> stakes, Set<Hotkey> neurons) {}

    record Hold(Hotkey miner, ExecutorClass executorClass, String job, List<Long> blocks, double deadlineSeconds) {}

    record Found(Hotkey miner, double available, long earliest, double total) {}

    final Map<Long, Sighting> blocks = new TreeMap<>();
    final Map<Key, Double> amounts = new HashMap<>();
    private final Set<Long> finalised = new HashSet<>();
    private final Map<Hotkey, Map<ExecutorClass, TreeMap<Long, Integer>>> manifests = new HashMap<>();
    private final Map<Hotkey, Map<ExecutorClass, List<Long>>> drops = new HashMap<>();
    final Map<Long, Hold> held = new TreeMap<>();
    final Map<Long, Hold> spent = new TreeMap<>();
    private final List<ExecutorClass> classes;
    private final Hotkey own;

    BruteForceModel(List<ExecutorClass> classes, Hotkey own) {
        this.classes = classes;
        this.own = own;
    }

    void block(long number, Sighting sighting) {
        blocks.putIfAbsent(number, sighting);
        finalise(number - 1);
        finalise(number);
    }

    private void finalise(long number) {
        Sighting sighting = blocks.get(number);
        Sighting next = blocks.get(number + 1);
        if (sighting == null || next == null || !finalised.add(number)) {
            return;
        }
        double length = next.timeSeconds() - sighting.timeSeconds();
        double counted = length > 12.5 ? 12.0 : length;
        double all =
                sighting.stakes().values().stream().mapToDouble(stake -> stake).sum();
        for (Hotkey miner : sighting.neurons()) {
            for (ExecutorClass executorClass : classes) {
                int executors = executors(miner, executorClass, number);
                sighting.stakes().forEach((validator, stake) -> {
                    double amount = all == 0 ? 0 : executors * stake / all * counted;
                    amounts.put(new Key(miner, executorClass, validator, number), amount);
                });
            }
        }
    }

    private int executors(Hotkey miner, ExecutorClass executorClass, long block) {
        Map.Entry<Long, Integer> newest = manifests
                .getOrDefault(miner, Map.of())
                .getOrDefault(executorClass, new TreeMap<>())
                .floorEntry(block);
        return newest == null ? 0 : newest.getValue();
    }

    void manifest(Hotkey miner, long block, Map<ExecutorClass, Integer> counts) {
        counts.forEach((executorClass, count) -> {
            if (count < executors(miner, executorClass, block)) {
                drops.computeIfAbsent(miner, key -> new HashMap<>())
                        .computeIfAbsent(executorClass, key -> new ArrayList<>())
                        .add(block);
            }
            manifests
                    .computeIfAbsent(miner, key -> new HashMap<>())
                    .computeIfAbsent(executorClass, key -> new TreeMap<>())
                    .put(block, count);
        });
    }

    boolean valid(Hotkey miner, ExecutorClass executorClass, long block) {
        return drops.getOrDefault(miner, Map.of()).getOrDefault(executorClass, List.of()).stream()
                .noneMatch(drop -> drop > block);
    }

    private static boolean booked(Map<Long, Hold> holds, Hotkey miner, ExecutorClass executorClass, long block) {
        return holds.values().stream()
                .anyMatch(hold -> hold.miner().equals(miner)
                        && hold.executorClass().equals(executorClass)
                        && hold.blocks().contains(block));
    }

    private double amount(Hotkey miner, ExecutorClass executorClass, long block) {
        return amounts.getOrDefault(new Key(miner, executorClass, own, block), 0.0);
    }

    void passTo(double nowSeconds) {
        held.values().removeIf(hold -> hold.deadlineSeconds() <= nowSeconds);
    }

    /** The free blocks that a job may use, oldest first. */
    List<Long> free(Hotkey miner, ExecutorClass executorClass, long start) {
        List<Long> free = new ArrayList<>();
        for (long block : blocks.keySet()) {
            if (block >= start - 722
                    && amount(miner, executorClass, block) > 0
                    && valid(miner, executorClass, block)
                    && !booked(held, miner, executorClass, block)
                    && !booked(spent, miner, executorClass, block)) {
                free.add(block);
            }
        }
        return free;
    }

    /** The blocks that a reservation takes; null if there are too few. */
    @Nullable
    List<Long> take(Hotkey miner, ExecutorClass executorClass, double seconds, long start) {
        List<Long> taken = new ArrayList<>();
        double sum = 0;
        for (long block : free(miner, executorClass, start)) {
            taken.add(block);
            sum += amount(miner, executorClass, block);
            if (sum >= seconds - 1e-7) {
                return taken;
            }
        }
        return null;
    }

    Found find(Hotkey miner, ExecutorClass executorClass, long start) {
        List<Long> free = free(miner, executorClass, start);
        double available = free.stream()
                .mapToDouble(block -> amount(miner, executorClass, block))
                .sum();
        double total = 0;
        for (long block : blocks.keySet()) {
            if (block >= start - 722 && valid(miner, executorClass, block)) {
                total += amount(miner, executorClass, block);
            }
        }
        return new Found(miner, available, free.isEmpty() ? Long.MAX_VALUE : free.get(0), total);
    }

    /** The miners with enough, best first; keys that are equal to within 1e-9 count as equal. */
    List<Found> findAll(List<Hotkey> miners, ExecutorClass executorClass, double seconds, long start) {
        List<Found> found = new ArrayList<>();
        for (Hotkey miner : miners) {
            Found one = find(miner, executorClass, start);
            if (one.available() >= seconds - 1e-7 && one.available() > 0) {
                found.add(one);
            }
        }
        found.sort((a, b) -> {
            int byEarliest = Long.compare(a.earliest(), b.earliest());
            if (byEarliest != 0) {
                return byEarliest;
            }
            double parts = b.available() / b.total() - a.available() / a.total();
            if (Math.abs(parts) > 1e-9) {
                return (int) Math.signum(parts);
            }
            double amounts = b.available() - a.available();
            return Math.abs(amounts) > 1e-8
                    ? (int) Math.signum(amounts)
                    : a.miner().compareTo(b.miner());
        });
        return found;
    }

    double sum(Map<Long, Hold> holds, Hotkey miner, ExecutorClass executorClass) {
        return holds.values().stream()
                .filter(hold ->
                        hold.miner().equals(miner) && hold.executorClass().equals(executorClass))
                .flatMap(hold -> hold.blocks().stream())
                .mapToDouble(block -> amount(miner, executorClass, block))
                .sum();
    }

    double minted(Hotkey miner, ExecutorClass executorClass) {
        return blocks.keySet().stream()
                .mapToDouble(block -> amount(miner, executorClass, block))
                .sum();
    }
}
