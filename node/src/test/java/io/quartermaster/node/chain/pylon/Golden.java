package io.quartermaster.node.chain.pylon;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What Pylon answers of a real node's subnet, 12, at block 47. */
final class Golden {
    static final int NETUID = 12;
    static final long BLOCK = 47;
    static final String HASH = "0x196a11fa06c664b8ef8fca7b00ddf249e2c7e2553c0aaa45b5b1522a933ce6cc";

    /** The neurons' hotkeys, by uid. */
    static final String[] HOTKEYS = {
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
        "5HmZGwFeUiYfp1BTiELfhYYugr2vEMYoq3KztrYu9H6y32Ko",
        "5F9k8QrSD2xe3s6ti5qU7m4woBwi9Q6g7XRPUFHmwMyU1KMi",
        "5FpjvVN9fkYjNvNwzZYxLFNz2UVDmeZ8ZvD47A1dLMnsVgo6",
        "5EASTaokxirHhjuMC4KYjxxpCqh8HcFkaDUnyqKbT7Wj5hWP",
        "5HipECoTgvusTYknA6sUvTR8xPReygF5p9RJQuHoDun16Ev2"
    };

    private Golden() {}

    static String text(String name) {
        try (InputStream in = Objects.requireNonNull(Golden.class.getResourceAsStream("/pylon/" + name + ".json"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static ObjectNode json(String name) {
        return (ObjectNode) parse(text(name));
    }

    static JsonNode parse(String text) {
        return PylonRequests.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    static String error(int status, String detail) {
        return "{\"status_code\":" + status + ",\"detail\":\"" + detail + "\"}";
    }
}
