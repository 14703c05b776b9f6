package io.quartermaster.node.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.quartermaster.api.InvalidArgument;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.concurrent.Callable;

/** Takes things through their bytes. */
final class Wires {
    private Wires() {}

    interface Writer<T> {
        void write(DataOutput out, T value) throws IOException;
    }

    interface Reader<T> {
        T read(DataInput in) throws IOException;
    }

    static <T> byte[] bytes(T value, Writer<T> writer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        writer.write(new DataOutputStream(bytes), value);
        return bytes.toByteArray();
    }

    static <T> T through(T value, Writer<T> writer, Reader<T> reader) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes(value, writer)));
        T read = reader.read(in);
        assertThat(in.available()).as("all was read").isZero();
        return read;
    }

    /** Bytes are read, or refused in a way that callers expect. */
    static void readOrRefuse(Callable<?> reading) {
        try {
            assertThat(reading.call()).isNotNull();
        } catch (IOException | InvalidArgument refused) {
            assertThat(refused.toString()).isNotEmpty();
        } catch (Exception e) {
            fail("Bad bytes ended in " + e, e);
        }
    }
}
