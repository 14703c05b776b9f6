package io.quartermaster.node.chain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.api.Receipt;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.CollateralSeen;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.Observation.ReceiptSeen;
import io.quartermaster.node.chain.Observation.Validator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordingReaderTest {
    private static final String HEADER =
            "{\"format\":\"recorded-chain/1\",\"netuid\":12,\"validator\":\"5V\",\"finality_lag\":0,\"params\":{}}\n";
    private static final String BLOCK = "{\"block\":7,\"time_ms\":1,\"neurons\":[],\"validators\":[]}\n";
    private static final Hotkey M0 = new Hotkey("5M0");
    private static final Hotkey M1 = new Hotkey("5M1");

    @TempDir
    Path folder;

    static byte[] small() {
        try (InputStream in = RecordingReaderTest.class.getResourceAsStream("small.jsonl")) {
            return in == null ? new byte[0] : in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static List<Observation> read(byte[] bytes) {
        try (RecordingReader reader = RecordingReader.open(new ByteArrayInputStream(bytes), "rec.jsonl")) {
            List<Observation> all = new ArrayList<>();
            reader.forEachRemaining(all::add);
            return all;
        }
    }

    private static byte[] zipped(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }

    private static List<BlockSeen> blocks(List<Observation> observations) {
        return observations.stream()
                .filter(BlockSeen.class::isInstance)
                .map(BlockSeen.class::cast)
                .toList();
    }

    @Test
    void theHeaderSaysWhichSubnetAndForWhom() {
        try (RecordingReader reader = RecordingReader.open(new ByteArrayInputStream(small()), "rec.jsonl")) {
            assertThat(reader.header())
                    .isEqualTo(new ChainInfo(
                            12,
                            new Hotkey("5V0"),
                            0,
                            Map.of("DYNAMIC_MINER_MAX_EXECUTORS_PER_CLASS", "always_on.test=3")));
            assertThat(reader.line()).isEqualTo(1);
            assertThat(reader.stream()).hasSize(12);
        }
    }

    @Test
    void everyKindOfLineIsReadInItsPlace() {
        List<Observation> all = read(small());

        assertThat(all.get(0))
                .isEqualTo(new ManifestsSeen(
                        1000,
                        Map.of(
                                M0,
                                Map.of(
                                        new ExecutorClass("always_on.test"),
                                        2,
                                        new ExecutorClass("always_on.gpu-24gb"),
                                        1),
                                M1,
                                Map.of(new ExecutorClass("always_on.test"), 4)),
                        Map.of(new Hotkey("5M2"), "timeout")));
        BlockSeen first = (BlockSeen) all.get(1);
        assertThat(first.block()).isEqualTo(1000);
        assertThat(first.timeMillis()).isEqualTo(1767225612000L);
        assertThat(first.hash()).contains("0x00ff");
        assertThat(first.neurons()).hasSize(4);
        assertThat(first.neurons().get(1))
                .isEqualTo(new Neuron(
                        1, new Hotkey("5C0"), new Miner(M1, "2001:db8::2", 8001, 6, Optional.of("m1.shield.example"))));
        assertThat(first.validators())
                .containsExactly(
                        new Validator(new Hotkey("5V0"), 3, 30873.80877), new Validator(new Hotkey("5V1"), 4, 1000));
        assertThat(all.get(7))
                .isEqualTo(
                        new CollateralSeen(1004, Map.of(M0, new BigInteger("10000000000000000"), M1, BigInteger.ZERO)));
        assertThat(blocks(all))
                .extracting(BlockSeen::block)
                .containsExactly(1000L, 1001L, 1003L, 1002L, 1004L, 1004L, 1007L);
    }

    @Test
    void receiptsAreReadAsMinersServeThem() {
        List<Receipt> receipts = read(small()).stream()
                .filter(ReceiptSeen.class::isInstance)
                .map(seen -> ((ReceiptSeen) seen).receipt().receipt())
                .toList();
        JobId job = new JobId("8d8a5c1e-1f0a-4f3e-9b52-1f1a52b5f6d1");
        Hotkey validator = new Hotkey("5V1");
        Instant time = Instant.parse("2026-01-21T13:18:47.123456Z");

        assertThat(receipts)
                .containsExactly(
                        new Receipt.Started(
                                job,
                                M0,
                                validator,
                                time,
                                new ExecutorClass("always_on.test"),
                                true,
                                Duration.ofSeconds(7)),
                        new Receipt.Accepted(
                                job,
                                M0,
                                validator,
                                time,
                                Instant.parse("2026-01-21T13:18:49Z"),
                                Duration.ofSeconds(300)),
                        new Receipt.Finished(
                                job,
                                M0,
                                validator,
                                time,
                                Instant.parse("2026-01-21T13:18:51Z"),
                                Duration.ofMillis(61500),
                                12.5,
                                List.of(1000L, 1001L)));
    }

    @Test
    void aListThatIsLeftOutIsThatOfTheNearestEarlierLineWithOne() {
        List<BlockSeen> blocks = blocks(read(small()));

        assertThat(blocks.get(1).neurons()).hasSize(4);
        assertThat(blocks.get(3).neurons()).hasSize(3);
        assertThat(blocks.get(3).validators()).hasSize(2);
        assertThat(blocks.get(5).neurons()).hasSize(3);
        assertThat(blocks.get(5).validators()).hasSize(1);
    }

    @Test
    void equalListsAndHotkeysAreOneObject() {
        List<BlockSeen> blocks = blocks(read(small()));

        assertThat(blocks.get(2).neurons()).isSameAs(blocks.get(0).neurons());
        assertThat(blocks.get(6).neurons()).isSameAs(blocks.get(0).neurons());
        assertThat(blocks.get(6).validators()).isSameAs(blocks.get(0).validators());
        assertThat(blocks.get(3).neurons().get(0))
                .isSameAs(blocks.get(0).neurons().get(0));
        assertThat(blocks.get(4).validators().get(0).hotkey())
                .isSameAs(blocks.get(0).neurons().get(3).hotkey());
    }

    @Test
    void aGzippedFileIsToldByItsBytesNotItsName() throws IOException {
        Path file = Files.write(folder.resolve("rec.jsonl"), zipped(small()));

        try (RecordingReader reader = RecordingReader.open(file)) {
            assertThat(reader.stream()).isEqualTo(read(small()));
        }
    }

    @Test
    void blankLinesAndALastLineWithoutItsEndAreNoErrors() {
        assertThat(read((HEADER + "\n  \r\n" + BLOCK.strip()).getBytes(UTF_8))).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            {"blok":1}                                                 | unknown kind of line "blok": expected block, manifests, collateral or receipt
            {}                                                         | unknown kind of line "{}": expected block, manifests, collateral or receipt
            {"format":"recorded-chain/1"}                              | unknown kind of line "format": expected block, manifests, collateral or receipt
            []                                                         | line is []: must be an object
            7                                                          | line is 7: must be an object
            {"block":1}                                                | time_ms is missing
            {"block":1,"time_ms":"x"}                                  | time_ms is "x": must be a whole number at least 0
            {"block":-1,"time_ms":1}                                   | block is -1: must be a whole number at least 0
            {"block":1.5,"time_ms":1}                                  | block is 1.5: must be a whole number at least 0
            {"block":1e3,"time_ms":1}                                  | block is 1000.0: must be a whole number at least 0
            {"block":99999999999999999999,"time_ms":1}                 | block is 99999999999999999999: must be a whole number at least 0
            {"block":null,"time_ms":1}                                 | block is null: must be a whole number at least 0
            {"block":1,"block":2,"time_ms":1}                          | the line is not a JSON object: Duplicate property "block"
            {"block":1,"time_ms":1}{}                                  | the line is not a JSON object: Trailing token
            {"block":1,"time_ms":1,"hash":5}                           | hash is 5: must be a string
            {"block":1,"time_ms":1,"neurons":{}}                       | neurons is {}: must be a list
            {"block":1,"time_ms":1,"neurons":null}                     | neurons is null: must be a list
            {"block":1,"time_ms":1,"neurons":[3]}                      | neurons[0] is 3: must be an object
            {"block":1,"time_ms":1,"neurons":[{"hotkey":"5a"}]}        | neurons[0].ip is missing
            {"block":1,"time_ms":1,"neurons":[{"hotkey":"5 a","coldkey":"5c","uid":0,"ip":"1.1.1.1","port":0}]} | hotkey is "5 a": must be 1 to 64 letters
            {"block":1,"time_ms":1,"neurons":[{"hotkey":"5a","coldkey":"5c","uid":-1,"ip":"1.1.1.1","port":0}]} | neurons[0].uid is -1: must be a whole number from 0 to 65535
            {"block":1,"time_ms":1,"neurons":[{"hotkey":"5a","coldkey":"5c","uid":0,"ip":"1.1.1.1","port":65536}]} | neurons[0].port is 65536: must be a whole number from 0 to 65535
            {"block":1,"time_ms":1,"neurons":[{"hotkey":"5a","coldkey":"5c","uid":0,"ip":"","port":1}]} | address is "": must be 1 to 255 characters
            {"block":1,"time_ms":1,"neurons":[]}                       | validators is missing, and no line before has it
            {"block":1,"time_ms":1,"validators":[]}                    | neurons is missing, and no line before has it
            {"block":1,"time_ms":1,"validators":[{"hotkey":"5a","uid":0,"stake":-1}]} | stake is -1.0: must be finite and at least 0
            {"block":1,"time_ms":1,"validators":[{"hotkey":"5a","uid":0,"stake":1e999}]} | stake is Infinity: must be finite and at least 0
            {"block":1,"time_ms":1,"validators":[{"hotkey":"5a","uid":0,"stake":"1"}]} | validators[0].stake is "1": must be a number
            {"manifests":5}                                            | manifests is 5: must be an object
            {"manifests":{"block":1,"counts":{}}}                      | manifests.failed is missing
            {"manifests":{"counts":{},"failed":{}}}                    | manifests.block is missing
            {"manifests":{"block":1,"counts":{"5a":{"c":-1}},"failed":{}}} | manifests.counts.5a.c is -1: must be a whole number from 0 to 2147483647
            {"manifests":{"block":1,"counts":{"5a":{"c":1.0}},"failed":{}}} | manifests.counts.5a.c is 1.0: must be a whole number from 0 to 2147483647
            {"manifests":{"block":1,"counts":{"5a":{"":1}},"failed":{}}} | executorClass is "": must be 1 to 64 letters
            {"manifests":{"block":1,"counts":{"":{}},"failed":{}}}     | hotkey is "": must be 1 to 64 letters
            {"manifests":{"block":1,"counts":{},"failed":{"5a":1}}}    | manifests.failed.5a is 1: must be a string
            {"collateral":{"block":1,"wei":{"5a":7}}}                  | collateral.wei.5a is 7: must be a string
            {"collateral":{"block":1,"wei":{"5a":"-7"}}}               | collateral.wei.5a is "-7": must be a whole number at least 0, of at most 78 digits
            {"collateral":{"block":1,"wei":{"5a":"1.5"}}}              | collateral.wei.5a is "1.5": must be a whole number at least 0, of at most 78 digits
            {"collateral":{"block":1}}                                 | collateral.wei is missing
            {"receipt":{}}                                             | receipt.payload is missing
            {"receipt":{"payload":{}}}                                 | receipt.payload.receipt_type is missing
            {"receipt":{"payload":{"receipt_type":"X","job_uuid":"j","miner_hotkey":"5a","validator_hotkey":"5b","timestamp":"2026-01-21T13:18:47Z"}}} | receipt.payload.receipt_type is "X": must be JobStartedReceipt, JobAcceptedReceipt or JobFinishedReceipt
            {"receipt":{"payload":{"receipt_type":"JobStartedReceipt","job_uuid":"j","miner_hotkey":"5a","validator_hotkey":"5b","timestamp":"2026-01-21T13:18:47"}}} | receipt.payload.timestamp is "2026-01-21T13:18:47": must be a time with its offset
            {"receipt":{"payload":{"receipt_type":"JobStartedReceipt","job_uuid":"j","miner_hotkey":"5a","validator_hotkey":"5b","timestamp":"2026-01-21T13:18:47Z","executor_class":"c","is_organic":1,"ttl":1}}} | receipt.payload.is_organic is 1: must be true or false
            {"receipt":{"payload":{"receipt_type":"JobStartedReceipt","job_uuid":"j","miner_hotkey":"5a","validator_hotkey":"5b","timestamp":"2026-01-21T13:18:47Z","executor_class":"c","is_organic":true,"ttl":1},"miner_signature":"0x"}} | receipt.validator_signature is missing
            {"receipt":{"payload":{"receipt_type":"JobFinishedReceipt","job_uuid":"j","miner_hotkey":"5a","validator_hotkey":"5b","timestamp":"2026-01-21T13:18:47Z","time_started":"2026-01-21T13:18:47Z","time_took_us":1,"score_str":"nan","block_numbers":[]}}} | receipt.payload.score_str is "nan": must be a decimal number at least 0
            {"receipt":{"payload":{"receipt_type":"JobFinishedReceipt","job_uuid":"j","miner_hotkey":"5a","validator_hotkey":"5b","timestamp":"2026-01-21T13:18:47Z","time_started":"2026-01-21T13:18:47Z","time_took_us":1,"score_str":"1","block_numbers":[1,-2]}}} | receipt.payload.block_numbers[1] is -2: must be a whole number at least 0
            not json                                                   | the line is not a JSON object: Unrecognized token 'not'
            {"block":1,x}                                              | the line is not a JSON object: Unexpected character
            {"block":1                                                 | the line is not a JSON object: Unexpected end-of-input
            """)
    void aWrongLineIsNamedWithWhatIsWrong(String line, String message) {
        byte[] bytes = (HEADER + line + "\n").getBytes(UTF_8);

        assertThatExceptionOfType(RecordingException.class)
                .isThrownBy(() -> read(bytes))
                .satisfies(e -> assertThat(e.line()).isEqualTo(2))
                .withMessageStartingWith("rec.jsonl:2: " + message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(450));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            {"netuid":12,"validator":"5V","finality_lag":0,"params":{}}    | format is missing
            {"format":"recorded-chain/2"}                                  | format is "recorded-chain/2": must be recorded-chain/1
            {"format":1}                                                   | format is 1: must be a string
            {"format":"recorded-chain/1","netuid":70000,"params":{}}       | netuid is 70000: must be a whole number from 0 to 65535
            {"format":"recorded-chain/1","netuid":12,"params":{"A":1}}     | params.A is 1: must be a string
            {"format":"recorded-chain/1","netuid":12,"finality_lag":0,"params":{}} | validator is missing
            {"format":"recorded-chain/1","netuid":12,"validator":"5V","finality_lag":-1,"params":{}} | finality_lag is -1: must be
            {"format":"recorded-chain/1","netuid":12,"validator":"5V","finality_lag":0} | params is missing
            PK garbage                                                     | this is not a recording: its first line is not a JSON object
            {"format":                                                     | the file is cut off here
            """)
    void aFileThatDoesNotBeginWithAHeaderIsRefused(String header, String message) {
        assertThatThrownBy(() -> read(header.getBytes(UTF_8)))
                .isInstanceOf(RecordingException.class)
                .hasMessageStartingWith("rec.jsonl:1: " + message);
    }

    @Test
    void anEmptyFileAndAMissingFileAreRefused() throws IOException {
        assertThatThrownBy(() -> read(new byte[0]))
                .isInstanceOf(RecordingException.class)
                .hasMessageStartingWith("rec.jsonl:1: the file is empty");
        assertThatThrownBy(() -> read(zipped(new byte[0])))
                .isInstanceOf(RecordingException.class)
                .hasMessageStartingWith("rec.jsonl:1: the file is empty");
        assertThatThrownBy(() -> RecordingReader.open(folder.resolve("none.jsonl")))
                .isInstanceOf(RecordingException.class)
                .hasMessageEndingWith("none.jsonl:1: there is no such file");
        assertThatThrownBy(() -> RecordingReader.open(folder)).isInstanceOf(RecordingException.class);
    }

    @Test
    void binaryGarbageIsRefusedInOneReadableLine() {
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            byte[] garbage = new byte[1 + random.nextInt(3000)];
            random.nextBytes(garbage);
            assertThatThrownBy(() -> read(garbage))
                    .isInstanceOf(RecordingException.class)
                    .message()
                    .startsWith("rec.jsonl:")
                    .matches("[\\x20-\\x7e]+");
        }
    }

    @Test
    void aFileThatIsCutOffAnywhereIsReadToThereAndThenSaysSo() {
        byte[] whole = small();
        List<Observation> all = read(whole);
        for (int length = HEADER.length() + 200; length < whole.length; length += 13) {
            List<Observation> got = new ArrayList<>();
            byte[] cut = Arrays.copyOf(whole, length);
            boolean atLineEnd = whole[length] == '\n' || whole[length - 1] == '\n';
            try (RecordingReader reader = RecordingReader.open(new ByteArrayInputStream(cut), "rec.jsonl")) {
                if (atLineEnd) {
                    reader.forEachRemaining(got::add);
                } else {
                    assertThatThrownBy(() -> reader.forEachRemaining(got::add))
                            .hasMessageEndingWith(": the file is cut off here, in the middle of the line");
                    assertThatThrownBy(reader::hasNext).isInstanceOf(RecordingException.class);
                }
            }
            assertThat(got).isEqualTo(all.subList(0, got.size()));
        }
    }

    @Test
    void aGzippedFileThatIsCutOffSaysSo() throws IOException {
        byte[] whole = zipped(small());
        for (int length = 3; length < whole.length - 20; length += 7) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut))
                    .isInstanceOf(RecordingException.class)
                    .hasMessageContaining("the file is cut off here");
        }
    }

    @Test
    void aDamagedGzippedFileIsRefused() throws IOException {
        byte[] bytes = zipped(small());
        bytes[bytes.length / 2] ^= 0x55;
        bytes[bytes.length - 6] ^= 0x55;

        assertThatThrownBy(() -> read(bytes)).isInstanceOf(RecordingException.class);
    }

    @Test
    void aHotkeyOfTenMegabytesIsRefusedAndNotRepeated() {
        String endless = "5".repeat(10 << 20);

        assertThatThrownBy(() -> read((HEADER + "{\"block\":1,\"time_ms\":1,\"validators\":[{\"hotkey\":\"" + endless
                                + "\",\"uid\":1,\"stake\":1}]}\n")
                        .getBytes(UTF_8)))
                .isInstanceOf(RecordingException.class)
                .message()
                .startsWith("rec.jsonl:2: hotkey is \"555")
                .contains("(10485760 characters)")
                .hasSizeLessThan(300);
        assertThatThrownBy(() -> read((HEADER + "{\"collateral\":{\"block\":1,\"wei\":{\"" + endless + "\":\"1\"}}}\n")
                        .getBytes(UTF_8)))
                .isInstanceOf(RecordingException.class)
                .message()
                .startsWith("rec.jsonl:2: ")
                .hasSizeLessThan(500);
    }

    @Test
    void aLineOverSixtyFourMegabytesIsRefusedWithoutBeingKept() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return ' ';
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                Arrays.fill(buffer, offset, offset + length, (byte) ' ');
                return length;
            }
        };
        InputStream in = new SequenceInputStream(new ByteArrayInputStream(HEADER.getBytes(UTF_8)), endless);
        try (RecordingReader reader = RecordingReader.open(in, "rec.jsonl")) {
            assertThatThrownBy(reader::hasNext)
                    .isInstanceOf(RecordingException.class)
                    .hasMessage("rec.jsonl:2: the line is longer than 64 MB");
        }
    }
}
