package io.quartermaster.node.chain.miners;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.keys.Sr25519;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A miner can tell from the question who asks, whom, and when. */
class QuestionTest {
    private static final KeyPair VALIDATOR = KeyPair.ofSeed(new byte[32]);
    private static final Hotkey MINER = new Hotkey("5FpjvVN9fkYjNvNwzZYxLFNz2UVDmeZ8ZvD47A1dLMnsVgo6");

    @Test
    void itIsSignedByTheValidator() {
        JsonNode question = new ObjectMapper().readTree(Question.of(VALIDATOR, MINER, 1_760_000_051));

        assertThat(question.propertyNames())
                .containsExactlyInAnyOrder(
                        "message_type", "validator_hotkey", "miner_hotkey", "timestamp", "signature");
        assertThat(question.get("message_type").asString()).isEqualTo("ValidatorAuthForMiner");
        assertThat(question.get("timestamp").isIntegralNumber()).isTrue();
        String signed = question.get("validator_hotkey").asString() + ":"
                + question.get("miner_hotkey").asString() + ":1760000051";
        assertThat(signed).isEqualTo(VALIDATOR.hotkey() + ":" + MINER + ":1760000051");
        String signature = question.get("signature").asString();
        assertThat(signature).matches("0x[0-9a-f]{128}");
        assertThat(Sr25519.verify(
                        VALIDATOR.publicKey(),
                        signed.getBytes(StandardCharsets.UTF_8),
                        HexFormat.of().parseHex(signature, 2, 130)))
                .isTrue();
    }
}
