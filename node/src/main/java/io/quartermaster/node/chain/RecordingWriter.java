package io.quartermaster.node.chain;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.CollateralSeen;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.Observation.ReceiptSeen;
import io.quartermaster.node.chain.Observation.Validator;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes a recorded chain, format 1. Each line has left this process when {@link #write} returns, so that a killed process
 * leaves a file that can be read. Lists that are equal to those of the block before are left out.
 *
 * <p>What the format does not carry is lost: parts of a second of a receipt's ttl, parts of a microsecond of its times.
 *
 * <p>Safe for use by several threads.
 */
public final class RecordingWriter implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final String name;
    private final OutputStream out;
    private @Nullable List<Neuron> neurons;
    private @Nullable List<Validator> validators;
    private long lines;
    private boolean closed;

    private RecordingWriter(String name, OutputStream out) {
        this.name = name;
        this.out = out;
    }

    /**
     * Begins a recording.
     *
     * @param file where to; gzipped if its name ends in {@code .gz}. It must not exist: a recording is never overwritten
     * @param header what the recording says about itself. Where only finalised blocks are recorded, as a follower does, use
     *     {@link ChainInfo#finalised}
     * @return a recording with a header and nothing else
     * @throws InvalidArgument if the file exists, or its folder does not
     * @throws RecordingException if it can't be written
     */
    public static RecordingWriter create(Path file, ChainInfo header) {
        try {
            OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            boolean zipped = file.toString().endsWith(".gz");
            RecordingWriter writer = new RecordingWriter(
                    file.toString(), zipped ? new GZIPOutputStream(out, 1 << 13, true) : new BufferedOutputStream(out));
            writer.line(json(header));
            return writer;
        } catch (FileAlreadyExistsException e) {
            throw new InvalidArgument("recording", file.toString(), "a file that does not exist yet");
        } catch (NoSuchFileException e) {
            throw new InvalidArgument("recording", file.toString(), "a file in a folder that exists");
        } catch (IOException e) {
            throw new RecordingException(file.toString(), 1, "can't be written: " + e.getMessage(), e);
        }
    }

    /**
     * Appends an observation.
     *
     * @param observation what was seen
     * @throws RecordingException if it can't be written, or the recording is closed
     */
    public synchronized void write(Observation observation) {
        ObjectNode json = NODES.objectNode();
        if (observation instanceof BlockSeen block) {
            block(json, block);
        } else if (observation instanceof ManifestsSeen manifests) {
            json.set("manifests", json(manifests));
        } else if (observation instanceof CollateralSeen collateral) {
            ObjectNode wei = NODES.objectNode();
            collateral.wei().forEach((hotkey, amount) -> wei.put(hotkey.value(), amount.toString()));
            json.putObject("collateral").put("block", collateral.block()).set("wei", wei);
        } else if (observation instanceof ReceiptSeen receipt) {
            json.set("receipt", ReceiptJson.write(receipt.receipt()));
        }
        line(json);
        if (observation instanceof BlockSeen block) {
            neurons = block.neurons();
            validators = block.validators();
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            out.close();
        } catch (IOException e) {
            throw new RecordingException(name, lines + 1, "can't be closed: " + e.getMessage(), e);
        }
    }

    private synchronized void line(ObjectNode json) {
        if (closed) {
            throw new RecordingException(name, lines + 1, "the recording is closed");
        }
        try {
            out.write(JSON.writeValueAsBytes(json));
            out.write('\n');
            out.flush();
            lines++;
        } catch (IOException e) {
            throw new RecordingException(name, lines + 1, "can't be written: " + e.getMessage(), e);
        }
    }

    private static ObjectNode json(ChainInfo header) {
        ObjectNode json = NODES.objectNode();
        json.put("format", RecordingReader.FORMAT);
        json.put("netuid", header.netuid());
        json.put("validator", header.validator().value());
        json.put("finality_lag", header.finalityLag());
        ObjectNode params = json.putObject("params");
        header.params().forEach(params::put);
        return json;
    }

    private void block(ObjectNode json, BlockSeen block) {
        json.put("block", block.block());
        json.put("time_ms", block.timeMillis());
        block.hash().ifPresent(hash -> json.put("hash", hash));
        if (!block.neurons().equals(neurons)) {
            ArrayNode list = json.putArray("neurons");
            for (Neuron neuron : block.neurons()) {
                ObjectNode item = list.addObject();
                item.put("hotkey", neuron.hotkey().value());
                item.put("coldkey", neuron.coldkey().value());
                item.put("uid", neuron.uid());
                item.put("ip", neuron.miner().address());
                item.put("port", neuron.miner().port());
                neuron.miner().shieldAddress().ifPresent(shield -> item.put("shield", shield));
            }
        }
        if (!block.validators().equals(validators)) {
            ArrayNode list = json.putArray("validators");
            for (Validator validator : block.validators()) {
                ObjectNode item = list.addObject();
                item.put("hotkey", validator.hotkey().value());
                item.put("uid", validator.uid());
                item.put("stake", validator.stake());
            }
        }
    }

    private static ObjectNode json(ManifestsSeen manifests) {
        ObjectNode json = NODES.objectNode();
        json.put("block", manifests.block());
        ObjectNode counts = json.putObject("counts");
        manifests.counts().forEach((miner, said) -> {
            ObjectNode executors = counts.putObject(miner.value());
            said.forEach((executorClass, count) -> executors.put(executorClass.name(), count));
        });
        ObjectNode failed = json.putObject("failed");
        manifests.failed().forEach((miner, why) -> failed.put(miner.value(), why));
        return json;
    }
}
