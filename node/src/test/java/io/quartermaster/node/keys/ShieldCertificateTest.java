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
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The key that miners encrypt for, and its file, against those of another implementation. */
class ShieldCertificateTest {
    /** The seed of the recorded file: 32 bytes, all 7. */
    private static final byte[] SEED = HexFormat.of().parseHex("07".repeat(32));

    private static final String PUBLIC_KEY = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";

    @TempDir
    private Path directory;

    private static byte[] resource(String name) {
        try (InputStream in =
                Objects.requireNonNull(ShieldCertificateTest.class.getResourceAsStream("/subtensor/" + name))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String recordedFile() {
        return new String(resource("validator_cert.pem"), StandardCharsets.US_ASCII);
    }

    private Path secret(String text) throws IOException {
        Path file = directory.resolve("validator_cert.pem");
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    static Stream<JsonNode> recordedPayloads() {
        return new ObjectMapper()
                .readTree(resource("ddos_shield_ecies.json"))
                .get("vectors")
                .valueStream();
    }

    @ParameterizedTest
    @MethodSource("recordedPayloads")
    void whatAnotherImplementationEncryptedIsDecryptedAndRefusedOnceChanged(JsonNode recorded) {
        byte[] seed = HexFormat.of().parseHex(recorded.get("privateKeyHex").asString());
        byte[] payload = Base64.getDecoder().decode(recorded.get("payloadB64").asString());

        assertThat(Ecies.publicKey(seed))
                .asHexString()
                .isEqualToIgnoringCase(recorded.get("publicKeyHex").asString());
        assertThat(Ecies.decrypt(seed, payload))
                .hasValue(recorded.get("plaintext").asString().getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < payload.length; i++) {
            byte[] changed = payload.clone();
            changed[i] ^= 1;
            assertThat(Ecies.decrypt(seed, changed)).as("byte %s changed", i).isEmpty();
            assertThat(Ecies.decrypt(seed, Arrays.copyOf(payload, i)))
                    .as("cut after %s", i)
                    .isEmpty();
        }
    }

    @Test
    void whatIsEncryptedForAKeyIsReadByItsHolderAloneAndNeverTheSameTwice() {
        byte[] plain = "[2001:db8::1]:8443".getBytes(StandardCharsets.UTF_8);
        byte[] payload = Ecies.encrypt(Ecies.publicKey(SEED), plain);

        assertThat(Ecies.decrypt(SEED, payload)).hasValue(plain);
        assertThat(Ecies.decrypt(new byte[32], payload)).isEmpty();
        assertThat(Ecies.encrypt(Ecies.publicKey(SEED), plain)).isNotEqualTo(payload);
        assertThat(Ecies.decrypt(SEED, Ecies.encrypt(Ecies.publicKey(SEED), new byte[0])))
                .hasValue(new byte[0]);
    }

    @Test
    void whatIsNoKeyIsRefusedWithoutShowingIt() {
        assertThatThrownBy(() -> Ecies.encrypt(new byte[31], new byte[1]))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("32 bytes");
        assertThatThrownBy(() -> Ecies.decrypt(new byte[] {7, 7}, new byte[64]))
                .isInstanceOf(InvalidArgument.class)
                .message()
                .doesNotContain("7");
    }

    @Test
    void aFileOfAnotherImplementationIsReadAndOursHasItsForm() throws Exception {
        ShieldCertificate theirs = ShieldCertificate.read(secret(recordedFile()));
        assertThat(theirs.publicKey()).asHexString().isEqualToIgnoringCase(PUBLIC_KEY);
        assertThat(theirs.decrypt(Ecies.encrypt(theirs.publicKey(), SEED))).hasValue(SEED);

        Path file = directory.resolve("ours.pem");
        ShieldCertificate.readOrCreate(file);
        List<String> ours = Files.readAllLines(file);
        List<String> recorded = recordedFile().lines().toList();
        assertThat(ours).hasSameSizeAs(recorded).startsWith(recorded.get(0)).endsWith(recorded.get(2));
        int headBytes = 16;
        assertThat(Base64.getDecoder().decode(ours.get(1)))
                .hasSize(headBytes + 32)
                .startsWith(Arrays.copyOf(Base64.getDecoder().decode(recorded.get(1)), headBytes));
    }

    @Test
    void aMissingFileIsMadeOnceForItsOwnerAlone() throws Exception {
        Path file = directory.resolve("validator/shield/default/validator_cert.pem");

        ShieldCertificate made = ShieldCertificate.readOrCreate(file);

        assertThat(ShieldCertificate.readOrCreate(file).publicKey()).isEqualTo(made.publicKey());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(file.resolveSibling("").toFile().list()).containsExactly("validator_cert.pem");
        assertThat(ShieldCertificate.readOrCreate(directory.resolve("other.pem"))
                        .publicKey())
                .isNotEqualTo(made.publicKey());
    }

    @Test
    void ofManyWhoMakeAFileAtOnceAllHaveTheSameKey() {
        Path file = directory.resolve("shield/validator_cert.pem");

        List<String> keys = IntStream.range(0, 16)
                .parallel()
                .mapToObj(i -> ShieldCertificate.readOrCreate(file).toString())
                .distinct()
                .toList();

        assertThat(keys).hasSize(1);
    }

    @Test
    void aFileThatIsThereIsNeverReplaced() throws Exception {
        Path file = secret("damaged");

        assertThatThrownBy(() -> ShieldCertificate.readOrCreate(file)).isInstanceOf(InvalidArgument.class);
        assertThat(file).hasContent("damaged");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                    | is damaged",
                "7777777777                            | is damaged",
                "PRIVATE KEY:MC4CAQAwBQYDK2VwBCIEIAcH  | is damaged",
                "PRIVATE KEY:////                      | is damaged",
                // A key for X25519, not for Ed25519.
                "PRIVATE KEY:MC4CAQAwBQYDK2VuBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH | is damaged",
                "PUBLIC KEY:MCowBQYDK2VwAyEA6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=       | is damaged",
                "ENCRYPTED PRIVATE KEY:MC4CAQAw        | is encrypted"
            })
    void aFileThatIsNoCertificateIsRefusedWithoutSayingWhatIsInIt(String shape, String why) throws Exception {
        String[] parts = shape.split(":", 2);
        Path file = secret(
                parts.length == 1
                        ? shape
                        : "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n".formatted(parts[0], parts[1]));

        assertThatThrownBy(() -> ShieldCertificate.read(file))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining(why)
                .hasMessageContaining(file.toString())
                .hasNoCause()
                .message()
                .doesNotContain("77777", "MC4C", "BwcH");
    }

    @Test
    void aFileThatOthersMayReadIsRefused() throws Exception {
        Path file = secret(recordedFile());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(() -> ShieldCertificate.readOrCreate(file)).hasMessageContaining("chmod 600 " + file);
        assertThatThrownBy(() -> ShieldCertificate.read(directory.resolve("none")))
                .hasMessageContaining("is not there");
    }

    @Test
    void aPlaceWhereNoFileCanBeIsNamed() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "").resolve("validator_cert.pem");

        assertThatThrownBy(() -> ShieldCertificate.readOrCreate(file))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("can't be made")
                .hasMessageContaining(file.toString());
    }

    @Test
    void aCertificateShowsItsPublicKeyOnly() throws Exception {
        assertThat(ShieldCertificate.read(secret(recordedFile()))).hasToString("ShieldCertificate[" + PUBLIC_KEY + "]");
    }
}
