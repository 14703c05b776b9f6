package io.quartermaster.ops.standin;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.Validator;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What Pylon answers to which request: a chain's blocks in the models of its API, version 1. Safe for use by several threads. */
final class StandinPylonAnswers {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern LOGIN = Pattern.compile("/api/v1/login/identity/([^/]+)");
    private static final Pattern SUBNET = Pattern.compile(
            "/api/v1(?:/identity/([^/]+))?/subnet/([0-9]{1,5})/block/(latest|[0-9]{1,18})/(neurons|validators|commitments)");
    private static final Pattern BEARER = Pattern.compile("(?i)bearer\\s+(\\S+)");
    private static final Pattern IN_DIGITS = Pattern.compile("[0-9a-fA-F:.]+");
    private static final int HTTP = 4;
    private static final double WHOLE = 1e9;

    private final Chain chain;
    private final String identity;
    private final String token;
    private final boolean login;
    private final Map<Hotkey, String> commitments = new ConcurrentHashMap<>();

    StandinPylonAnswers(Chain chain, String identity, String token, boolean login) {
        this.chain = chain;
        this.identity = identity;
        this.token = token;
        this.login = login;
    }

    /**
     * An answer.
     *
     * @param status of HTTP
     * @param body the JSON
     */
    record Answer(int status, ObjectNode body) {}

    static Answer error(int status, String detail) {
        return new Answer(
                status, JSON.createObjectNode().put("status_code", status).put("detail", detail));
    }

    void commit(Hotkey hotkey, String words) {
        commitments.put(hotkey, words);
    }

    /**
     * Answers a request.
     *
     * @param method such as GET
     * @param path all of it
     * @param authorization the header, if it was sent
     * @param body what was sent along
     */
    Answer answer(String method, String path, Optional<String> authorization, byte[] body) {
        Matcher loggingIn = LOGIN.matcher(path);
        if (login && method.equals("POST") && loggingIn.matches()) {
            return login(loggingIn.group(1), body);
        }
        if (!login && method.equals("GET") && path.equals("/api/v1/identities")) {
            ObjectNode all = JSON.createObjectNode();
            all.putObject("identities").put(identity, chain.info().netuid());
            return new Answer(200, all);
        }
        Matcher subnet = SUBNET.matcher(path);
        if (!method.equals("GET") || !subnet.matches()) {
            return error(404, "Not Found");
        }
        return refusal(Optional.ofNullable(subnet.group(1)), authorization)
                .orElseGet(() -> subnet(Integer.parseInt(subnet.group(2)), subnet.group(3), subnet.group(4)));
    }

    private Answer login(String name, byte[] body) {
        if (!name.equals(identity)) {
            return unknown(name);
        }
        try {
            if (!JSON.readTree(body).path("token").asString("").equals(token)) {
                return error(403, "Invalid authorization token");
            }
        } catch (JacksonException e) {
            return error(400, "Validation failed");
        }
        return new Answer(
                200,
                JSON.createObjectNode().put("netuid", chain.info().netuid()).put("identity_name", identity));
    }

    private static Answer unknown(String name) {
        return error(404, "Identity '" + name + "' not found");
    }

    /** In the order in which Pylon's guards look. */
    private Optional<Answer> refusal(Optional<String> name, Optional<String> authorization) {
        boolean known = name.isEmpty() || name.get().equals(identity);
        if (login) {
            return known ? Optional.empty() : Optional.of(unknown(name.orElseThrow()));
        }
        if (authorization.isEmpty()) {
            return Optional.of(error(401, "Authorization header is required"));
        }
        Matcher bearer = BEARER.matcher(authorization.get());
        if (!bearer.matches()) {
            return Optional.of(error(401, "Invalid Authorization header format. Expected: Bearer <token>"));
        }
        if (!known) {
            return Optional.of(unknown(name.orElseThrow()));
        }
        return bearer.group(1).equals(token)
                ? Optional.empty()
                : Optional.of(error(403, "Invalid authorization token"));
    }

    private Answer subnet(int netuid, String number, String what) {
        boolean latest = number.equals("latest");
        if (what.equals("commitments") && !latest) {
            return error(404, "Not Found");
        }
        Optional<BlockSeen> seen = chain.block(latest ? chain.head() : Long.parseLong(number));
        if (seen.isEmpty()) {
            return latest
                    ? error(502, "The latest block is unavailable")
                    : error(404, "Block " + number + " not found.");
        }
        ObjectNode answer = JSON.createObjectNode();
        answer.putObject("block")
                .put("number", seen.get().block())
                .put("hash", seen.get().hash().orElseThrow());
        boolean known = netuid == chain.info().netuid();
        switch (what) {
            case "neurons" -> neurons(answer.putObject("neurons"), seen.filter(block -> known));
            case "validators" -> validators(answer.putArray("validators"), seen.filter(block -> known));
            default -> commitments(answer.putObject("commitments"), known);
        }
        return new Answer(200, answer);
    }

    private static void neurons(ObjectNode out, Optional<BlockSeen> seen) {
        seen.ifPresent(block -> {
            Map<Hotkey, Validator> validators = byHotkey(block);
            block.neurons().forEach(neuron -> out.set(neuron.hotkey().value(), neuron(neuron, block, validators)));
        });
    }

    private static void validators(ArrayNode out, Optional<BlockSeen> seen) {
        seen.ifPresent(block -> {
            Map<Hotkey, Validator> validators = byHotkey(block);
            block.neurons().stream()
                    .filter(neuron -> validators.containsKey(neuron.hotkey()))
                    .sorted(Comparator.comparingDouble((Neuron neuron) -> stake(validators, neuron))
                            .reversed())
                    .forEach(neuron -> out.add(neuron(neuron, block, validators)));
        });
    }

    private void commitments(ObjectNode out, boolean known) {
        if (known) {
            commitments.forEach((hotkey, words) ->
                    out.put(hotkey.value(), HexFormat.of().formatHex(words.getBytes(StandardCharsets.UTF_8))));
        }
    }

    private static Map<Hotkey, Validator> byHotkey(BlockSeen block) {
        Map<Hotkey, Validator> validators = new HashMap<>();
        block.validators().forEach(validator -> validators.put(validator.hotkey(), validator));
        return validators;
    }

    /** In whole rao, as the chain has it, and then in TAO, as Pylon does. */
    private static double stake(Map<Hotkey, Validator> validators, Neuron neuron) {
        Validator validator = validators.get(neuron.hotkey());
        return validator == null ? 0 : Math.round(validator.stake() * WHOLE) / WHOLE;
    }

    private static ObjectNode neuron(Neuron neuron, BlockSeen block, Map<Hotkey, Validator> validators) {
        double stake = stake(validators, neuron);
        ObjectNode out = JSON.createObjectNode()
                .put("uid", neuron.uid())
                .put("coldkey", neuron.coldkey().value())
                .put("hotkey", neuron.hotkey().value())
                .put("active", true);
        // A recording may have names where the chain has addresses.
        String address = neuron.miner().address();
        out.putObject("axon_info")
                .put("ip", IN_DIGITS.matcher(address).matches() ? address : "0.0.0.0")
                .put("port", neuron.miner().port())
                .put("protocol", HTTP);
        out.put("stake", stake)
                .put("rank", 0.0)
                .put("emission", 0.0)
                .put("incentive", 0.0)
                .put("consensus", 0.0)
                .put("trust", 0.0)
                .put("validator_trust", 0.0)
                .put("dividends", 0.0)
                .put("last_update", block.block())
                .put("validator_permit", validators.containsKey(neuron.hotkey()))
                .put("pruning_score", 65_535);
        out.putObject("stakes").put("alpha", stake).put("tao", 0.0).put("total", stake);
        return out;
    }
}
