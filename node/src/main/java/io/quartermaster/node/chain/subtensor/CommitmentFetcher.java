package io.quartermaster.node.chain.subtensor;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.subtensor.Layouts.Commitment;
import io.quartermaster.node.keys.Ss58;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Reads what the neurons of a subnet have published in words, from one node. Immutable; safe for use by several threads. */
final class CommitmentFetcher {
    /** The most that a node gives at once. */
    static final int PAGE = 1_000;

    /** A subnet has some hundred neurons; what those before them have published may still be there. */
    private static final int MOST_PAGES = 64;

    private static final Logger LOG = LoggerFactory.getLogger(CommitmentFetcher.class);
    private static final JsonNode FROM_THE_BEGINNING = JsonNodeFactory.instance.nullNode();

    private final int netuid;
    private final String prefix;

    CommitmentFetcher(int netuid) {
        this.netuid = netuid;
        this.prefix = StorageKeys.commitments(netuid);
    }

    /**
     * What has been published.
     *
     * @param byHotkey by whom
     * @param unreadable how many more there are that can't be read
     */
    record Commitments(Map<Hotkey, Commitment> byHotkey, int unreadable) {
        Commitments {
            byHotkey = Collections.unmodifiableMap(new TreeMap<>(byHotkey));
        }

        private Commitments and(Commitments others) {
            Map<Hotkey, Commitment> all = new TreeMap<>(byHotkey);
            all.putAll(others.byHotkey);
            return new Commitments(all, unreadable + others.unreadable);
        }
    }

    /**
     * All that is published as of a block.
     *
     * @param node whom to ask
     * @param hash the block's hash
     * @return completes with {@link RpcException} if the node does not have the block's state, with {@link UnknownLayout} if what
     *     it answers as a whole can't be read
     */
    CompletableFuture<Commitments> fetch(NodeClient node, String hash) {
        return fetch(node, hash, new Commitments(Map.of(), 0), FROM_THE_BEGINNING, MOST_PAGES);
    }

    private CompletableFuture<Commitments> fetch(
            NodeClient node, String hash, Commitments before, JsonNode after, int pagesLeft) {
        return node.call("state_getKeysPaged", prefix, PAGE, after, hash).thenCompose(page -> {
            List<String> keys = read(node, () -> keys(page, after));
            if (keys.isEmpty()) {
                return CompletableFuture.completedFuture(before);
            }
            CompletableFuture<Commitments> all = node.call("state_queryStorageAt", keys, hash)
                    .thenApply(values -> before.and(read(node, () -> commitments(values, keys))));
            if (keys.size() < PAGE) {
                return all;
            }
            if (pagesLeft == 1) {
                throw new CompletionException(
                        new NodeUnavailable(node.uri() + " has more than " + MOST_PAGES * PAGE + " commitments"));
            }
            return all.thenCompose(known -> fetch(node, hash, known, page.get(PAGE - 1), pagesLeft - 1));
        });
    }

    /** Something that is read from an answer. */
    @FunctionalInterface
    private interface Reading<T> {
        T read() throws UnknownLayout;
    }

    private static <T> T read(NodeClient node, Reading<T> reading) {
        try {
            return reading.read();
        } catch (UnknownLayout e) {
            throw new CompletionException(
                    new UnknownLayout("The commitments from " + node.uri() + ": " + e.getMessage()));
        }
    }

    /** In order, so that one page can't lead back to one before. */
    List<String> keys(JsonNode page, JsonNode after) throws UnknownLayout {
        List<String> keys = new ArrayList<>();
        String last = after.asString("");
        for (JsonNode node : page) {
            String key = node.asString("");
            if (!key.startsWith(prefix) || key.compareTo(last) <= 0) {
                throw new UnknownLayout("a page of keys has one that does not follow the one before");
            }
            keys.add(key);
            last = key;
        }
        if (!page.isArray() || keys.size() > PAGE) {
            throw new UnknownLayout("a page of keys is not a list of at most " + PAGE);
        }
        return keys;
    }

    /** What can be read of the answer; what is asked for and not in it counts as unreadable. */
    Commitments commitments(JsonNode answer, List<String> keys) throws UnknownLayout {
        if (!answer.path(0).path("changes").isArray()) {
            throw new UnknownLayout("their values are not there");
        }
        Set<String> asked = Set.copyOf(keys);
        Map<Hotkey, Commitment> readable = new TreeMap<>();
        for (JsonNode change : answer.get(0).get("changes")) {
            String key = change.path(0).asString("");
            try {
                if (asked.contains(key)) {
                    readable.put(hotkey(key), commitment(change.path(1).asString("")));
                }
            } catch (UnknownLayout e) {
                LOG.debug("A commitment under {} can't be read: {}", key, e.getMessage());
            }
        }
        return new Commitments(readable, asked.size() - readable.size());
    }

    private Hotkey hotkey(String key) throws UnknownLayout {
        byte[] bytes = ScaleReader.bytesOfHex(key);
        Hotkey hotkey = new Hotkey(
                Ss58.address(Arrays.copyOfRange(bytes, Math.max(0, bytes.length - Ss58.KEY_BYTES), bytes.length)));
        if (!StorageKeys.commitment(netuid, hotkey).equals(key)) {
            throw new UnknownLayout("this is not a hotkey's");
        }
        return hotkey;
    }

    private static Commitment commitment(String hex) throws UnknownLayout {
        return ScaleReader.ofHex(hex).whole(Layouts::commitment);
    }
}
