package io.quartermaster.node.chain.subtensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.keys.Ss58;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Whatever a node answers, reading it ends soon, with a value or with a refusal, and takes no more room than a multiple of what
 * came. The long form: {@code -Dquartermaster.fuzz.inputs=10000000}.
 */
class DecodersFuzzTest {
    private static final long INPUTS = Long.getLong("quartermaster.fuzz.inputs", 20_000);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** An exception with its trace, a parser with its buffers. */
    private static final long ROOM_BYTES = 64 << 10;

    /** Nearly all of it is litter, of accounts: their 32 bytes are divided by 58 again and again. */
    private static final long ROOM_PER_BYTE = 2_000;

    /** Where the last list of a subnet is: after its number and sixteen others. */
    private static final int HISTORY_AT = 18;

    private static final long PATIENCE_NANOS = 5_000_000_000L;

    private static final List<ScaleReader.Part<?>> PARTS = List.of(
            Layouts::neuronsLite,
            Layouts::neuronsLite,
            Layouts::subnetState,
            Layouts::subnetState,
            Layouts::axon,
            Layouts::commitment,
            Layouts::certificate,
            Layouts::evmAssociation,
            Layouts::account,
            ScaleReader::u8,
            ScaleReader::u16,
            ScaleReader::u32,
            ScaleReader::u64,
            ScaleReader::u128,
            ScaleReader::bool,
            ScaleReader::compact,
            ScaleReader::compact16,
            ScaleReader::byteList,
            in -> in.list(ScaleReader::compact),
            in -> in.option(some -> some.list(Layouts::account)),
            in -> in.list(inner -> inner.list(ScaleReader::byteList)));

    /** Something that is laid out as a part is: what is damaged a little is read further than what is not meant for it at all. */
    private record Aimed(String answer, ScaleReader.Part<?> part) {
        private byte[] bytes() {
            try {
                return ScaleReader.bytesOfHex(
                        RecordedAnswers.named(answer).get("result").asString());
            } catch (UnknownLayout e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static final List<Aimed> AIMED = List.of(
            new Aimed("call_neurons_lite", Layouts::neuronsLite),
            new Aimed("call_subnet_state", Layouts::subnetState),
            new Aimed("storage_Axons_miner3_ipv6", Layouts::axon),
            new Aimed("storage_CommitmentOf_miner2_shield", Layouts::commitment),
            new Aimed("storage_NeuronCertificates_vali1", Layouts::certificate),
            new Aimed("storage_AssociatedEvmAddress_uid3", Layouts::evmAssociation));

    /** Lengths and numbers at the limits of their kinds. */
    private static final List<byte[]> NASTY = Stream.of(
                    "fc",
                    "fdff",
                    "feffffff",
                    "ffffffff",
                    "03ffffffff",
                    "07ffffffffff",
                    "13ffffffffffffff7f",
                    "13ffffffffffffffff",
                    "ff" + "ff".repeat(67),
                    "ffffffffffffff7f",
                    "00000000000000",
                    "0101010101")
            .map(HexFormat.of()::parseHex)
            .toList();

    private static final List<String> JSON_PARTS = List.of(
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "\"",
            "\\",
            "\\u",
            "\\ud800",
            "\ud800",
            "\0",
            "\ufeff",
            "\ufffd",
            "null",
            "true",
            "nul",
            "-",
            "-0",
            "1e",
            "1e999999999",
            "1e-999999999",
            "0x1",
            "9223372036854775808",
            "-9223372036854775809",
            "1".repeat(99),
            "1".repeat(5_000),
            "0." + "1".repeat(5_000),
            "[".repeat(31) + "]".repeat(31),
            "[".repeat(100_000),
            "{\"a\":".repeat(50_000),
            "[],".repeat(3_000),
            "\"id\":1,",
            "\"result\":null,",
            "\"error\":{\"code\":1e400,\"message\":[],\"data\":{}},",
            "/* */",
            "NaN");

    private static final List<String> IDS = List.of(
            "1", "-1", "0", "null", "\"1\"", "1.0", "1e30", "1".repeat(90), "[1]", "{}", "true", "9".repeat(19));

    // What comes

    private static List<byte[]> bytes() {
        List<byte[]> all = new ArrayList<>();
        collect(RecordedAnswers.all(), all);
        collect(RecordedAnswers.later(), all);
        return all;
    }

    private static void collect(JsonNode node, List<byte[]> all) {
        if (node.isString()) {
            try {
                all.add(ScaleReader.bytesOfHex(node.asString()));
            } catch (UnknownLayout e) {
                // Words are not what this is about.
            }
        }
        node.forEach(inner -> collect(inner, all));
    }

    private static List<String> texts() {
        return RecordedAnswers.all()
                .valueStream()
                .map(answer -> "{\"jsonrpc\":\"2.0\",\"id\":7,"
                        + (answer.has("error")
                                ? "\"error\":" + answer.get("error")
                                : "\"result\":" + answer.get("result"))
                        + "}")
                .toList();
    }

    private static <T> T one(List<T> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }

    private static byte[] damaged(List<byte[]> seeds, Random random) {
        byte[] bytes = one(seeds, random).clone();
        switch (random.nextInt(6)) {
            case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(2 * bytes.length + 1));
            case 1 -> {
                bytes = new byte[random.nextInt(400)];
                random.nextBytes(bytes);
            }
            case 2 -> {
                byte[] other = one(seeds, random);
                int kept = random.nextInt(bytes.length + 1);
                bytes = Arrays.copyOf(bytes, kept + other.length);
                System.arraycopy(other, 0, bytes, kept, other.length);
            }
            default -> {}
        }
        for (int changes = random.nextInt(4); changes > 0 && bytes.length > 0; changes--) {
            int at = random.nextInt(bytes.length);
            byte[] change = random.nextBoolean() ? one(NASTY, random) : new byte[] {(byte) random.nextInt()};
            System.arraycopy(change, 0, bytes, at, Math.min(change.length, bytes.length - at));
        }
        return bytes;
    }

    private static String damaged(List<String> seeds, Random random, List<byte[]> raw) {
        String text = one(seeds, random);
        switch (random.nextInt(8)) {
            case 0 -> text = text.substring(0, random.nextInt(text.length() + 1));
            case 1 -> text = "[" + text + "," + one(seeds, random) + "]";
            case 2 -> text = text.replace("\"id\":7", "\"id\":" + one(IDS, random));
            case 3 -> text = text.replaceFirst("\"(result|error)\":", "$0" + one(IDS, random) + ",\"x\":");
            case 4 -> {
                byte[] bytes = damaged(raw, random);
                text = new String(bytes, random.nextBoolean() ? StandardCharsets.UTF_8 : StandardCharsets.UTF_16);
            }
            case 5 -> {
                // A text whose bytes were damaged, as it looks when what is not UTF-8 has been replaced.
                byte[] bytes = damaged(List.of(text.getBytes(StandardCharsets.UTF_8)), random);
                text = new String(bytes, StandardCharsets.UTF_8);
            }
            default -> {}
        }
        for (int changes = random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(text.length() + 1);
            int rest = Math.min(text.length(), at + random.nextInt(4));
            text = text.substring(0, at) + one(JSON_PARTS, random) + text.substring(rest);
        }
        return text;
    }

    // What is made of it

    /** Something that reads what came, or refuses it in the way that is documented. */
    @FunctionalInterface
    private interface Reading {
        void read() throws IOException;
    }

    private static boolean refused(long length, Reading reading) {
        long most = ROOM_BYTES + ROOM_PER_BYTE * length;
        long before = THREADS.getCurrentThreadAllocatedBytes();
        boolean refused = refused(reading);
        long took = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (took > most) {
            // Classes may have been loaded for it. Then it takes less the next time.
            before = THREADS.getCurrentThreadAllocatedBytes();
            assertThat(refused(reading)).isEqualTo(refused);
            took = THREADS.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(took).isLessThanOrEqualTo(most);
        return refused;
    }

    private static boolean refused(Reading reading) {
        try {
            reading.read();
            return false;
        } catch (UnknownLayout | NodeUnavailable e) {
            return true;
        } catch (IOException e) {
            throw new AssertionError("Neither of the two refusals", e);
        }
    }

    private static void read(ScaleReader.Part<?> part, ScaleReader in) throws UnknownLayout {
        if (in.<Object>whole(part::read) == null) {
            throw new AssertionError("Nothing was read");
        }
    }

    private void fuzz(long inputs, Predicate<Random> one) {
        long refused = 0;
        long began = THREADS.getCurrentThreadCpuTime();
        for (long i = 0; i < inputs; i++) {
            refused += one.test(new Random(i)) ? 1 : 0;
            if (i % 1_000 == 999) {
                assertThat(THREADS.getCurrentThreadCpuTime() - began).isLessThan(PATIENCE_NANOS);
                began = THREADS.getCurrentThreadCpuTime();
            }
        }
        assertThat(refused).isBetween(inputs / 4, inputs - inputs / 100);
    }

    @Test
    void bytesAreReadOrRefused() {
        List<byte[]> seeds = bytes();
        assertThat(seeds).hasSizeGreaterThan(100);
        fuzz(INPUTS / 2, random -> {
            Aimed aimed = one(AIMED, random);
            boolean any = random.nextBoolean();
            byte[] bytes = damaged(any ? seeds : List.of(aimed.bytes()), random);
            ScaleReader.Part<?> part = any ? one(PARTS, random) : aimed.part();
            return refused(bytes.length, () -> read(part, new ScaleReader(bytes)));
        });
    }

    @Test
    void textsAreReadOrRefused() {
        List<byte[]> raw = bytes();
        List<String> seeds = texts();
        fuzz(INPUTS / 2, random -> {
            String text = damaged(seeds, random, raw);
            ScaleReader.Part<?> part = one(PARTS, random);
            return refused(text.length(), () -> {
                for (Answers.Answer answer : Answers.read(text)) {
                    if (answer.refusal().isPresent()) {
                        Answers.Refusal refusal = answer.refusal().get();
                        assertThat(refusal.words()).hasSizeLessThan(2_100);
                        new RpcException("state_call", refusal.code(), refusal.words()).stateIsGone();
                    } else if (answer.result().isPresent()
                            && answer.result().get().isString()) {
                        read(part, ScaleReader.ofHex(answer.result().get().asString()));
                    }
                }
            });
        });
    }

    /** A key is found again at the end of the place where something of it is stored; what is no key has no such place. */
    @Test
    void keysAreLookedForOrRefused() {
        fuzz(INPUTS / 20, random -> {
            byte[] key = new byte[Ss58.KEY_BYTES];
            random.nextBytes(key);
            char[] address = Ss58.address(key).toCharArray();
            boolean damaged = random.nextBoolean();
            if (damaged) {
                address[random.nextInt(address.length)] = (char) random.nextInt(random.nextBoolean() ? 128 : 65_536);
            }
            try {
                String at = StorageKeys.commitment(random.nextInt(65_536), new Hotkey(new String(address)));
                assertThat(at).hasSize(2 + 2 * (32 + 2 + 8 + 32));
                return !damaged && !at.endsWith(HexFormat.of().formatHex(key));
            } catch (InvalidArgument e) {
                return damaged;
            }
        });
    }

    // Long ones

    private static List<String> longTexts() {
        int length = 4 << 20;
        return List.of(
                "[" + "[],".repeat(length / 3) + "[]]",
                "[" + "{},".repeat(length / 3) + "{}]",
                "[" + "0,".repeat(length / 2) + "0]",
                "[" + "{\"id\":1},".repeat(length / 9) + "0]",
                "{" + "\"\":0,".repeat(length / 5) + "\"\":0}",
                "[".repeat(length),
                "{\"id\":1,\"result\":" + "1".repeat(length) + "}",
                "{\"id\":1,\"" + "a".repeat(length) + "\":1}");
    }

    /** Most of what is said so would take many times its length, if it were kept to be looked at. */
    @ParameterizedTest
    @MethodSource("longTexts")
    void aLongTextOfManyPartsIsRefusedBeforeItTakesRoom(String text) {
        long before = THREADS.getCurrentThreadAllocatedBytes();

        assertThatThrownBy(() -> Answers.read(text)).isInstanceOf(NodeUnavailable.class);
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(32 << 20);
    }

    @Test
    void longWordsOfAnErrorAreCut() throws Exception {
        String words = "x".repeat(1 << 20);

        Answers.Refusal refusal = Answers.read(
                        "{\"id\":1,\"error\":{\"code\":4003,\"message\":\"UnknownBlock " + words + "\"}}")
                .get(0)
                .refusal()
                .orElseThrow();

        assertThat(refusal.words()).startsWith("UnknownBlock xxx").hasSize(1_000);
    }

    /** A list in a list takes one byte, and more in memory than any other byte. */
    @Test
    void emptyListsTakeLittle() throws Exception {
        int lists = 1 << 20;
        byte[] bytes = ByteBuffer.allocate(HISTORY_AT + Integer.BYTES + lists)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(0, (byte) 1) // there is a subnet, and all else of it is empty
                .putInt(HISTORY_AT, lists << 2 | 2)
                .array();
        long before = THREADS.getCurrentThreadAllocatedBytes();

        assertThat(new ScaleReader(bytes).whole(Layouts::subnetState)).isPresent();
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(32L * lists);
    }
}
