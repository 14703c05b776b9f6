package io.quartermaster.node.chain.subtensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.node.chain.subtensor.Layouts.NeuronLite;
import io.quartermaster.node.chain.subtensor.Layouts.SubnetState;
import io.quartermaster.node.keys.Hashes;
import io.quartermaster.node.keys.Ss58;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All that a real node answered is read to the last byte, by what its runtime says of its own types, and says what another
 * program reads in it. What else is known of the answers without a second reading is looked up in the table of meanings; an
 * answer that is in neither fails, so that none can be recorded and forgotten.
 */
class RecordedAnswersTest {
    private static final String BLOCK = "0x196a11fa06c664b8ef8fca7b00ddf249e2c7e2553c0aaa45b5b1522a933ce6cc";
    private static final int MISSING = 404;
    private static final String ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    private static final String VALIDATOR = "5HmZGwFeUiYfp1BTiELfhYYugr2vEMYoq3KztrYu9H6y32Ko";
    private static final String MINER_1 = "5FpjvVN9fkYjNvNwzZYxLFNz2UVDmeZ8ZvD47A1dLMnsVgo6";
    private static final String MINER_2 = "5EASTaokxirHhjuMC4KYjxxpCqh8HcFkaDUnyqKbT7Wj5hWP";
    private static final String NOBODY = "5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM";
    private static final RuntimeMetadata METADATA = metadata();

    /** What an answer says is not the same for all of them. */
    @FunctionalInterface
    private interface Meaning {
        void check(JsonNode answer) throws Exception;
    }

    private static final Map<String, Meaning> MEANINGS = Map.ofEntries(
            Map.entry("chain_getBlock", RecordedAnswersTest::aBlockIsSigned),
            Map.entry(
                    "chain_getBlockHash",
                    answer -> assertThat(answer.get("result"))
                            .isEqualTo(RecordedAnswers.named("chain_getBlock")
                                    .get("params")
                                    .get(0))),
            Map.entry(
                    "chain_getBlockHash_future",
                    answer -> assertThat(answer.get("result").isNull()).isTrue()),
            Map.entry(
                    "chain_getFinalizedHead",
                    answer -> assertThat(answer.get("result").asString()).isEqualTo(BLOCK)),
            Map.entry("chain_getHeader", answer -> {
                assertThat(hash(answer.get("result"))).isEqualTo(BLOCK);
                assertThat(number(answer.get("result"))).isEqualTo(47);
                assertThat(number(answer.get("result")))
                        .isEqualTo(
                                RecordedAnswers.decoded("storage_System_Number").asLong());
            }),
            // The program that recorded them makes up a block with a hash that it does not know, where a node says
            // null.
            Map.entry(
                    "header_unknown_hash",
                    answer -> assertThat(number(answer.get("result"))).isZero()),
            Map.entry(
                    "err_unknown_hash_getStorage",
                    answer -> assertThat(read(answer)).isEqualTo(json("1760000004000"))),
            Map.entry(
                    "err_unknown_hash_state_call",
                    answer -> assertThat(read(answer)).isEqualTo(json("[]"))),
            Map.entry("err_unknown_method", answer -> isRefused(answer, -32601, "Method not found: foo_bar")),
            Map.entry(
                    "err_unknown_runtime_api", answer -> isRefused(answer, -32603, "Function to start was not found")),
            Map.entry(
                    "keysPaged_AssociatedEvmAddress",
                    answer -> assertThat(read(answer)).isEqualTo(json("[[12,3]]"))),
            Map.entry(
                    "keysPaged_CommitmentOf",
                    answer -> assertThat(read(answer))
                            .isEqualTo(json("[[12,'%s'],[12,'%s'],[12,'%s']]".formatted(MINER_2, MINER_1, VALIDATOR)))),
            Map.entry(
                    "keysPaged_Keys",
                    answer -> assertThat(read(answer)).isEqualTo(json("[[12,0],[12,1],[12,2],[12,3],[12,4],[12,5]]"))),
            Map.entry(
                    "keysPaged_NeuronCertificates",
                    answer -> assertThat(read(answer)).isEqualTo(json("[[12,'" + VALIDATOR + "']]"))),
            Map.entry(
                    "queryStorageAt_AssociatedEvmAddress",
                    answer -> assertThat(read(answer))
                            .containsExactly(RecordedAnswers.decoded("storage_AssociatedEvmAddress_uid3"))),
            Map.entry(
                    "queryStorageAt_CommitmentOf",
                    answer -> assertThat(read(answer))
                            .containsExactly(
                                    RecordedAnswers.decoded("storage_CommitmentOf_miner2_shield"),
                                    RecordedAnswers.decoded("storage_CommitmentOf_miner1"),
                                    RecordedAnswers.decoded("storage_CommitmentOf_vali1_contract"))),
            Map.entry(
                    "queryStorageAt_Keys",
                    answer -> assertThat(read(answer))
                            .containsExactlyElementsOf(
                                    RecordedAnswers.decoded("call_subnet_state").get("hotkeys"))),
            Map.entry(
                    "queryStorageAt_NeuronCertificates",
                    answer -> assertThat(read(answer))
                            .containsExactly(RecordedAnswers.decoded("storage_NeuronCertificates_vali1"))),
            Map.entry(
                    "rpc_methods",
                    answer -> assertThat(answer.get("result")
                                    .get("methods")
                                    .valueStream()
                                    .map(JsonNode::asString))
                            .contains(
                                    "chain_getBlockHash",
                                    "chain_getHeader",
                                    "state_call",
                                    "state_getKeysPaged",
                                    "state_getRuntimeVersion",
                                    "state_getStorage",
                                    "state_queryStorageAt")
                            .isSorted()),
            Map.entry("state_getRuntimeVersion", RecordedAnswersTest::theVersionListsTheCalls),
            Map.entry(
                    "system_chain",
                    answer -> assertThat(answer.get("result").asString()).isEqualTo("bittensor")),
            Map.entry(
                    "system_name",
                    answer -> assertThat(answer.get("result").asString()).isEqualTo("Bittensor")),
            Map.entry(
                    "system_properties",
                    answer -> assertThat(answer.get("result"))
                            .isEqualTo(json("{'ss58Format':42,'tokenDecimals':9,'tokenSymbol':'TAO'}"))));

    private static RuntimeMetadata metadata() {
        try {
            ScaleReader inner = new ScaleReader(RecordedAnswers.metadata(15)
                    .whole(in -> in.option(ScaleReader::byteList))
                    .orElseThrow());
            return RuntimeMetadata.read(inner);
        } catch (UnknownLayout e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode json(String text) {
        return new ObjectMapper().readTree(text.replace('\'', '"'));
    }

    private static List<String> names() {
        return RecordedAnswers.all()
                .valueStream()
                .map(answer -> answer.get("name").asString())
                .toList();
    }

    @Test
    void eachAnswerHasAMeaningThatIsLookedAt() {
        List<String> looked = RecordedAnswers.all()
                .valueStream()
                .filter(answer -> answer.has("decoded"))
                .map(answer -> answer.get("name").asString())
                .toList();

        assertThat(Stream.concat(looked.stream(), MEANINGS.keySet().stream()))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(names());
    }

    @ParameterizedTest
    @MethodSource("names")
    void eachAnswerIsReadToItsLastByteAndSaysWhatItShould(String name) throws Exception {
        JsonNode answer = RecordedAnswers.named(name);
        JsonNode read = read(answer);

        if (answer.has("decoded")) {
            assertThat(read).isEqualTo(answer.get("decoded"));
        } else {
            Objects.requireNonNull(MEANINGS.get(name)).check(answer);
        }
    }

    /** Goes by the method: what was asked is read to the last byte, too. */
    private static JsonNode read(JsonNode answer) throws UnknownLayout {
        return switch (answer.get("method").asString()) {
            case "state_call" -> called(answer);
            case "state_getStorage" -> stored(answer);
            case "state_getKeysPaged" -> keys(answer);
            case "state_queryStorageAt" -> changes(answer);
            default -> answer.path("result");
        };
    }

    private static JsonNode called(JsonNode answer) throws UnknownLayout {
        JsonNode params = answer.get("params");
        String method = params.get(0).asString();
        if (answer.has("error")) {
            assertThat(METADATA.answers(method)).isFalse();
            return answer.get("error");
        }
        assertThat(METADATA.arguments(method, hex(params.get(1))).get(0).asInt())
                .isIn(RecordedAnswers.NETUID, MISSING);
        return METADATA.result(method, hex(answer.get("result")));
    }

    private static JsonNode stored(JsonNode answer) throws UnknownLayout {
        String key = answer.get("params").get(0).asString();
        if (answer.has("entry")) {
            assertThat(METADATA.entry(key).name()).isEqualTo(answer.get("entry").asString());
            assertThat(strings(METADATA.key(key))).isEqualTo(strings(answer.get("args")));
        }
        return METADATA.stored(key, answer.get("result"));
    }

    private static JsonNode keys(JsonNode answer) throws UnknownLayout {
        String prefix = answer.get("params").get(0).asString();
        assertThat(METADATA.key(prefix)).isEqualTo(json("[12]"));
        ArrayNode keys = new ObjectMapper().createArrayNode();
        for (String found : strings(answer.get("result"))) {
            assertThat(found).startsWith(prefix);
            keys.add(METADATA.key(found));
        }
        return keys;
    }

    private static JsonNode changes(JsonNode answer) throws UnknownLayout {
        JsonNode params = answer.get("params");
        assertThat(answer.get("result")).hasSize(1);
        JsonNode result = answer.get("result").get(0);
        assertThat(result.get("block")).isEqualTo(params.get(1));
        ArrayNode values = new ObjectMapper().createArrayNode();
        for (JsonNode change : result.get("changes")) {
            assertThat(change.get(0)).isEqualTo(params.get(0).get(values.size()));
            values.add(METADATA.stored(change.get(0).asString(), change.get(1)));
        }
        assertThat(params.get(0)).hasSize(values.size());
        return values;
    }

    private static ScaleReader hex(JsonNode node) throws UnknownLayout {
        return ScaleReader.ofHex(node.asString());
    }

    private static List<String> strings(JsonNode array) {
        return array.valueStream().map(JsonNode::asString).toList();
    }

    // Blocks

    private static long number(JsonNode header) {
        return Long.decode(header.get("number").asString());
    }

    /** The hash of a block is that of its header. Both were recorded apart. */
    private static String hash(JsonNode header) throws UnknownLayout {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(ScaleReader.bytesOfHex(header.get("parentHash").asString()));
        bytes.write((int) number(header) << 2);
        bytes.writeBytes(ScaleReader.bytesOfHex(header.get("stateRoot").asString()));
        bytes.writeBytes(ScaleReader.bytesOfHex(header.get("extrinsicsRoot").asString()));
        List<String> logs = strings(header.get("digest").get("logs"));
        bytes.write(logs.size() << 2);
        for (String log : logs) {
            bytes.writeBytes(ScaleReader.bytesOfHex(log));
        }
        return "0x" + HexFormat.of().formatHex(Hashes.blake2b(32, bytes.toByteArray()));
    }

    /** The validator's owner stakes 2000 TAO with it on the root network, as the metagraph knows. */
    private static void aBlockIsSigned(JsonNode answer) throws UnknownLayout {
        JsonNode block = answer.get("result").get("block");
        JsonNode header = block.get("header");
        assertThat(hash(header)).isEqualTo(answer.get("params").get(0).asString());
        assertThat(number(header)).isEqualTo(20);
        JsonNode seal = METADATA.named(
                "DigestItem", hex(header.get("digest").get("logs").get(0)));
        assertThat(seal.get("preRuntime").get(0).asString())
                .isEqualTo("0x" + HexFormat.of().formatHex("aura".getBytes(StandardCharsets.US_ASCII)));

        assertThat(block.get("extrinsics")).hasSize(2);
        JsonNode time = METADATA.extrinsic(hex(block.get("extrinsics").get(0)));
        assertThat(time).isEqualTo(json("{'call':{'timestamp':{'set':{'now':1760000024000}}}}"));
        assertThat(hex(seal.get("preRuntime").get(1)).whole(ScaleReader::u64)).isEqualTo(1_760_000_024);
        JsonNode stake = METADATA.extrinsic(hex(block.get("extrinsics").get(1)));
        assertThat(stake.get("signer").get("id")).isEqualTo(RecordedAnswers.decoded("storage_Owner_vali1"));
        assertThat(stake.get("signature").get("sr25519").asString()).hasSize(2 + 128);
        JsonNode staked = stake.get("call").get("subtensorModule").get("addStake");
        assertThat(staked.get("hotkey").asString()).isEqualTo(VALIDATOR);
        assertThat(staked.get("netuid").asInt()).isZero();
        assertThat(staked.get("amountStaked"))
                .isEqualTo(RecordedAnswers.decoded("call_metagraph")
                        .get("taoStake")
                        .get(1));
    }

    private static void theVersionListsTheCalls(JsonNode answer) {
        JsonNode version = answer.get("result");
        assertThat(version.get("specName").asString()).isEqualTo("node-subtensor");
        assertThat(version.get("specVersion").asInt()).isEqualTo(293);
        List<String> expected = METADATA.apis().stream()
                .map(api -> "0x" + HexFormat.of().formatHex(Hashes.blake2b(8, api.getBytes(StandardCharsets.US_ASCII))))
                .toList();
        assertThat(version.get("apis").valueStream().map(api -> api.get(0).asString()))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    // Errors

    private static RpcException error(JsonNode error) {
        return new RpcException(
                "x", error.get("code").asInt(), error.get("message").asString());
    }

    private static void isRefused(JsonNode answer, int code, String words) {
        RpcException error = error(answer.get("error"));
        assertThat(answer.has("result")).isFalse();
        assertThat(error.code()).isEqualTo(code);
        assertThat(error).hasMessageContaining(words);
        assertThat(error.stateIsGone()).isFalse();
    }

    /** As nodes of different ages say it. A wrong name of a call has the same code as state that is gone. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4003   | Client error: UnknownBlock: State already discarded for 0xab               | true",
                "4003   | Client error: Api called for an unknown Block: State already discarded for 0xab | true",
                "4003   | Client error: UnknownBlock: Header was not found in the database: 0xab     | true",
                "4001   | Cannot resolve a block range ['0xab' ... 'None']: UnknownBlock             | true",
                "-32000 | Client error: UnknownBlock: State already discarded for 0xab               | true",
                "-32603 | Api called for an unknown Block: Header was not found in the database: 0xab | true",
                "4003   | Client error: Execution failed: Exported method Nope_nope is not found     | false",
                "-32603 | Internal Error: Function to start was not found.                           | false",
                "-32601 | Method not found: UnknownBlock                                             | false",
                "4002   | count exceeds maximum value: UnknownBlock                                  | false"
            })
    void anErrorTellsWhetherTheStateIsGone(int code, String words, boolean gone) {
        assertThat(new RpcException("state_call", code, words).stateIsGone()).isEqualTo(gone);
    }

    // What answers say together

    /** Both versions of the metadata end where they should, and list the same storage. */
    @Test
    void theMetadataIsReadToItsLastByte() throws Exception {
        RuntimeMetadata older = RuntimeMetadata.read(RecordedAnswers.metadata(14));

        assertThat(older.entries().keySet())
                .hasSizeGreaterThan(200)
                .isEqualTo(METADATA.entries().keySet());
        assertThat(METADATA.apis()).contains("NeuronInfoRuntimeApi", "SubnetInfoRuntimeApi", "Metadata");
    }

    /** Six neurons: whoever asks for one, for all, for the short form or for the metagraph is told the same. */
    @Test
    void allWaysToAskForNeuronsGiveTheSame() throws Exception {
        JsonNode full = RecordedAnswers.decoded("call_neurons");
        JsonNode metagraph = RecordedAnswers.decoded("call_metagraph");
        JsonNode selected = RecordedAnswers.decoded("call_selective_metagraph");
        List<NeuronLite> lite = RecordedAnswers.result("call_neurons_lite").whole(Layouts::neuronsLite);
        SubnetState state = RecordedAnswers.result("call_subnet_state")
                .whole(Layouts::subnetState)
                .orElseThrow();

        assertThat(RecordedAnswers.decoded("call_neuron_uid3")).isEqualTo(full.get(3));
        assertThat(RecordedAnswers.decoded("call_neuron_missing").isNull()).isTrue();
        assertThat(lite).hasSize(6);
        for (int uid = 0; uid < 6; uid++) {
            NeuronLite neuron = lite.get(uid);
            JsonNode same = full.get(uid);
            assertThat(neuron.uid()).isEqualTo(uid).isEqualTo(same.get("uid").asInt());
            for (JsonNode hotkey : List.of(
                    same.get("hotkey"),
                    metagraph.get("hotkeys").get(uid),
                    selected.get("hotkeys").get(uid),
                    selected.get("alphaDividendsPerHotkey").get(uid).get(0))) {
                assertThat(hotkey.asString()).isEqualTo(neuron.hotkey().value());
            }
            assertThat(state.hotkeys().get(uid)).isEqualTo(neuron.hotkey());
            assertThat(same.get("coldkey")).isEqualTo(metagraph.get("coldkeys").get(uid));
            assertThat(neuron.coldkey().value()).isEqualTo(same.get("coldkey").asString());
            assertThat(same.get("axonInfo")).isEqualTo(metagraph.get("axons").get(uid));
            assertThat(neuron.axon().port())
                    .isEqualTo(same.get("axonInfo").get("port").asInt());
            for (JsonNode permit : List.of(
                    same.get("validatorPermit"),
                    metagraph.get("validatorPermit").get(uid),
                    selected.get("validatorPermit").get(uid),
                    RecordedAnswers.decoded("storage_ValidatorPermit").get(uid))) {
                assertThat(permit.asBoolean())
                        .isEqualTo(neuron.validatorPermit())
                        .isEqualTo(state.validatorPermit().get(uid));
            }
            assertThat(state.totalStake().get(uid))
                    .isEqualTo(metagraph.get("totalStake").get(uid).asLong())
                    .isEqualTo(selected.get("totalStake").get(uid).asLong());
            assertThat(same.get("stake").get(0).get(1))
                    .isEqualTo(metagraph.get("alphaStake").get(uid));
        }
    }

    /** The fields that were selected are there, the others are not. They are numbered in the order of the struct. */
    @Test
    void aSelectionHasWhatWasAskedFor() throws Exception {
        JsonNode asked = METADATA.arguments(
                "SubnetInfoRuntimeApi_get_selective_metagraph",
                hex(RecordedAnswers.named("call_selective_metagraph")
                        .get("params")
                        .get(1)));
        JsonNode selected = RecordedAnswers.decoded("call_selective_metagraph");
        List<String> fields = List.copyOf(selected.propertyNames());
        TreeSet<Integer> there = new TreeSet<>();
        for (int i = 1; i < fields.size(); i++) {
            if (!selected.get(fields.get(i)).isNull()) {
                there.add(i);
            }
        }

        assertThat(asked.get(1).valueStream().map(JsonNode::asInt)).containsExactlyElementsOf(there);
    }

    @Test
    void callsSayWhatIsStored() {
        JsonNode metagraph = RecordedAnswers.decoded("call_metagraph");
        JsonNode hyperparameters = RecordedAnswers.decoded("call_subnet_hyperparams");
        JsonNode dynamic = RecordedAnswers.decoded("call_dynamic_info");

        assertThat(RecordedAnswers.decoded("storage_Tempo"))
                .isEqualTo(hyperparameters.get("tempo"))
                .isEqualTo(metagraph.get("tempo"))
                .isEqualTo(dynamic.get("tempo"));
        assertThat(RecordedAnswers.decoded("storage_MaxAllowedValidators"))
                .isEqualTo(hyperparameters.get("maxValidators"))
                .isEqualTo(metagraph.get("maxValidators"));
        assertThat(RecordedAnswers.decoded("storage_SubnetworkN")).isEqualTo(metagraph.get("numUids"));
        assertThat(RecordedAnswers.decoded("storage_System_Number")).isEqualTo(metagraph.get("block"));
        assertThat(RecordedAnswers.decoded("storage_Owner_vali1"))
                .isEqualTo(metagraph.get("coldkeys").get(1));
        assertThat(RecordedAnswers.decoded("storage_Uids_vali1").asInt()).isEqualTo(1);
        assertThat(RecordedAnswers.decoded("storage_Keys_uid1").asString()).isEqualTo(VALIDATOR);
        assertThat(RecordedAnswers.decoded("storage_Axons_miner1"))
                .isEqualTo(metagraph.get("axons").get(3));
        assertThat(metagraph.get("ownerHotkey").asString()).isEqualTo(ALICE);
        for (String field : List.of("ownerHotkey", "alphaIn", "alphaOut", "taoIn", "subnetVolume", "movingPrice")) {
            assertThat(metagraph.get(field)).isEqualTo(dynamic.get(field));
        }
    }

    /** Alpha and TAO in all: TAO counts by the weight that is used where none is stored, cut to 32 bits as the chain does it. */
    @Test
    void theEffectiveStakeFollowsFromTheWeightOfTao() {
        JsonNode state = RecordedAnswers.decoded("call_subnet_state");
        BigInteger weight = new BigInteger(
                RecordedAnswers.decoded("storage_TaoWeight").asString().substring(2), 16);
        for (int uid = 0; uid < 6; uid++) {
            BigInteger tao = BigInteger.valueOf(state.get("taoStake").get(uid).asLong());
            long counted = tao.multiply(weight.shiftRight(32)).shiftRight(32).longValueExact();
            assertThat(state.get("totalStake").get(uid).asLong())
                    .isEqualTo(state.get("alphaStake").get(uid).asLong() + counted);
        }
    }

    // A later runtime

    private static Stream<JsonNode> later() {
        return RecordedAnswers.later().valueStream();
    }

    /** By the types of the older one: they have not changed, but for the hyperparameters that were added after those. */
    @ParameterizedTest
    @MethodSource("later")
    void aLaterRuntimeAnswersInTheSameLayouts(JsonNode answer) throws Exception {
        JsonNode result = answer.get("result");
        JsonNode read;
        if (answer.has("key")) {
            String key = answer.get("key").asString();
            assertThat(METADATA.key(key).valueStream().map(JsonNode::asString))
                    .containsExactlyElementsOf(strings(answer.get("args")));
            read = METADATA.stored(key, result);
        } else if ("get_subnet_hyperparams_v2".equals(answer.get("name").asString())) {
            read = moreHyperparameters(result.asString());
        } else {
            read = METADATA.result(answer.get("api").asString(), hex(result));
        }

        assertThat(read).isEqualTo(answer.get("decoded"));
    }

    /** A fraction in 64 bits, a compact number and four switches, all of them short here. */
    private static JsonNode moreHyperparameters(String hex) throws UnknownLayout {
        int added = 2 * (Long.BYTES + 1 + 4);
        JsonNode old = METADATA.result(
                "SubnetInfoRuntimeApi_get_subnet_hyperparams",
                ScaleReader.ofHex(hex.substring(0, hex.length() - added)));
        ScaleReader in = ScaleReader.ofHex("0x" + hex.substring(hex.length() - added));
        ObjectNode all = (ObjectNode) old;
        all.putObject("alphaSigmoidSteepness").put("bits", in.u64());
        all.put("yumaVersion", in.compact16());
        all.put("subnetIsActive", in.bool());
        all.put("transfersEnabled", in.bool());
        all.put("bondsResetEnabled", in.bool());
        all.put("userLiquidityEnabled", in.bool());
        in.end();
        return all;
    }

    @Test
    void productionReadsALaterRuntimeToo() throws Exception {
        List<JsonNode> later = later().toList();
        NeuronLite neuron =
                hex(later.get(1).get("result")).whole(Layouts::neuronsLite).get(0);
        assertThat(neuron.hotkey().value()).isEqualTo(NOBODY).isEqualTo(Ss58.address(new byte[32]));
        assertThat(neuron.axon().address()).isEqualTo("0.0.0.0");
        assertThat(neuron.validatorPermit()).isFalse();
        SubnetState state =
                hex(later.get(5).get("result")).whole(Layouts::subnetState).orElseThrow();
        assertThat(state.netuid()).isEqualTo(1);
        assertThat(state.totalStake()).containsExactly(1_000_000_000L);
        assertThat(state.validatorPermit()).containsExactly(true);
        Layouts.Commitment commitment = hex(later.get(6).get("result")).whole(Layouts::commitment);
        assertThat(commitment).isEqualTo(new Layouts.Commitment(289, "\0\1\2\3"));
        assertThat(later.get(8).get("key").asString()).isEqualTo(StorageKeys.evmAddress(12, 163));
        assertThat(hex(later.get(8).get("result")).whole(Layouts::evmAssociation))
                .isEqualTo(new Layouts.EvmAssociation("0x77407f1709d339f5583feac922c0592e248f785f", 5_668_432));
    }

    @Test
    void aByteMoreIsRefusedByWhateverReads() {
        for (JsonNode answer : RecordedAnswers.all()) {
            String method = answer.get("method").asString();
            String result = answer.path("result").asString("");
            if (!result.startsWith("0x") || method.startsWith("chain")) {
                continue;
            }
            JsonNode longer = new ObjectMapper()
                    .createObjectNode()
                    .put("result", result + "00")
                    .get("result");
            assertThatThrownBy(() -> {
                        if ("state_call".equals(method)) {
                            METADATA.result(answer.get("params").get(0).asString(), hex(longer));
                        } else {
                            METADATA.stored(answer.get("params").get(0).asString(), longer);
                        }
                    })
                    .as(answer.get("name").asString())
                    .isInstanceOf(UnknownLayout.class);
        }
    }
}
