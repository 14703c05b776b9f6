package io.quartermaster.node.chain.pylon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Observation.Validator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class PylonAnswersTest {
    private static final String MINER = Golden.HOTKEYS[3];

    @Test
    void neuronsAreThoseOfTheNodeByUid() {
        AtBlock<Registered> answer = PylonAnswers.registered(Golden.json("neurons"));

        assertThat(answer.block()).isEqualTo(Golden.BLOCK);
        assertThat(answer.hash()).isEqualTo(Golden.HASH);
        assertThat(answer.value().neurons())
                .extracting(neuron -> neuron.uid() + " " + neuron.hotkey() + " "
                        + neuron.miner().address() + " " + neuron.miner().port() + " "
                        + neuron.miner().ipVersion())
                .containsExactly(
                        "0 " + Golden.HOTKEYS[0] + " 0.0.0.0 0 4",
                        "1 " + Golden.HOTKEYS[1] + " 1.1.1.1 1 4",
                        "2 " + Golden.HOTKEYS[2] + " 0.0.0.0 0 4",
                        "3 " + Golden.HOTKEYS[3] + " 203.0.113.11 8091 4",
                        "4 " + Golden.HOTKEYS[4] + " 203.0.113.12 8092 4",
                        "5 " + Golden.HOTKEYS[5] + " 2001:db8:0:0:0:0:0:1 8093 6");
        assertThat(answer.value().neurons().get(1).coldkey())
                .isEqualTo(new Hotkey("5FRkiNRaS86sxY27HfAxcubGUg4RBqgfScDwauuPAcxBuRaU"));
    }

    @Test
    void validatorsAreThoseWithAPermitTheHighestStakeFirst() {
        List<Validator> expected = List.of(
                new Validator(new Hotkey(Golden.HOTKEYS[1]), 1, 4868.937504055),
                new Validator(new Hotkey(Golden.HOTKEYS[2]), 2, 2647.026610672));

        assertThat(PylonAnswers.registered(Golden.json("neurons")).value().validators())
                .isEqualTo(expected);
        assertThat(PylonAnswers.validators(Golden.json("validators")).value()).isEqualTo(expected);
    }

    @Test
    void validatorsInAnotherOrderAreSorted() {
        ObjectNode answer = Golden.json("validators");
        ArrayNode list = (ArrayNode) answer.get("validators");
        list.add(list.remove(0));

        assertThat(PylonAnswers.validators(answer).value())
                .extracting(Validator::uid)
                .containsExactly(1, 2);
    }

    @Test
    void commitmentsAreWords() {
        assertThat(PylonAnswers.commitments(Golden.json("commitments")).value())
                .containsOnly(
                        Map.entry(new Hotkey(Golden.HOTKEYS[3]), "<M:A3;S2>"),
                        Map.entry(
                                new Hotkey(Golden.HOTKEYS[4]), "<D:http://127.0.0.1:18080/shield_manifest.json><M:L1>"),
                        Map.entry(
                                new Hotkey(Golden.HOTKEYS[1]),
                                "{\"contract\":{\"address\":\"0x5FbDB2315678afecb367f032d93F642f64180aa3\"}}"));
    }

    @ParameterizedTest
    @CsvSource({"0x3c4d3e, <M>", "3C4D3E, <M>", "'', ''", "ff, \uFFFD"})
    void hexadecimalDigitsAreReadInAllTheirForms(String digits, String words) {
        ObjectNode answer = Golden.json("commitments");
        ((ObjectNode) answer.get("commitments")).put(MINER, digits);

        assertThat(PylonAnswers.commitments(answer).value()).containsEntry(new Hotkey(MINER), words);
    }

    @Test
    void fieldsThatAreNotKnownAreNoTrouble() {
        ObjectNode answer = Golden.json("neurons");
        answer.put("new", 1);
        ((ObjectNode) answer.get("neurons").get(MINER)).remove("rank");

        assertThat(PylonAnswers.registered(answer)).isEqualTo(PylonAnswers.registered(Golden.json("neurons")));
    }

    /** The first column is where in the answer, the second what is there, as JSON. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "block.number | -1 | block.number is -1: must be a whole number from 0 to",
                "block.number | 47.0 | block.number is 47.0: must be a whole number",
                "block.number | 99999999999999999999 | must be a whole number",
                "block.number | \"47\" | block.number is \"47\": must be a whole number",
                "block.hash | \"0xabc123\" | block.hash is \"0xabc123\": must be 0x and 64 hexadecimal digits",
                "block | null | block is null: must be an object",
                "neurons | [] | neurons is []: must be an object",
                "neurons | {} | neurons is empty: is there such a subnet?",
                "neurons.M | 7 | neurons.M is 7: must be an object",
                "neurons.M.uid | 65536 | neurons.M.uid is 65536: must be a whole number from 0 to 65535",
                "neurons.M.uid | true | neurons.M.uid is true: must be a whole number",
                "neurons.M.uid | 1 | must be another one than that of",
                "neurons.M.hotkey | \"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY\" | must be the key that it stands under",
                "neurons.M.hotkey | \"5Grw\" | neurons.M.hotkey is \"5Grw\": must be an SS58 address",
                "neurons.M.coldkey | null | neurons.M.coldkey is null: must be a string",
                "neurons.M.coldkey | \"15GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY\" | that begins with 5",
                "neurons.M.axon_info.ip | \"miner.example\" | neurons.M.axon_info.ip is \"miner.example\": must be an IP address",
                "neurons.M.axon_info.ip | \"1.2.3\" | must be an IP address in digits",
                "neurons.M.axon_info.ip | \"01.2.3.4\" | must be an IP address in digits",
                "neurons.M.axon_info.ip | \"::12345\" | must be an IP address in digits",
                "neurons.M.axon_info.ip | \".:\" | must be an IP address in digits",
                "neurons.M.axon_info.port | 65536 | neurons.M.axon_info.port is 65536: must be a whole number from 0 to 65535",
                "neurons.M.validator_permit | 1 | neurons.M.validator_permit is 1: must be true or false",
                "neurons.M.stakes.total | -0.5 | neurons.M.stakes.total is -0.5: must be a number, finite and at least 0",
                "neurons.M.stakes.total | 1e999 | must be a number, finite and at least 0",
                "neurons.M.stakes.total | null | neurons.M.stakes.total is null: must be a number",
                "neurons.M.stakes.total | \"8.0\" | must be a number"
            })
    void aWrongValueIsRefusedByName(String where, String json, String message) {
        ObjectNode answer = Golden.json("neurons");
        put(answer, where.replace("M", MINER), Golden.parse(json));

        assertThatThrownBy(() -> PylonAnswers.registered(answer))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining(message.replace(".M", "." + MINER));
    }

    private static void put(ObjectNode answer, String where, JsonNode value) {
        int last = where.lastIndexOf('.');
        ObjectNode parent = last < 0
                ? answer
                : (ObjectNode) answer.at("/" + where.substring(0, last).replace('.', '/'));
        parent.set(where.substring(last + 1), value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"block", "neurons", "uid", "hotkey", "coldkey", "axon_info", "stakes", "validator_permit"})
    void aMissingFieldIsRefusedByName(String field) {
        ObjectNode answer = Golden.json("neurons");
        ((ObjectNode) answer.get("neurons").get(MINER)).remove(field);
        answer.remove(field);

        assertThatThrownBy(() -> PylonAnswers.registered(answer))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining(field + " is missing");
    }

    @Test
    void aValidatorWithoutAPermitOrThereTwiceIsRefused() {
        ObjectNode without = Golden.json("validators");
        ((ObjectNode) without.get("validators").get(1)).put("validator_permit", false);
        ObjectNode twice = Golden.json("validators");
        ((ArrayNode) twice.get("validators")).add(twice.get("validators").get(0));

        assertThatThrownBy(() -> PylonAnswers.validators(without))
                .hasMessage("validators[1].validator_permit is false: must be true");
        assertThatThrownBy(() -> PylonAnswers.validators(twice)).hasMessageContaining("validators[2].hotkey");
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "zz", "0x0", "0X00", " 00", "0x-1"})
    void whatIsNotHexadecimalIsRefused(String digits) {
        ObjectNode answer = Golden.json("commitments");
        ((ObjectNode) answer.get("commitments")).put(MINER, digits);

        assertThatThrownBy(() -> PylonAnswers.commitments(answer))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("commitments." + MINER)
                .hasMessageContaining("an even number of hexadecimal digits");
    }

    @Test
    void anyBytesAreReadOrRefusedAndNothingElseHappens() {
        assertThatThrownBy(() -> Golden.parse("{\"a\":1,\"a\":2}")).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> Golden.parse("{} {}")).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> Golden.parse("[".repeat(100_000))).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> PylonAnswers.registered(Golden.parse(""))).isInstanceOf(InvalidArgument.class);
    }

    /** Bytes that were changed on their way: no JSON any more, or refused, or right as far as it can be seen. */
    @Property
    void changedBytesAreReadOrRefused(@ForAll long seed) {
        Random random = new Random(seed);
        for (String name : List.of("neurons", "validators", "commitments")) {
            StringBuilder text = new StringBuilder(Golden.text(name));
            for (int i = random.nextInt(3); i >= 0; i--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(4)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.setCharAt(at, (char) random.nextInt(0x250));
                    case 2 -> text.insert(at, "\"{}[],:-.0e9ntf\\".charAt(random.nextInt(16)));
                    default -> text.setLength(Math.max(1, at));
                }
            }
            expectReadOrRefused(name, text.toString());
        }
    }

    /** Still JSON, but some values are of other types and ranges. */
    @Property
    void changedValuesAreReadOrRefused(@ForAll long seed) {
        Random random = new Random(seed);
        List<String> odd = List.of(
                "null",
                "true",
                "-1",
                "1e400",
                "65536",
                "\"\"",
                "\"x\"",
                "[]",
                "{}",
                "[[]]",
                "0.5",
                "18446744073709551616");
        for (String name : List.of("neurons", "validators", "commitments")) {
            ObjectNode answer = Golden.json(name);
            List<ObjectNode> objects = new ArrayList<>();
            collect(answer, objects);
            ObjectNode chosen = objects.get(random.nextInt(objects.size()));
            List<String> keys = List.copyOf(chosen.propertyNames());
            chosen.set(keys.get(random.nextInt(keys.size())), Golden.parse(odd.get(random.nextInt(odd.size()))));
            expectReadOrRefused(name, answer.toString());
        }
    }

    private static void collect(JsonNode node, List<ObjectNode> objects) {
        if (node instanceof ObjectNode object && !object.isEmpty()) {
            objects.add(object);
        }
        node.forEach(child -> collect(child, objects));
    }

    private static AtBlock<?> read(String name, JsonNode answer) {
        return switch (name) {
            case "neurons" -> PylonAnswers.registered(answer);
            case "validators" -> PylonAnswers.validators(answer);
            default -> PylonAnswers.commitments(answer);
        };
    }

    private static void expectReadOrRefused(String name, String text) {
        try {
            AtBlock<?> answer = read(name, Golden.parse(text));
            assertThat(answer.block()).isNotNegative();
            if (answer.value() instanceof Registered registered) {
                assertThat(registered.neurons())
                        .extracting(Neuron::uid)
                        .isSorted()
                        .doesNotHaveDuplicates();
                assertThat(registered.validators()).allMatch(validator -> validator.stake() >= 0);
            }
        } catch (JacksonException | InvalidArgument expected) {
            assertThat(expected.getMessage()).isNotBlank();
        }
    }
}
