package io.quartermaster.ops.standin;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.ForwardingChain;
import io.quartermaster.node.chain.Observation;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A chain on which miners publish their manifests: those that it has shown last. Safe for use by several threads. */
public final class PublishingChain extends ForwardingChain {
    private static final Map<ExecutorClass, String> LETTERS = Map.of(
            new ExecutorClass("always_on.gpu-24gb"), "A",
            new ExecutorClass("spin_up-4min.gpu-24gb"), "S",
            new ExecutorClass("always_on.llm.a6000"), "L",
            new ExecutorClass("always_on.test"), "T",
            new ExecutorClass("always_on.cpu.8c.16gb"), "C");

    private volatile Map<Hotkey, Map<ExecutorClass, Integer>> manifests = Map.of();

    /**
     * A chain whose miners publish.
     *
     * @param chain which blocks and manifests there are
     */
    public PublishingChain(Chain chain) {
        super(chain);
    }

    /**
     * What the miners have now.
     *
     * @return their executors by class; without those who did not say it last time
     */
    public Map<Hotkey, Map<ExecutorClass, Integer>> manifests() {
        return manifests;
    }

    /**
     * What is published now.
     *
     * @return by whom, in ComputeHorde's notation
     */
    public Map<Hotkey, String> words() {
        Map<Hotkey, String> words = new TreeMap<>();
        manifests.forEach((miner, counts) -> words.put(miner, inWords(counts)));
        return words;
    }

    @Override
    public synchronized Optional<Observation> next(Duration patience) throws InterruptedException {
        Optional<Observation> seen = super.next(patience);
        if (seen.isPresent() && seen.get() instanceof ManifestsSeen said) {
            Map<Hotkey, Map<ExecutorClass, Integer>> known = new TreeMap<>(manifests);
            said.failed().keySet().forEach(known::remove);
            known.putAll(said.counts());
            manifests = Map.copyOf(known);
        }
        return seen;
    }

    private static String inWords(Map<ExecutorClass, Integer> counts) {
        return counts.entrySet().stream()
                .filter(count -> LETTERS.containsKey(count.getKey()))
                .map(count -> LETTERS.get(count.getKey()) + count.getValue())
                .collect(Collectors.joining(";", "<M:", ">"));
    }
}
