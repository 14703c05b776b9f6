package io.quartermaster.node.manifest;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.manifest.ManifestTrouble.Kind;
import io.quartermaster.node.manifest.MinerManifest.Claim;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Works out what a round of asking all miners for their manifests means for each of them. Pure.
 *
 * <p>A miner that answered counts as it says, and as 0 for a class that it had and no longer names. A neuron that did not
 * answer, or whose answer is malformed, counts as 0 for every class that it had. A hotkey that was not asked, being no neuron
 * of the newest block, is left as it was.
 */
public final class ManifestSync {
    /** The most executors of one class that a miner can be taken to mean. */
    public static final int MOST_EXECUTORS = 30_000;

    private static final int LONGEST_REASON = 120;

    private final ExecutorClasses known;
    private final Map<ExecutorClass, Integer> caps;

    /**
     * Prepares a sync.
     *
     * @param known the classes that count
     * @param caps the most executors that are stored, by class; a class that is not there has no cap
     */
    public ManifestSync(ExecutorClasses known, Map<ExecutorClass, Integer> caps) {
        this.known = known;
        this.caps = Map.copyOf(caps);
    }

    /**
     * What a sync means.
     *
     * @param manifests what to tell each miner's ledger, in order of hotkey
     * @param troubles what was wrong, in order of hotkey
     */
    public record Outcome(List<MinerManifest> manifests, List<ManifestTrouble> troubles) {
        /** Copies the lists. */
        public Outcome {
            manifests = List.copyOf(manifests);
            troubles = List.copyOf(troubles);
        }
    }

    /**
     * Works out what a sync means.
     *
     * @param block the block at which the miners were asked
     * @param counts what those that answered said, uncapped
     * @param failed why others did not answer: "timeout", or anything else for another error. A hotkey in here counts as one
     *     that did not answer, whatever else is said of it
     * @param neurons the neurons of the newest block
     * @param previous the classes of which a miner has a manifest
     * @return what to tell the ledgers, and what was wrong
     */
    public Outcome of(
            long block,
            Map<Hotkey, ? extends Map<ExecutorClass, Integer>> counts,
            Map<Hotkey, String> failed,
            Collection<Hotkey> neurons,
            Function<Hotkey, Set<ExecutorClass>> previous) {
        SortedSet<Hotkey> asked = new TreeSet<>(neurons);
        asked.addAll(counts.keySet());
        asked.addAll(failed.keySet());
        List<MinerManifest> manifests = new ArrayList<>();
        List<ManifestTrouble> troubles = new ArrayList<>();
        for (Hotkey miner : asked) {
            Map<ExecutorClass, Claim> claims = new TreeMap<>();
            previous.apply(miner).forEach(executorClass -> claims.put(executorClass, new Claim(0, 0)));
            claims.putAll(answer(miner, counts, failed, troubles));
            if (!claims.isEmpty()) {
                manifests.add(new MinerManifest(miner, block, claims));
            }
        }
        return new Outcome(manifests, troubles);
    }

    private Map<ExecutorClass, Claim> answer(
            Hotkey miner,
            Map<Hotkey, ? extends Map<ExecutorClass, Integer>> counts,
            Map<Hotkey, String> failed,
            List<ManifestTrouble> troubles) {
        Optional<String> failure = Optional.ofNullable(failed.get(miner));
        if (failure.isPresent()) {
            troubles.add(trouble(miner, failure.get()));
            return Map.of();
        }
        Map<ExecutorClass, Integer> said = counts.get(miner);
        return said == null ? Map.of() : claims(miner, said, troubles);
    }

    private Map<ExecutorClass, Claim> claims(
            Hotkey miner, Map<ExecutorClass, Integer> said, List<ManifestTrouble> troubles) {
        Map<ExecutorClass, Claim> claims = new TreeMap<>();
        for (Map.Entry<ExecutorClass, Integer> entry : new TreeMap<>(said).entrySet()) {
            ExecutorClass executorClass = entry.getKey();
            int count = entry.getValue();
            if (!known.knows(executorClass)) {
                troubles.add(new ManifestTrouble(
                        Kind.UNKNOWN_EXECUTOR_CLASS,
                        miner,
                        "its manifest names " + executorClass + ", which is not known here and not counted"));
            } else if (count < 0 || count > MOST_EXECUTORS) {
                troubles.add(new ManifestTrouble(
                        Kind.MANIFEST_ERROR,
                        miner,
                        "malformed: " + count + " executors of " + executorClass + ", where 0 to " + MOST_EXECUTORS
                                + " can be; all its classes count as 0"));
                return Map.of();
            } else {
                int stored = Math.min(count, caps.getOrDefault(executorClass, MOST_EXECUTORS));
                claims.put(executorClass, new Claim(count, stored));
            }
        }
        return claims;
    }

    private static ManifestTrouble trouble(Hotkey miner, String reason) {
        if (reason.equals("timeout")) {
            return new ManifestTrouble(Kind.MANIFEST_TIMEOUT, miner, "did not answer in time; counts as 0");
        }
        // The reason may hold text of the miner's own.
        String printable = reason.replaceAll("[^\\x20-\\x7e]", "?");
        String shown =
                printable.length() <= LONGEST_REASON ? printable : printable.substring(0, LONGEST_REASON) + "...";
        return new ManifestTrouble(Kind.MANIFEST_ERROR, miner, shown + "; counts as 0");
    }
}
