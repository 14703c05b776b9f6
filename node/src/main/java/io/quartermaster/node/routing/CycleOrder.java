package io.quartermaster.node.routing;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The miners with executors of each class, best first: those with the most left of their allowance, and among those the ones
 * with the most collateral. A change of one miner moves only that one; whoever looks takes them one by one from the front, so
 * that neither depends much on how many there are. Safe for use by several threads.
 */
public final class CycleOrder {
    private static final Comparator<Place> BEST_FIRST = Comparator.comparingDouble(Place::partLeft)
            .reversed()
            .thenComparing(Place::wei, Comparator.reverseOrder())
            .thenComparing(Place::miner);

    private final Map<ExecutorClass, ConcurrentNavigableMap<Place, Standing>> classes = new ConcurrentHashMap<>();
    private final Map<Hotkey, Map<ExecutorClass, Place>> places = new HashMap<>();

    /** Where a miner comes. */
    private record Place(double partLeft, BigInteger wei, Hotkey miner) {}

    /**
     * What a miner has left of its allowance in the cycle.
     *
     * @param initialNanos the whole, in nanoseconds of executor time; 0 if none was set
     * @param usedNanos what accepted jobs have taken of it
     */
    public record Left(long initialNanos, long usedNanos) {
        /** What is left: not below 0. */
        long nanos() {
            return Math.max(0, initialNanos - usedNanos);
        }

        /** What is left, as a part of the whole. */
        double part() {
            return initialNanos == 0 ? 0 : (double) nanos() / initialNanos;
        }
    }

    /**
     * A miner's executors of a class.
     *
     * @param executors how many, at least 1
     * @param manifestBlock the block of the manifest that said so
     */
    public record Offer(int executors, long manifestBlock) {}

    /**
     * How a miner stands.
     *
     * @param miner the miner
     * @param left what is left of its allowance
     * @param wei its collateral
     * @param offer its executors of the class
     */
    public record Standing(Hotkey miner, Left left, BigInteger wei, Offer offer) {}

    /**
     * Puts a miner where it belongs.
     *
     * @param miner the miner
     * @param left what is left of its allowance
     * @param wei its collateral
     * @param offers its executors by class; a class that is not named has none
     */
    public synchronized void put(Hotkey miner, Left left, BigInteger wei, Map<ExecutorClass, Offer> offers) {
        Map<ExecutorClass, Place> before = places.getOrDefault(miner, Map.of());
        Map<ExecutorClass, Place> after = new HashMap<>();
        Place place = new Place(left.part(), wei, miner);
        // Into the new place first: whoever looks meanwhile may see the miner twice, but does not miss it.
        offers.forEach((executorClass, offer) -> {
            classes.computeIfAbsent(executorClass, key -> new ConcurrentSkipListMap<>(BEST_FIRST))
                    .put(place, new Standing(miner, left, wei, offer));
            after.put(executorClass, place);
        });
        before.forEach((executorClass, old) -> {
            ConcurrentNavigableMap<Place, Standing> standings = classes.get(executorClass);
            if (standings != null && !old.equals(after.get(executorClass))) {
                standings.remove(old);
            }
        });
        places.put(miner, after);
    }

    /**
     * The miners with executors of a class.
     *
     * @param executorClass the class
     * @return best first; one that moves meanwhile may come twice
     */
    public Collection<Standing> bestFirst(ExecutorClass executorClass) {
        ConcurrentNavigableMap<Place, Standing> standings = classes.get(executorClass);
        return standings == null ? List.of() : standings.values();
    }
}
