package io.quartermaster.node.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.InvalidArgument;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Keys, addresses and signatures against those of another implementation. */
class KeysTest {
    private static final JsonNode RECORDED = recorded();
    private static final String WORDS = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

    @TempDir
    private Path directory;

    private static JsonNode recorded() {
        try (InputStream in = Objects.requireNonNull(KeysTest.class.getResourceAsStream("/subtensor/sr25519.json"))) {
            return new ObjectMapper().readTree(in.readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(JsonNode hex) {
        return HexFormat.of().parseHex(hex.asString().substring(2));
    }

    private static KeyPair dev() {
        return KeyPair.ofSeed(bytes(RECORDED.get("devMiniSecret")));
    }

    static Stream<JsonNode> signatures() {
        return RECORDED.get("vectors").valueStream();
    }

    @ParameterizedTest
    @MethodSource("signatures")
    void aSignatureOfAnotherImplementationIsVerifiedAndATamperedOneRefused(JsonNode signed) {
        byte[] key = bytes(signed.get("publicKey"));
        byte[] message = bytes(signed.get("message"));
        byte[] signature = bytes(signed.get("signature"));

        assertThat(Sr25519.verify(key, message, signature)).isTrue();
        for (int at : new int[] {0, 31, 32, 40, 63}) {
            byte[] tampered = signature.clone();
            tampered[at] ^= 1;
            assertThat(Sr25519.verify(key, message, tampered)).as("byte %d", at).isFalse();
        }
        byte[] unmarked = signature.clone();
        unmarked[63] &= 0x7F;
        assertThat(Sr25519.verify(key, message, unmarked)).isFalse();
        assertThat(Sr25519.verify(
                        key,
                        (new String(message, StandardCharsets.ISO_8859_1) + "x").getBytes(StandardCharsets.ISO_8859_1),
                        signature))
                .isFalse();
        assertThat(Sr25519.verify(dev().publicKey(), message, signature))
                .as("of somebody else")
                .isEqualTo(Arrays.equals(dev().publicKey(), key));
        assertThat(Sr25519.verify(new byte[31], message, signature)).isFalse();
        assertThat(Sr25519.verify(key, message, new byte[63])).isFalse();
    }

    @ParameterizedTest
    @MethodSource("signatures")
    void aKeyAndItsAddressFollowFromItsSecret(JsonNode signed) {
        String secret = signed.get("uri").asString();
        byte[] key = bytes(signed.get("publicKey"));
        KeyPair pair;
        if (secret.startsWith("//")) {
            pair = dev().derive(secret.substring(2));
        } else {
            pair = secret.startsWith("0x") ? KeyPair.ofSeed(bytes(signed.get("uri"))) : dev();
        }

        assertThat(pair.publicKey()).isEqualTo(key);
        assertThat(pair.hotkey().value()).isEqualTo(signed.get("ss58").asString());
        assertThat(Ss58.publicKey(signed.get("ss58").asString())).isEqualTo(key);
        byte[] message = bytes(signed.get("message"));
        assertThat(Sr25519.verify(key, message, pair.sign(message))).isTrue();
        assertThat(pair.sign(message)).as("never the same twice").isNotEqualTo(pair.sign(message));
    }

    @Test
    void hashesAreThoseOfTheChain() {
        JsonNode hash = RECORDED.get("hash");
        assertThat(Hashes.twox(16, "System".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(bytes(hash.get("twox128_System")));
        assertThat(Hashes.twox(16, "Account".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(bytes(hash.get("twox128_Account")));
        assertThat(Hashes.twox(8, new byte[] {12, 0})).isEqualTo(bytes(hash.get("twox64_0c00")));
        assertThat(Hashes.blake2b(16, dev().derive("Alice").publicKey()))
                .isEqualTo(bytes(hash.get("blake2_128_alice")));
    }

    /** The last of them is long enough for whole stripes and for each kind of remainder. */
    @ParameterizedTest
    @CsvSource({
        "'', ef46db3751d8e999",
        "a, d24ec4f1a98c6e5b",
        "abc, 44bc2cf5ad770999",
        "Nobody inspects the spammish repetition, fbcea83c8a378bf1"
    })
    void xxHash64IsThatOfItsSpecification(String text, String hash) {
        assertThat(String.format("%016x", Hashes.xxHash64(text.getBytes(StandardCharsets.US_ASCII), 0)))
                .isEqualTo(hash);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5",
                "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ",
                "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQ0",
                "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5",
                "15GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
                "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
            })
    void whatIsNoAddressIsRefused(String address) {
        assertThatThrownBy(() -> Ss58.publicKey(address))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("SS58");
    }

    @Test
    void aHotkeyIsReadFromAWalletAndFromWords() throws Exception {
        Path hotkeys = Files.createDirectories(directory.resolve("validator/hotkeys"));
        String seed = RECORDED.get("devMiniSecret").asString();
        KeyPair dev = dev();
        secret(
                hotkeys.resolve("default"),
                "{\"secretSeed\":\"" + seed + "\",\"ss58Address\":\"" + dev.hotkey() + "\"}");
        secret(hotkeys.resolve("words"), "{\"secretPhrase\":\"" + WORDS + "\"}");
        secret(directory.resolve("mnemonic"), "  " + WORDS.replace(" ", "\n") + "\n");

        assertThat(Wallet.hotkey(directory, "validator", "default").publicKey()).isEqualTo(dev.publicKey());
        assertThat(Wallet.hotkey(directory, "validator", "words").publicKey()).isEqualTo(dev.publicKey());
        assertThat(Wallet.read(directory.resolve("mnemonic")).publicKey()).isEqualTo(dev.publicKey());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"publicKey\":\"0x00\"}                   | neither a secretSeed nor a secretPhrase",
                "{\"secretSeed\":\"0x1234\"}                | not 32 bytes",
                "{\"secretSeed\":                           | not the JSON of a hotkey",
                "bottom bottom bottom bottom                | nor a mnemonic of 12 to 24",
                "$NACLencrypted                             | is encrypted"
            })
    void aFileThatIsNoHotkeyIsRefusedWithoutSayingWhatIsInIt(String text, String why) throws Exception {
        Path file = secret(directory.resolve("hotkey"), text);

        assertThatThrownBy(() -> Wallet.read(file))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining(why)
                .hasMessageContaining(file.toString())
                .message()
                .doesNotContain("1234", "bottom", "NACLenc");
    }

    @Test
    void aKeyOfAnotherAddressIsRefused() throws Exception {
        Path file = secret(
                directory.resolve("hotkey"),
                "{\"secretPhrase\":\"" + WORDS + "\",\"ss58Address\":\""
                        + dev().derive("Bob").hotkey() + "\"}");

        assertThatThrownBy(() -> Wallet.read(file)).hasMessageContaining("its secret is that of " + dev().hotkey());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw--w----", "rw----r--", "rw-----w-", "rwxrwxrwx"})
    void aFileThatOthersMayReadOrWriteIsRefusedAndNothingOfItShown(String permissions) throws Exception {
        Path file = secret(directory.resolve("hotkey"), WORDS);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));

        assertThatThrownBy(() -> Wallet.read(file))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("chmod 600 " + file)
                .hasMessageNotContaining(WORDS.split(" ", 2)[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "r--------"})
    void aFileOfItsOwnerAloneIsRead(String permissions) throws Exception {
        Path file = secret(directory.resolve("hotkey"), WORDS);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));

        assertThat(Wallet.read(file).hotkey()).isEqualTo(dev().hotkey());
    }

    @Test
    void aWalletThatIsNotThereIsSaidSo() {
        assertThatThrownBy(() -> Wallet.hotkey(directory, "validator", "none")).hasMessageContaining("is not there");
    }

    @Test
    void aKeyDoesNotShowItsSecret() {
        assertThat(dev()).hasToString("KeyPair[" + dev().hotkey() + "]");
        assertThatThrownBy(() -> KeyPair.ofSeed(new byte[] {7, 7, 7}))
                .isInstanceOf(InvalidArgument.class)
                .message()
                .doesNotContain("7");
    }

    private static Path secret(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }
}
