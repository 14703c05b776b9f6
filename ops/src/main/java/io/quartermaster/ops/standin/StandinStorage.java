package io.quartermaster.ops.standin;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.keys.Hashes;
import io.quartermaster.node.keys.Ss58;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What neurons have published in words, and their addresses in the EVM, as subtensor stores both. Safe for use by several threads. */
final class StandinStorage {
    private static final String COMMITMENTS = "0xca407206ec1ab726b2636c4b145ac287419a60ae8b01e6dcaebd7317e43c69bf";
    private static final String EVM_ADDRESSES = "0x658faa385070e074c85bf6b568cf05552ee3ea5cc28fb0bcd7e9c900544e35b2";
    private static final int MOST_RAW_BYTES = 128;
    private static final int TAG_BIG_RAW = 136;

    private final int netuid;
    private final Supplier<Map<Hotkey, String>> words;
    private final Supplier<Map<Integer, String>> evmAddresses;

    StandinStorage(int netuid, Supplier<Map<Hotkey, String>> words, Supplier<Map<Integer, String>> evmAddresses) {
        this.netuid = netuid;
        this.words = words;
        this.evmAddresses = evmAddresses;
    }

    private NavigableMap<String, String> stored() {
        NavigableMap<String, String> stored = new TreeMap<>();
        words.get().forEach((hotkey, said) -> stored.put(key(hotkey), value(said)));
        evmAddresses
                .get()
                .forEach((uid, address) -> stored.put(
                        key(uid),
                        new ScaleWriter()
                                .bytes(HexFormat.of().parseHex(address.substring(2)))
                                .fixed(1, Long.BYTES)
                                .hex()));
        return stored;
    }

    private String key(Hotkey hotkey) {
        byte[] account = Ss58.publicKey(hotkey.value());
        return COMMITMENTS
                + new ScaleWriter()
                        .fixed(netuid, 2)
                        .bytes(Hashes.twox(Long.BYTES, account))
                        .bytes(account)
                        .hex()
                        .substring(2);
    }

    private String key(int uid) {
        ScaleWriter key = new ScaleWriter();
        for (int number : new int[] {netuid, uid}) {
            byte[] plain = {(byte) number, (byte) (number >> 8)};
            key.bytes(Hashes.twox(Long.BYTES, plain)).bytes(plain);
        }
        return EVM_ADDRESSES + key.hex().substring(2);
    }

    private static String value(String said) {
        byte[] bytes = said.getBytes(StandardCharsets.UTF_8);
        ScaleWriter out = new ScaleWriter().fixed(0, 8).fixed(1, 4).compact(1);
        if (bytes.length <= MOST_RAW_BYTES) {
            out.fixed(1 + bytes.length, 1);
        } else {
            out.fixed(TAG_BIG_RAW, 1).compact(bytes.length);
        }
        return out.bytes(bytes).hex();
    }

    /** Some of the keys that begin with a prefix, in order, after another one. */
    List<String> keys(String prefix, int count, String after) {
        return stored().tailMap(after, false).keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .limit(count)
                .toList();
    }

    /** What is stored under a key. */
    Optional<String> at(String key) {
        return Optional.ofNullable(stored().get(key));
    }

    /** What is stored under some keys as of a block. */
    List<Map<String, Object>> values(JsonNode keys, String hash) {
        Map<String, String> stored = stored();
        List<List<@Nullable String>> changes = new ArrayList<>();
        for (JsonNode node : keys) {
            List<@Nullable String> change = new ArrayList<>();
            change.add(node.asString(""));
            change.add(stored.get(node.asString("")));
            changes.add(change);
        }
        return List.of(Map.of("block", hash, "changes", changes));
    }
}
