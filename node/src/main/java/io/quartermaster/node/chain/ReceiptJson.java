package io.quartermaster.node.chain;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Receipts in the form in which miners serve them, and in that in which they are signed. */
public final class ReceiptJson {
    private static final String STARTED = "JobStartedReceipt";
    private static final String ACCEPTED = "JobAcceptedReceipt";
    private static final String FINISHED = "JobFinishedReceipt";

    private static final Pattern SCORE = Pattern.compile("[0-9]{1,400}(\\.[0-9]{1,400})?");
    private static final int SCORE_DECIMALS = 6;
    private static final double LARGEST_SHORT_SCORE = 1e9;

    // Miners' software writes six digits of the fraction, or none if it is zero.
    private static final DateTimeFormatter WHOLE_SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssX");
    private static final DateTimeFormatter MICROSECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSX");

    private ReceiptJson() {}

    /**
     * Reads a receipt.
     *
     * @param json the payload and both signatures
     * @return the receipt; its signatures have not been verified
     * @throws InvalidArgument if it is not of this form; names the field
     */
    public static SignedReceipt read(JsonNode json) {
        return read(JsonFields.of(json, ""), Hotkey::new, ExecutorClass::new);
    }

    static SignedReceipt read(
            JsonFields json, Function<String, Hotkey> hotkeys, Function<String, ExecutorClass> classes) {
        JsonFields payload = json.fields("payload");
        return new SignedReceipt(
                payload(payload, hotkeys, classes), json.text("validator_signature"), json.text("miner_signature"));
    }

    private static Receipt payload(
            JsonFields json, Function<String, Hotkey> hotkeys, Function<String, ExecutorClass> classes) {
        String type = json.text("receipt_type");
        JobId job = new JobId(json.text("job_uuid"));
        Hotkey miner = hotkeys.apply(json.text("miner_hotkey"));
        Hotkey validator = hotkeys.apply(json.text("validator_hotkey"));
        Instant timestamp = instant(json, "timestamp");
        return switch (type) {
            case STARTED ->
                new Receipt.Started(
                        job,
                        miner,
                        validator,
                        timestamp,
                        classes.apply(json.text("executor_class")),
                        json.flag("is_organic"),
                        ttl(json));
            case ACCEPTED ->
                new Receipt.Accepted(job, miner, validator, timestamp, instant(json, "time_accepted"), ttl(json));
            case FINISHED ->
                new Receipt.Finished(
                        job,
                        miner,
                        validator,
                        timestamp,
                        instant(json, "time_started"),
                        Duration.of(json.number("time_took_us"), ChronoUnit.MICROS),
                        score(json),
                        blocks(json));
            default ->
                throw new InvalidArgument(
                        json.name("receipt_type"), type, STARTED + ", " + ACCEPTED + " or " + FINISHED);
        };
    }

    private static Duration ttl(JsonFields json) {
        return Duration.ofSeconds(json.number("ttl", Integer.MAX_VALUE));
    }

    private static double score(JsonFields json) {
        String score = json.text("score_str");
        if (!SCORE.matcher(score).matches()) {
            throw new InvalidArgument(json.name("score_str"), score, "a decimal number at least 0, such as 1.000000");
        }
        return Double.parseDouble(score);
    }

    private static List<Long> blocks(JsonFields json) {
        List<Long> blocks = new ArrayList<>();
        for (JsonNode block : json.list("block_numbers")) {
            blocks.add(
                    JsonFields.number(json.name("block_numbers") + "[" + blocks.size() + "]", block, Long.MAX_VALUE));
        }
        return blocks;
    }

    private static Instant instant(JsonFields json, String key) {
        String text = json.text(key);
        try {
            return OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MICROS);
        } catch (DateTimeException e) {
            throw new InvalidArgument(
                    json.name(key), text, "a time with its offset, such as 2026-01-21T13:18:47.123456Z");
        }
    }

    /**
     * What is signed: the payload as Python's {@code json.dumps(payload, sort_keys=True)} writes it. Names and numbers are all
     * there is in it, so that nothing need be escaped.
     *
     * @param receipt the receipt
     * @return the bytes
     */
    public static byte[] signedBytes(Receipt receipt) {
        StringBuilder json = new StringBuilder(512).append('{');
        if (receipt instanceof Receipt.Started started) {
            json.append("\"executor_class\": \"").append(started.executorClass().name());
            json.append("\", \"is_organic\": ").append(started.organic()).append(", ");
            parties(json, receipt, STARTED).append(", \"timestamp\": \"").append(text(receipt.timestamp()));
            json.append("\", \"ttl\": ").append(started.ttl().toSeconds());
        } else if (receipt instanceof Receipt.Accepted accepted) {
            parties(json, receipt, ACCEPTED).append(", \"time_accepted\": \"").append(text(accepted.timeAccepted()));
            json.append("\", \"timestamp\": \"").append(text(receipt.timestamp()));
            json.append("\", \"ttl\": ").append(accepted.ttl().toSeconds());
        } else if (receipt instanceof Receipt.Finished finished) {
            json.append("\"block_numbers\": ").append(finished.blocks()).append(", ");
            parties(json, receipt, FINISHED).append(", \"score_str\": \"").append(score(finished.costSeconds()));
            json.append("\", \"time_started\": \"").append(text(finished.timeStarted()));
            json.append("\", \"time_took_us\": ").append(micros(finished.timeTook()));
            json.append(", \"timestamp\": \"").append(text(receipt.timestamp())).append('"');
        }
        json.append(", \"validator_hotkey\": \"").append(receipt.validator()).append("\"}");
        return json.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static StringBuilder parties(StringBuilder json, Receipt receipt, String type) {
        return json.append("\"job_uuid\": \"")
                .append(receipt.job())
                .append("\", \"miner_hotkey\": \"")
                .append(receipt.miner())
                .append("\", \"receipt_type\": \"")
                .append(type)
                .append('"');
    }

    private static long micros(Duration duration) {
        return duration.toSeconds() * 1_000_000 + duration.toNanosPart() / 1_000;
    }

    /**
     * Writes a receipt as miners serve it.
     *
     * @param signed the receipt
     * @return the payload and both signatures
     */
    public static ObjectNode write(SignedReceipt signed) {
        Receipt receipt = signed.receipt();
        ObjectNode payload = JsonNodeFactory.instance.objectNode();
        payload.put("job_uuid", receipt.job().value());
        payload.put("miner_hotkey", receipt.miner().value());
        payload.put("validator_hotkey", receipt.validator().value());
        payload.put("timestamp", text(receipt.timestamp()));
        if (receipt instanceof Receipt.Started started) {
            payload.put("receipt_type", STARTED);
            payload.put("executor_class", started.executorClass().name());
            payload.put("is_organic", started.organic());
            payload.put("ttl", started.ttl().toSeconds());
        } else if (receipt instanceof Receipt.Accepted accepted) {
            payload.put("receipt_type", ACCEPTED);
            payload.put("time_accepted", text(accepted.timeAccepted()));
            payload.put("ttl", accepted.ttl().toSeconds());
        } else if (receipt instanceof Receipt.Finished finished) {
            payload.put("receipt_type", FINISHED);
            payload.put("time_started", text(finished.timeStarted()));
            payload.put("time_took_us", micros(finished.timeTook()));
            payload.put("score_str", score(finished.costSeconds()));
            ArrayNode blocks = payload.putArray("block_numbers");
            finished.blocks().forEach(blocks::add);
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("payload", payload);
        json.put("validator_signature", signed.validatorSignature());
        json.put("miner_signature", signed.minerSignature());
        return json;
    }

    /** Six decimals as miners write them; more only where the number would change. */
    private static String score(double seconds) {
        if (seconds == Math.rint(seconds) && seconds < LARGEST_SHORT_SCORE) {
            return (long) seconds + ".000000";
        }
        BigDecimal exact = BigDecimal.valueOf(seconds);
        return exact.setScale(Math.max(SCORE_DECIMALS, exact.scale())).toPlainString();
    }

    private static String text(Instant instant) {
        OffsetDateTime time = instant.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
        return (time.getNano() == 0 ? WHOLE_SECONDS : MICROSECONDS).format(time);
    }
}
