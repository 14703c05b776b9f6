package io.quartermaster.node.chain.subtensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.subtensor.Layouts.Axon;
import io.quartermaster.node.chain.subtensor.Layouts.NeuronLite;
import io.quartermaster.node.chain.subtensor.Layouts.SubnetState;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a real node answered is read to the last byte, and says what another program reads in it. */
class LayoutsTest {
    private static final int NETUID = RecordedAnswers.NETUID;
    private static final Hotkey VALIDATOR = new Hotkey("5HmZGwFeUiYfp1BTiELfhYYugr2vEMYoq3KztrYu9H6y32Ko");
    private static final Hotkey MINER = new Hotkey("5FpjvVN9fkYjNvNwzZYxLFNz2UVDmeZ8ZvD47A1dLMnsVgo6");

    @Test
    void neuronsAreThoseOfTheSubnet() throws Exception {
        List<NeuronLite> neurons = RecordedAnswers.result("call_neurons_lite").whole(Layouts::neuronsLite);
        JsonNode decoded = RecordedAnswers.decoded("call_neurons_lite");

        assertThat(neurons).hasSize(decoded.size()).hasSize(6);
        for (int i = 0; i < neurons.size(); i++) {
            NeuronLite neuron = neurons.get(i);
            JsonNode expected = decoded.get(i);
            assertThat(neuron.hotkey().value()).isEqualTo(expected.get("hotkey").asString());
            assertThat(neuron.coldkey().value())
                    .isEqualTo(expected.get("coldkey").asString());
            assertThat(neuron.uid()).isEqualTo(expected.get("uid").asInt());
            assertThat(neuron.axon().port())
                    .isEqualTo(expected.get("axonInfo").get("port").asInt());
            assertThat(neuron.validatorPermit())
                    .isEqualTo(expected.get("validatorPermit").asBoolean());
        }
        assertThat(neurons.get(0).axon()).isEqualTo(new Axon("0.0.0.0", 0, 4));
        assertThat(neurons.get(3).axon()).isEqualTo(new Axon("203.0.113.11", 8091, 4));
        assertThat(RecordedAnswers.result("call_neurons_lite_missing_subnet").whole(Layouts::neuronsLite))
                .isEmpty();
    }

    /** uid 1: 4763.583555395 of the subnet's own, and 2000 TAO that count 0.052677 each. */
    @Test
    void theEffectiveStakeIsTheTotalOne() throws Exception {
        SubnetState state = RecordedAnswers.result("call_subnet_state")
                .whole(Layouts::subnetState)
                .orElseThrow();
        JsonNode decoded = RecordedAnswers.decoded("call_subnet_state");

        assertThat(state.netuid()).isEqualTo(NETUID);
        assertThat(state.totalStake().get(1)).isEqualTo(4_868_937_504_055L);
        for (int uid = 0; uid < 6; uid++) {
            assertThat(state.hotkeys().get(uid).value())
                    .isEqualTo(decoded.get("hotkeys").get(uid).asString());
            assertThat(state.totalStake().get(uid))
                    .isEqualTo(decoded.get("totalStake").get(uid).asLong());
        }
        assertThat(state.validatorPermit()).containsExactly(false, true, true, false, false, false);
        assertThat(RecordedAnswers.result("call_subnet_state_missing").whole(Layouts::subnetState))
                .isEmpty();
    }

    @Test
    void whatIsStoredIsFoundAndRead() throws Exception {
        assertThat(RecordedAnswers.key("storage_Axons_miner1")).isEqualTo(StorageKeys.axon(NETUID, MINER));
        assertThat(RecordedAnswers.result("storage_Axons_miner1").whole(Layouts::axon))
                .isEqualTo(new Axon("203.0.113.11", 8091, 4));
        assertThat(RecordedAnswers.result("storage_Axons_miner3_ipv6").whole(Layouts::axon))
                .isEqualTo(new Axon("2001:db8::1", 8093, 6));

        assertThat(RecordedAnswers.key("storage_NeuronCertificates_vali1"))
                .isEqualTo(StorageKeys.certificate(NETUID, VALIDATOR));
        Layouts.Certificate certificate =
                RecordedAnswers.result("storage_NeuronCertificates_vali1").whole(Layouts::certificate);
        assertThat("0x" + certificate.publicKey())
                .isEqualTo(RecordedAnswers.decoded("storage_NeuronCertificates_vali1")
                        .get("publicKey")
                        .asString());
        assertThat(certificate.algorithm()).isEqualTo(1);

        assertThat(RecordedAnswers.key("storage_AssociatedEvmAddress_uid3"))
                .isEqualTo(StorageKeys.evmAddress(NETUID, 3));
        Layouts.EvmAssociation evm =
                RecordedAnswers.result("storage_AssociatedEvmAddress_uid3").whole(Layouts::evmAssociation);
        assertThat(evm.address()).isEqualTo("0x70997970c51812dc3a010c7d01b50e0d17dc79c8");
        assertThat(evm.block()).isEqualTo(23);

        assertThat(RecordedAnswers.key("storage_Tempo")).isEqualTo(StorageKeys.tempo(NETUID));
        assertThat(RecordedAnswers.result("storage_Tempo").whole(ScaleReader::u16))
                .isEqualTo(10);
        assertThat(RecordedAnswers.key("storage_Timestamp_Now")).isEqualTo(StorageKeys.TIMESTAMP);
        assertThat(RecordedAnswers.result("storage_Timestamp_Now").whole(ScaleReader::u64))
                .isEqualTo(1_760_000_051_000L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "storage_CommitmentOf_miner1          | <M:A3;S2>",
                "storage_CommitmentOf_miner2_shield   | <D:http://127.0.0.1:18080/shield_manifest.json><M:L1>",
                "storage_CommitmentOf_vali1_contract  | {\"contract\":{\"address\":\"0x5FbDB2315678afecb367f032d93F642f64180aa3\"}}"
            })
    void aCommitmentIsReadAsWords(String name, String words) throws Exception {
        Layouts.Commitment commitment = RecordedAnswers.result(name).whole(Layouts::commitment);

        assertThat(commitment.words()).isEqualTo(words);
        assertThat(commitment.block()).isEqualTo(22);
        assertThat(RecordedAnswers.key(name)).startsWith(StorageKeys.commitments(NETUID));
    }

    @Test
    void theKeyOfACommitmentIsThatOfItsHotkey() {
        assertThat(RecordedAnswers.key("storage_CommitmentOf_miner1")).isEqualTo(StorageKeys.commitment(NETUID, MINER));
    }

    /** Fields that are not meant to be read are passed over; of several that are, the first counts. */
    @ParameterizedTest
    @CsvSource({
        "00000000000000001600000000, ''",
        "0000000000000000160000000400, ''",
        "00000000000000001600000004 88 0c 616263, abc",
        "0000000000000000160000000c 86 04 aa 0100000000000000 87 03 6162, ab",
        "00000000000000001600000008 03 6162 03 6364, ab",
        "00000000000000001600000008 82 0101010101010101010101010101010101010101010101010101010101010101 02 61, a"
    })
    void eachKindOfFieldOfACommitmentIsKnown(String hex, String words) throws Exception {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));

        assertThat(new ScaleReader(bytes).whole(Layouts::commitment).words()).isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource({"00, 0", "fc, 63", "0101, 64", "fdff, 16383", "02000100, 16384", "feffffff, 1073741823"})
    void compactNumbersAreRead(String hex, long number) throws Exception {
        assertThat(new ScaleReader(HexFormat.of().parseHex(hex)).whole(ScaleReader::compact))
                .isEqualTo(number);
    }

    @ParameterizedTest
    @CsvSource({"0300000040, 1073741824", "13ffffffffffffff7f, 9223372036854775807"})
    void largeCompactNumbersAreRead(String hex, long number) throws Exception {
        assertThat(new ScaleReader(HexFormat.of().parseHex(hex)).whole(ScaleReader::compact))
                .isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0x0", "0xzz", "12", "0x13ffffffffffffffff", "0x01", "0xfeffffff01"})
    void whatIsNotLaidOutSoIsRefused(String hex) {
        assertThatThrownBy(() -> ScaleReader.ofHex(hex).whole(in -> in.list(Layouts::account)))
                .isInstanceOf(UnknownLayout.class);
    }

    @Test
    void oneByteMoreOrLessIsAnotherLayout() throws Exception {
        String hex = RecordedAnswers.named("call_neurons_lite").get("result").asString();

        assertThatThrownBy(() -> ScaleReader.ofHex(hex + "00").whole(Layouts::neuronsLite))
                .isInstanceOf(UnknownLayout.class)
                .hasMessageContaining("left over");
        assertThatThrownBy(() ->
                        ScaleReader.ofHex(hex.substring(0, hex.length() - 2)).whole(Layouts::neuronsLite))
                .isInstanceOf(UnknownLayout.class);
    }

    @Test
    void addressesAreWrittenAsEverybodyDoes() {
        assertThat(Layouts.shortened("2001:db8:0:0:0:0:0:1")).isEqualTo("2001:db8::1");
        assertThat(Layouts.shortened("0:0:0:0:0:0:0:1")).isEqualTo("::1");
        assertThat(Layouts.shortened("fe80:0:0:0:0:0:0:0")).isEqualTo("fe80::");
        assertThat(Layouts.shortened("0:0:1:0:0:0:a0:0")).isEqualTo("0:0:1::a0:0");
        assertThat(Layouts.shortened("1:0:0:2:3:0:0:4")).isEqualTo("1::2:3:0:0:4");
        assertThat(Layouts.shortened("1:0:2:3:4:5:6:7")).isEqualTo("1:0:2:3:4:5:6:7");
        assertThat(Layouts.shortened("10.0.0.0")).isEqualTo("10.0.0.0");
    }
}
