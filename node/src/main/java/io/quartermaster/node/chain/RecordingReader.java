package io.quartermaster.node.chain;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.CollateralSeen;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.Observation.ReceiptSeen;
import io.quartermaster.node.chain.Observation.Validator;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a recorded chain, format 1, one line at a time; gzipped or not. Whatever is wrong with a line is a
 * {@link RecordingException} that names the file, the line and the field; the observations before it have been given by then.
 *
 * <p>Equal lists of neurons are one object, as are equal lists of validators, neurons and hotkeys. Blank lines are passed
 * over. A file whose compressed data breaks off just behind a line is read to there, with a warning: that is what a replica
 * leaves behind when it is killed while it records.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class RecordingReader implements Iterator<Observation>, AutoCloseable {
    static final String FORMAT = "recorded-chain/1";
    static final int LONGEST_LINE_BYTES = 64 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(RecordingReader.class);

    private static final int LARGEST_UID = 65_535;

    /** An amount in wei is a 256-bit number. */
    private static final Pattern WEI = Pattern.compile("[0-9]{1,78}");

    private static final int LONGEST_REASON = 300;

    /** A JSON error this close to the end of an unfinished last line comes of its being cut off. */
    private static final int TORN_TOKEN_BYTES = 8;

    /** What Jackson says about itself in the message on a key that comes twice. */
    private static final String JACKSON_HINT = " for `ObjectNode`: .*";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final String name;
    private final RecordingLines lines;
    private final ChainInfo header;
    private final Map<String, Hotkey> hotkeys = new HashMap<>();
    private final Map<String, ExecutorClass> classes = new HashMap<>();
    private final Shared<Neuron> sharedNeurons = new Shared<>();
    private final Shared<List<Neuron>> sharedNeuronLists = new Shared<>();
    private final Shared<List<Validator>> sharedValidatorLists = new Shared<>();
    private @Nullable List<Neuron> neurons;
    private @Nullable List<Validator> validators;
    private @Nullable Observation upcoming;
    private @Nullable RecordingException failure;
    private long line;
    private boolean finished;

    private RecordingReader(InputStream in, String name) {
        this.name = name;
        this.lines = new RecordingLines(unzipped(in), LONGEST_LINE_BYTES);
        JsonNode first = nextLine();
        if (first == null) {
            throw broken("the file is empty: expected a header such as {\"format\":\"" + FORMAT + "\",...}", null);
        }
        this.header = parsed(() -> header(JsonFields.of(first, "")));
    }

    /**
     * Opens a recording and reads its header.
     *
     * @param file the recording; whether it is gzipped is told by its first bytes, not by its name
     * @return the recording, at its first observation
     * @throws RecordingException if there is no such file, or it does not begin with a header of this format
     */
    public static RecordingReader open(Path file) {
        try {
            return open(Files.newInputStream(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new RecordingException(file.toString(), 1, "there is no such file", e);
        } catch (IOException e) {
            throw new RecordingException(file.toString(), 1, "can't be read: " + oneLine(e), e);
        }
    }

    /**
     * Reads a recording from a stream.
     *
     * @param in the bytes, gzipped or not; closed with the reader, and if this method fails
     * @param name what messages call it
     * @return the recording, at its first observation
     * @throws RecordingException if it does not begin with a header of this format
     */
    public static RecordingReader open(InputStream in, String name) {
        try {
            return new RecordingReader(in, name);
        } catch (RuntimeException e) {
            try {
                in.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    /**
     * What the recording says about itself.
     *
     * @return the header
     */
    public ChainInfo header() {
        return header;
    }

    /**
     * Where the reader is.
     *
     * @return the number of the line that was read last, from 1
     */
    public long line() {
        return line;
    }

    /**
     * The observations from here on, as a stream. It shares this reader's position, and closes the reader when it is closed.
     *
     * @return the rest of the recording
     */
    public Stream<Observation> stream() {
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED | Spliterator.NONNULL), false)
                .onClose(this::close);
    }

    /**
     * Whether there is another observation. Reads its line.
     *
     * @throws RecordingException if that line is wrong; asked again, it fails again
     */
    @Override
    public boolean hasNext() {
        if (failure != null) {
            throw failure;
        }
        if (upcoming == null && !finished) {
            try {
                JsonNode node = nextLine();
                finished = node == null;
                upcoming = node == null ? null : parsed(() -> observation(node));
            } catch (RecordingException e) {
                failure = e;
                throw e;
            }
        }
        return upcoming != null;
    }

    /**
     * The next observation.
     *
     * @throws RecordingException if its line is wrong
     */
    @Override
    public Observation next() {
        if (!hasNext() || upcoming == null) {
            throw new NoSuchElementException(name + " has no more observations");
        }
        Observation next = upcoming;
        upcoming = null;
        return next;
    }

    @Override
    public void close() {
        finished = true;
        try {
            lines.close();
        } catch (IOException e) {
            throw broken("can't be closed: " + oneLine(e), e);
        }
    }

    private InputStream unzipped(InputStream in) {
        BufferedInputStream buffered = new BufferedInputStream(in, 1 << 16);
        try {
            buffered.mark(2);
            boolean zipped = buffered.read() == 0x1f && buffered.read() == 0x8b;
            buffered.reset();
            return zipped ? new GZIPInputStream(buffered, 1 << 16) : buffered;
        } catch (EOFException e) {
            throw new RecordingException(name, 1, "the file is cut off here: its compressed data ends early", e);
        } catch (IOException e) {
            throw new RecordingException(name, 1, "can't be read: " + oneLine(e), e);
        }
    }

    /** The next line that is not blank; null at the end. */
    private @Nullable JsonNode nextLine() {
        try {
            do {
                line++;
                if (!lines.next()) {
                    if (lines.endedEarly()) {
                        if (line == 1) {
                            throw new RecordingLines.CutOff();
                        }
                        LOG.warn(
                                "{}:{}: the compressed data ends here without its end mark; all lines before are whole",
                                name,
                                line);
                    }
                    return null;
                }
            } while (lines.blank());
        } catch (RecordingLines.TooLong e) {
            throw broken("the line is longer than " + (LONGEST_LINE_BYTES >> 20) + " MB", e);
        } catch (RecordingLines.CutOff e) {
            throw broken("the file is cut off here: its compressed data ends early", e);
        } catch (ZipException e) {
            throw broken("the compressed data is damaged: " + oneLine(e), e);
        } catch (IOException e) {
            throw broken("can't be read: " + oneLine(e), e);
        }
        try {
            return JSON.readTree(lines.bytes(), lines.offset(), lines.length());
        } catch (JacksonException e) {
            throw broken(whyNotJson(e), e);
        }
    }

    private String whyNotJson(JacksonException e) {
        boolean atItsEnd = e.getLocation() != null
                && e.getLocation().getByteOffset() >= lines.offset() + lines.length() - TORN_TOKEN_BYTES;
        if (!lines.terminated() && (e instanceof UnexpectedEndOfInputException || (line > 1 && atItsEnd))) {
            return "the file is cut off here, in the middle of the line";
        }
        return (line == 1 ? "this is not a recording: its first line" : "the line") + " is not a JSON object: "
                + oneLine(e.getOriginalMessage()).replaceFirst(JACKSON_HINT, "");
    }

    private interface Parse<T> {
        T parse();
    }

    private <T> T parsed(Parse<T> parse) {
        try {
            return parse.parse();
        } catch (InvalidArgument e) {
            throw broken(oneLine(e), e);
        }
    }

    private RecordingException broken(String what, @Nullable Throwable cause) {
        return cause == null
                ? new RecordingException(name, line, what)
                : new RecordingException(name, line, what, cause);
    }

    private static String oneLine(Exception e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : oneLine(message);
    }

    private static String oneLine(String message) {
        String printable = message.replaceAll("\\s+", " ").replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= LONGEST_REASON ? printable : printable.substring(0, LONGEST_REASON) + "...";
    }

    private ChainInfo header(JsonFields json) {
        String format = json.text("format");
        if (!format.equals(FORMAT)) {
            throw new InvalidArgument("format", format, FORMAT + ", the format that this program reads");
        }
        Map<String, String> params = new LinkedHashMap<>();
        JsonFields named = json.fields("params");
        for (Map.Entry<String, JsonNode> param : named.object().properties()) {
            params.put(param.getKey(), JsonFields.text(named.name(param.getKey()), param.getValue()));
        }
        return new ChainInfo(
                json.number("netuid", LARGEST_UID),
                hotkey(json.text("validator")),
                json.number("finality_lag", Integer.MAX_VALUE),
                params);
    }

    private Observation observation(JsonNode node) {
        JsonFields json = JsonFields.of(node, "");
        if (json.has("block")) {
            return block(json);
        }
        if (json.has("manifests")) {
            return manifests(json.fields("manifests"));
        }
        if (json.has("collateral")) {
            return collateral(json.fields("collateral"));
        }
        if (json.has("receipt")) {
            return new ReceiptSeen(ReceiptJson.read(json.fields("receipt"), this::hotkey, this::executorClass));
        }
        String key = node.isEmpty() ? "{}" : node.propertyNames().iterator().next();
        throw new InvalidArgument(
                "line",
                "unknown kind of line \"" + oneLine(key) + "\": expected block, manifests, collateral or receipt");
    }

    private BlockSeen block(JsonFields json) {
        long number = json.number("block");
        long timeMillis = json.number("time_ms");
        if (json.has("neurons")) {
            neurons = neurons(json.list("neurons"));
        }
        if (json.has("validators")) {
            validators = validators(json.list("validators"));
        }
        return new BlockSeen(
                number, timeMillis, json.textIfAny("hash"), known("neurons", neurons), known("validators", validators));
    }

    private static <T> List<T> known(String field, @Nullable List<T> list) {
        if (list == null) {
            throw new InvalidArgument(field, field + " is missing, and no line before has it");
        }
        return list;
    }

    private List<Neuron> neurons(JsonNode list) {
        List<Neuron> read = new ArrayList<>(list.size());
        for (JsonNode node : list) {
            JsonFields json = JsonFields.of(node, "neurons[" + read.size() + "]");
            String ip = json.text("ip");
            Miner miner = new Miner(
                    hotkey(json.text("hotkey")),
                    ip,
                    json.number("port", 65_535),
                    ip.indexOf(':') >= 0 ? 6 : 4,
                    json.textIfAny("shield"));
            read.add(
                    sharedNeurons.of(new Neuron(json.number("uid", LARGEST_UID), hotkey(json.text("coldkey")), miner)));
        }
        return sharedNeuronLists.of(Collections.unmodifiableList(read));
    }

    private List<Validator> validators(JsonNode list) {
        List<Validator> read = new ArrayList<>(list.size());
        for (JsonNode node : list) {
            JsonFields json = JsonFields.of(node, "validators[" + read.size() + "]");
            read.add(new Validator(hotkey(json.text("hotkey")), json.number("uid", LARGEST_UID), json.real("stake")));
        }
        return sharedValidatorLists.of(Collections.unmodifiableList(read));
    }

    private ManifestsSeen manifests(JsonFields json) {
        Map<Hotkey, Map<ExecutorClass, Integer>> counts = new LinkedHashMap<>();
        JsonFields answered = json.fields("counts");
        for (Map.Entry<String, JsonNode> miner : answered.object().properties()) {
            JsonFields said = JsonFields.of(
                    miner.getValue(), answered.name(hotkey(miner.getKey()).value()));
            Map<ExecutorClass, Integer> executors = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> count : said.object().properties()) {
                executors.put(executorClass(count.getKey()), (int)
                        JsonFields.number(said.name(count.getKey()), count.getValue(), Integer.MAX_VALUE));
            }
            counts.put(hotkey(miner.getKey()), Collections.unmodifiableMap(executors));
        }
        Map<Hotkey, String> failed = new LinkedHashMap<>();
        JsonFields silent = json.fields("failed");
        for (Map.Entry<String, JsonNode> miner : silent.object().properties()) {
            Hotkey hotkey = hotkey(miner.getKey());
            failed.put(hotkey, JsonFields.text(silent.name(hotkey.value()), miner.getValue()));
        }
        return new ManifestsSeen(
                json.number("block"), Collections.unmodifiableMap(counts), Collections.unmodifiableMap(failed));
    }

    private CollateralSeen collateral(JsonFields json) {
        Map<Hotkey, BigInteger> wei = new LinkedHashMap<>();
        JsonFields amounts = json.fields("wei");
        for (Map.Entry<String, JsonNode> amount : amounts.object().properties()) {
            Hotkey hotkey = hotkey(amount.getKey());
            String field = amounts.name(hotkey.value());
            String digits = JsonFields.text(field, amount.getValue());
            if (!WEI.matcher(digits).matches()) {
                throw new InvalidArgument(field, digits, "a whole number at least 0, of at most 78 digits");
            }
            wei.put(hotkey, new BigInteger(digits));
        }
        return new CollateralSeen(json.number("block"), Collections.unmodifiableMap(wei));
    }

    private Hotkey hotkey(String value) {
        return hotkeys.computeIfAbsent(value, Hotkey::new);
    }

    private ExecutorClass executorClass(String value) {
        return classes.computeIfAbsent(value, ExecutorClass::new);
    }
}
