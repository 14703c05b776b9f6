package io.quartermaster.ops.standin;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.Validator;
import io.quartermaster.node.keys.Ss58;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** What a node answers to which request: a chain's blocks in subtensor's layouts. Safe for use by several threads. */
final class StandinAnswers {
    private static final String TIMESTAMP = "0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb";
    private static final String NEURONS = "NeuronInfoRuntimeApi_get_neurons_lite";
    private static final String STATE = "SubnetInfoRuntimeApi_get_subnet_state";
    private static final int VERSION = 293;
    private static final double RAO_PER_TAO = 1e9;
    private static final int REPLACED_EVERY_BLOCKS = 7;
    private static final int REPLACED_AMONG_NEWEST = 2;
    private static final int STATE_GONE = 4003;
    private static final int INVALID_COUNT = 4002;
    private static final int MOST_KEYS = 1_000;
    private static final int EXECUTION_FAILED = 4003;
    private static final int METHOD_NOT_FOUND = -32601;
    private static final int INVALID_PARAMS = -32602;
    private static final long EPOCH_BLOCKS = 361;

    private final Chain chain;
    private final StandinFaults faults;
    private final StandinStorage stored;
    private final Map<String, Long> numbers = new ConcurrentHashMap<>();

    StandinAnswers(
            Chain chain,
            StandinFaults faults,
            Supplier<Map<Hotkey, String>> words,
            Supplier<Map<Integer, String>> evmAddresses) {
        this.chain = chain;
        this.faults = faults;
        this.stored = new StandinStorage(chain.info().netuid(), words, evmAddresses);
    }

    /** An answer that is not a result. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int code;

        Refused(int code, String message) {
            super(message);
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** The result of a request; empty for null. */
    Optional<Object> answer(String method, JsonNode params) {
        return switch (method) {
            case "chain_getHeader" -> header(params);
            case "chain_getBlockHash" ->
                params.isEmpty()
                        ? Optional.of(hash(head()))
                        : blockHash(params.get(0).asLong(-1));
            case "chain_getFinalizedHead" -> Optional.of(hash(head()));
            case "state_getStorage" -> storage(text(params, 0), text(params, 1));
            case "state_getKeysPaged" -> Optional.of(keys(params));
            case "state_queryStorageAt" -> {
                String hash = state(text(params, 1), "UnknownBlock: ").hash().orElseThrow();
                yield Optional.of(stored.values(params.path(0), hash));
            }
            case "state_call" -> Optional.of(call(text(params, 0), text(params, 1), text(params, 2)));
            case "state_getRuntimeVersion" ->
                Optional.of(Map.of("specName", "node-subtensor", "specVersion", version(block(text(params, 0)))));
            case "system_chain" -> Optional.of("stand-in");
            case "system_name" -> Optional.of("quartermaster-standin");
            default -> throw new Refused(METHOD_NOT_FOUND, "Method not found");
        };
    }

    private static String text(JsonNode params, int index) {
        if (!params.path(index).isString()) {
            throw new Refused(INVALID_PARAMS, "Invalid params: a string is expected at place " + index);
        }
        return params.get(index).asString();
    }

    private long head() {
        return chain.head() - faults.behindBlocks();
    }

    private Optional<Object> header(JsonNode params) {
        long number = params.isEmpty() ? head() : numbers.getOrDefault(text(params, 0), -1L);
        if (number < 0) {
            return Optional.empty();
        }
        return Optional.of(Map.of(
                "number",
                "0x" + Long.toHexString(number),
                "parentHash",
                number == 0 ? "0x" + "0".repeat(64) : hash(number - 1),
                "stateRoot",
                "0x" + "0".repeat(64),
                "extrinsicsRoot",
                "0x" + "0".repeat(64),
                "digest",
                Map.of("logs", List.of())));
    }

    private Optional<Object> blockHash(long number) {
        boolean known = number >= chain.oldestReachable() && number <= head();
        return known ? Optional.of(hash(number)) : Optional.empty();
    }

    private boolean replacedLater(long number) {
        return faults.reorganises() && number % REPLACED_EVERY_BLOCKS == 0 && head() - number < REPLACED_AMONG_NEWEST;
    }

    private String hash(long number) {
        String hash = chain.block(number)
                .flatMap(BlockSeen::hash)
                .orElseThrow(() -> new Refused(STATE_GONE, "Client error: there is no block " + number));
        if (replacedLater(number)) {
            hash = "0xff" + hash.substring(4);
        }
        numbers.put(hash, number);
        return hash;
    }

    /** The block of a hash that was told before. */
    private long block(String hash) {
        Long number = numbers.get(hash);
        if (number == null) {
            throw new Refused(STATE_GONE, "Client error: UnknownBlock: Header was not found in the database: " + hash);
        }
        return number;
    }

    private BlockSeen state(String hash, String before) {
        long number = block(hash);
        if (head() - number >= faults.stateBlocks()) {
            throw new Refused(STATE_GONE, "Client error: " + before + "State already discarded for " + hash);
        }
        BlockSeen seen = chain.block(number).orElseThrow();
        if (!hash.startsWith("0xff") || seen.hash().equals(Optional.of(hash))) {
            return seen;
        }
        // What was replaced said something else.
        List<Validator> others = seen.validators().stream()
                .map(one -> new Validator(one.hotkey(), one.uid(), one.stake() * (1 + one.uid() % 2)))
                .toList();
        return new BlockSeen(number, seen.timeMillis() + 5_000, Optional.of(hash), seen.neurons(), others);
    }

    private int version(long number) {
        return upgraded(number) ? VERSION + 1 : VERSION;
    }

    private boolean upgraded(long number) {
        return faults.upgradeAt() >= 0 && number >= faults.upgradeAt();
    }

    private Optional<Object> storage(String key, String hash) {
        BlockSeen seen = state(hash, "UnknownBlock: ");
        return key.equals(TIMESTAMP)
                ? Optional.of(
                        new ScaleWriter().fixed(seen.timeMillis(), Long.BYTES).hex())
                : stored.at(key).map(Object.class::cast);
    }

    private List<String> keys(JsonNode params) {
        int count = params.path(1).asInt(0);
        if (count > MOST_KEYS) {
            throw new Refused(INVALID_COUNT, "count exceeds maximum value. value: " + count + ", max: " + MOST_KEYS);
        }
        var unused = state(text(params, 3), "UnknownBlock: ");
        return stored.keys(text(params, 0), count, params.path(2).asString(""));
    }

    private String call(String api, String arguments, String hash) {
        BlockSeen seen = state(hash, "Api called for an unknown Block: ");
        String netuid = new ScaleWriter().fixed(chain.info().netuid(), 2).hex();
        boolean known = netuid.equals(arguments);
        ScaleWriter out = new ScaleWriter();
        switch (api) {
            case NEURONS -> neurons(out, known ? seen : new BlockSeen(0, 0, Optional.empty(), List.of(), List.of()));
            case STATE -> state(out.bool(known), known ? Optional.of(seen) : Optional.empty());
            default ->
                throw new Refused(
                        EXECUTION_FAILED,
                        "Client error: Execution failed: Other: Exported method " + api + " is not found");
        }
        if (upgraded(seen.block())) {
            out.bool(true);
        }
        return out.hex();
    }

    private void neurons(ScaleWriter out, BlockSeen seen) {
        Map<Hotkey, Validator> validators = new HashMap<>();
        seen.validators().forEach(validator -> validators.put(validator.hotkey(), validator));
        out.list(seen.neurons(), neuron -> {
            account(out, neuron.hotkey());
            account(out, neuron.coldkey());
            out.compact(neuron.uid()).compact(chain.info().netuid()).bool(true);
            axon(out, neuron);
            out.fixed(0, 8).fixed(0, 4).fixed(0, 16).fixed(0, 2).fixed(0, 1); // prometheus
            out.compact(1);
            account(out, neuron.coldkey());
            out.compact(stake(validators, neuron));
            out.compact(0)
                    .compact(0)
                    .compact(0)
                    .compact(0)
                    .compact(0)
                    .compact(0)
                    .compact(0); // rank ... dividends
            out.compact(seen.block())
                    .bool(validators.containsKey(neuron.hotkey()))
                    .compact(65_535);
        });
    }

    private static long stake(Map<Hotkey, Validator> validators, Neuron neuron) {
        Validator validator = validators.get(neuron.hotkey());
        return validator == null ? 0 : Math.round(validator.stake() * RAO_PER_TAO);
    }

    private static void account(ScaleWriter out, Hotkey key) {
        out.bytes(Ss58.publicKey(key.value()));
    }

    private static void axon(ScaleWriter out, Neuron neuron) {
        BigInteger ip;
        try {
            // Addresses are written in digits, so that no name is looked up.
            ip = new BigInteger(
                    1, InetAddress.getByName(neuron.miner().address()).getAddress());
        } catch (UnknownHostException e) {
            ip = BigInteger.ZERO;
        }
        out.fixed(0, 8)
                .fixed(9_003_000, 4)
                .fixed(ip, 16)
                .fixed(neuron.miner().port(), 2)
                .fixed(neuron.miner().ipVersion(), 1)
                .fixed(4, 1)
                .fixed(0, 2);
    }

    private void state(ScaleWriter out, Optional<BlockSeen> present) {
        if (present.isEmpty()) {
            return;
        }
        BlockSeen seen = present.get();
        Map<Hotkey, Validator> validators = new HashMap<>();
        seen.validators().forEach(validator -> validators.put(validator.hotkey(), validator));
        List<Neuron> neurons = seen.neurons();
        List<Long> zeros = IntStream.range(0, neurons.size()).mapToObj(i -> 0L).toList();
        out.compact(chain.info().netuid())
                .list(neurons, neuron -> account(out, neuron.hotkey()))
                .list(neurons, neuron -> account(out, neuron.coldkey()))
                .list(neurons, neuron -> out.bool(true))
                .list(neurons, neuron -> out.bool(validators.containsKey(neuron.hotkey())))
                .list(List.of(), out::compact) // pruning score
                .list(neurons, neuron -> out.compact(seen.block() / EPOCH_BLOCKS * EPOCH_BLOCKS))
                .list(zeros, out::compact) // emission
                .list(zeros, out::compact) // dividends
                .list(zeros, out::compact) // incentives
                .list(zeros, out::compact) // consensus
                .list(List.of(), out::compact) // trust
                .list(List.of(), out::compact) // rank
                .list(zeros, out::compact) // block at registration
                .list(neurons, neuron -> out.compact(stake(validators, neuron)))
                .list(zeros, out::compact) // tao stake
                .list(neurons, neuron -> out.compact(stake(validators, neuron)))
                .list(List.of(), out::compact); // emission history
    }
}
