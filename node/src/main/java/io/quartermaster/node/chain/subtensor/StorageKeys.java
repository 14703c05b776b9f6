package io.quartermaster.node.chain.subtensor;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.keys.Hashes;
import io.quartermaster.node.keys.Ss58;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The keys under which subtensor stores what a validator needs. */
final class StorageKeys {
    private static final String SUBTENSOR = "SubtensorModule";
    private static final int HASH_BYTES = 16;

    /** When the block was made, in Unix milliseconds. */
    static final String TIMESTAMP = new Key("Timestamp", "Now").hex();

    private StorageKeys() {}

    /** A key while it is put together. */
    private static final class Key {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        private Key(String pallet, String item) {
            bytes.writeBytes(Hashes.twox(HASH_BYTES, pallet.getBytes(StandardCharsets.US_ASCII)));
            bytes.writeBytes(Hashes.twox(HASH_BYTES, item.getBytes(StandardCharsets.US_ASCII)));
        }

        private Key plain(byte[] key) {
            bytes.writeBytes(key);
            return this;
        }

        private Key blake2Concat(byte[] key) {
            bytes.writeBytes(Hashes.blake2b(HASH_BYTES, key));
            return plain(key);
        }

        private Key twoxConcat(byte[] key) {
            bytes.writeBytes(Hashes.twox(Long.BYTES, key));
            return plain(key);
        }

        private String hex() {
            return "0x" + HexFormat.of().formatHex(bytes.toByteArray());
        }
    }

    /** A subnet's or neuron's number. */
    static byte[] u16(int number) {
        return new byte[] {(byte) number, (byte) (number >> 8)};
    }

    private static byte[] key(Hotkey hotkey) {
        return Ss58.publicKey(hotkey.value());
    }

    static String axon(int netuid, Hotkey hotkey) {
        return new Key(SUBTENSOR, "Axons")
                .plain(u16(netuid))
                .blake2Concat(key(hotkey))
                .hex();
    }

    static String certificate(int netuid, Hotkey hotkey) {
        return new Key(SUBTENSOR, "NeuronCertificates")
                .plain(u16(netuid))
                .blake2Concat(key(hotkey))
                .hex();
    }

    static String evmAddress(int netuid, int uid) {
        return new Key(SUBTENSOR, "AssociatedEvmAddress")
                .twoxConcat(u16(netuid))
                .twoxConcat(u16(uid))
                .hex();
    }

    static String tempo(int netuid) {
        return new Key(SUBTENSOR, "Tempo").plain(u16(netuid)).hex();
    }

    /** What the keys of all commitments on a subnet begin with; a hotkey's own 32 bytes are at the end of each. */
    static String commitments(int netuid) {
        return new Key("Commitments", "CommitmentOf").plain(u16(netuid)).hex();
    }

    static String commitment(int netuid, Hotkey hotkey) {
        return new Key("Commitments", "CommitmentOf")
                .plain(u16(netuid))
                .twoxConcat(key(hotkey))
                .hex();
    }
}
