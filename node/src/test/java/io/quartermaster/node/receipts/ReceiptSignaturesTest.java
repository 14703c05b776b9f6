package io.quartermaster.node.receipts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.chain.ReceiptJson;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.receipts.ReceiptSignatures.Flaw;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class ReceiptSignaturesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STEP = Integer.getInteger("quartermaster.fuzz.inputs", 0) > 20_000 ? 1 : 61;
    private static final Instant TIME = Instant.parse("2026-01-21T13:18:47.123456Z");
    private static final KeyPair VALIDATOR = KeyPair.ofSeed(new byte[32]);
    private static final KeyPair MINER = VALIDATOR.derive("miner");

    private static List<JsonNode> vectors() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                ReceiptSignaturesTest.class.getResourceAsStream("/subtensor/computehorde_blobs.json"))) {
            List<JsonNode> vectors = new ArrayList<>();
            JSON.readTree(in).path("receipts").forEach(vectors::add);
            return vectors;
        }
    }

    private static SignedReceipt started(int number) {
        Receipt receipt = new Receipt.Started(
                new JobId("job-" + number),
                MINER.hotkey(),
                VALIDATOR.hotkey(),
                TIME.plusSeconds(number),
                new ExecutorClass("always_on.test"),
                true,
                Duration.ofSeconds(7));
        return ReceiptSignatures.sign(receipt, VALIDATOR, MINER);
    }

    @Test
    void receiptsThatMinersServeAreRecognisedAndSignedAsPythonWritesThem() throws IOException {
        assertThat(vectors()).hasSize(3).allSatisfy(vector -> {
            SignedReceipt receipt =
                    ReceiptJson.read(JSON.readTree(vector.path("page_line").asString()));
            assertThat(new String(ReceiptJson.signedBytes(receipt.receipt()), StandardCharsets.US_ASCII))
                    .isEqualTo(vector.path("blob").asString());
            assertThat(ReceiptSignatures.flaw(receipt)).isEmpty();
            assertThat(ReceiptJson.write(receipt).toString())
                    .isEqualTo(vector.path("page_line").asString());
        });
    }

    /**
     * Whatever bit of a line is flipped, it is either unreadable, or not what was signed. The long form, every bit:
     * {@code -Dquartermaster.fuzz.inputs=10000000}.
     */
    @Test
    void aBitThatIsFlippedAnywhereInALineIsFound() throws IOException {
        for (JsonNode vector : vectors()) {
            String line = vector.path("page_line").asString();
            byte[] bytes = line.getBytes(StandardCharsets.US_ASCII);
            SignedReceipt good = ReceiptJson.read(JSON.readTree(line));
            List<SignedReceipt> read = new ArrayList<>();
            for (int bit = 0; bit < 8 * bytes.length; bit += STEP) {
                byte[] flipped = bytes.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                try {
                    SignedReceipt receipt = ReceiptJson.read(JSON.readTree(flipped));
                    if (!receipt.equals(good)) {
                        read.add(receipt);
                    }
                } catch (RuntimeException unreadable) {
                    assertThat(unreadable).isNotInstanceOf(NullPointerException.class);
                }
            }
            assertThat(read).isNotEmpty();
            assertThat(ReceiptSignatures.flaws(read))
                    .allSatisfy(flaw -> assertThat(flaw).isPresent());
        }
    }

    @Test
    void eachSignatureIsThatOfItsParty() {
        SignedReceipt good = started(1);
        SignedReceipt swapped = new SignedReceipt(good.receipt(), good.minerSignature(), good.validatorSignature());
        SignedReceipt halfSigned = new SignedReceipt(good.receipt(), good.validatorSignature(), "");

        assertThat(ReceiptSignatures.flaw(good)).isEmpty();
        assertThat(ReceiptSignatures.flaw(swapped)).contains(Flaw.VALIDATOR_SIGNATURE);
        assertThat(ReceiptSignatures.flaw(halfSigned)).contains(Flaw.MINER_SIGNATURE);
    }

    /** The combination of all fails, and the bad ones among them are found nevertheless. */
    @Test
    void badReceiptsAmongManyAreFoundOneByOne() {
        List<SignedReceipt> receipts = new ArrayList<>();
        List<Optional<Flaw>> expected = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            SignedReceipt good = started(i);
            boolean bad = random.nextInt(20) == 0;
            receipts.add(
                    bad
                            ? new SignedReceipt(
                                    good.receipt(),
                                    good.validatorSignature(),
                                    started(i + 1).minerSignature())
                            : good);
            expected.add(bad ? Optional.of(Flaw.MINER_SIGNATURE) : Optional.empty());
        }

        assertThat(ReceiptSignatures.flaws(receipts)).isEqualTo(expected);
        assertThat(ReceiptSignatures.flaws(Collections.nCopies(40, receipts.get(0))))
                .hasSize(40);
        assertThat(ReceiptSignatures.flaws(List.of())).isEmpty();
    }

    @Test
    void onlyAPartyCanSignAndOnlyWhatCanBeReadBack() {
        Receipt receipt = started(1).receipt();
        Receipt tooFine = new Receipt.Accepted(
                receipt.job(), receipt.miner(), receipt.validator(), TIME.plusNanos(1), TIME, Duration.ofSeconds(1));

        assertThatThrownBy(() -> ReceiptSignatures.sign(receipt, VALIDATOR.derive("other")))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("key");
        assertThatThrownBy(() -> ReceiptSignatures.sign(tooFine, VALIDATOR))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("whole microseconds");
    }
}
