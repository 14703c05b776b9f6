package io.quartermaster.node.chain.miners;

import static java.util.Map.entry;

import io.quartermaster.api.ExecutorClass;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The manifest that a miner has published on the chain, among other words: {@code <M:A3;S2>} for three executors of the class
 * whose letter is A and two of S. The letters are ComputeHorde's.
 */
public final class CommitmentManifest {
    /** How many bytes of words a miner can publish; a manifest in more is none. */
    public static final int MOST_BYTES = 128;

    private static final Pattern ENVELOPE = Pattern.compile("<M:([^>]*)>");
    private static final Pattern PAIR = Pattern.compile("(?s)(.)\\s*\\+?([0-9]{1,9})");
    private static final Map<String, ExecutorClass> CLASSES = Map.ofEntries(
            entry("A", new ExecutorClass("always_on.gpu-24gb")),
            entry("S", new ExecutorClass("spin_up-4min.gpu-24gb")),
            entry("L", new ExecutorClass("always_on.llm.a6000")),
            entry("T", new ExecutorClass("always_on.test")),
            entry("C", new ExecutorClass("always_on.cpu.8c.16gb")));

    private CommitmentManifest() {}

    /**
     * Finds the manifest in what a miner has published.
     *
     * @param words all of it
     * @return what the first manifest in it says, by class, without what can't be read in it; empty if there is none. One that
     *     names no class is there: a miner that pauses publishes it
     */
    public static Optional<Map<ExecutorClass, Integer>> of(String words) {
        Matcher envelope = ENVELOPE.matcher(words);
        if (words.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES || !envelope.find()) {
            return Optional.empty();
        }
        Map<ExecutorClass, Integer> counts = new TreeMap<>();
        for (String part : envelope.group(1).split(";", -1)) {
            Matcher pair = PAIR.matcher(part.strip());
            if (pair.matches() && CLASSES.containsKey(pair.group(1))) {
                counts.put(CLASSES.get(pair.group(1)), Integer.parseInt(pair.group(2)));
            }
        }
        return Optional.of(Collections.unmodifiableMap(counts));
    }
}
