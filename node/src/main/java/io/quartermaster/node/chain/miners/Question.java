package io.quartermaster.node.chain.miners;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.keys.KeyPair;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.ObjectMapper;

/** What a validator says first to a miner: who it is. To that, a miner answers with its manifest. */
final class Question {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Question() {}

    /**
     * Writes and signs it.
     *
     * @param validator who asks
     * @param miner who is asked
     * @param seconds when, in Unix seconds
     * @return as JSON
     */
    static String of(KeyPair validator, Hotkey miner, long seconds) {
        String signed = validator.hotkey() + ":" + miner + ":" + seconds;
        byte[] signature = validator.sign(signed.getBytes(StandardCharsets.UTF_8));
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("message_type", "ValidatorAuthForMiner");
        message.put("validator_hotkey", validator.hotkey().value());
        message.put("miner_hotkey", miner.value());
        message.put("timestamp", seconds);
        message.put("signature", "0x" + HexFormat.of().formatHex(signature));
        return JSON.writeValueAsString(message);
    }
}
