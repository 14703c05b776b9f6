package io.quartermaster.ops.standin;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/** Writes values as SCALE does. Not safe for use by several threads. */
final class ScaleWriter {
    private static final int ONE_BYTE_BITS = 6;
    private static final int TWO_BYTE_BITS = 14;
    private static final int FOUR_BYTE_BITS = 30;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A number in a fixed count of bytes, the lowest first. */
    ScaleWriter fixed(BigInteger value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write(value.shiftRight(8 * i).byteValue());
        }
        return this;
    }

    ScaleWriter fixed(long value, int bytes) {
        return fixed(BigInteger.valueOf(value), bytes);
    }

    ScaleWriter bool(boolean value) {
        out.write(value ? 1 : 0);
        return this;
    }

    ScaleWriter compact(long value) {
        if (value >> ONE_BYTE_BITS == 0) {
            return fixed(value << 2, 1);
        }
        if (value >> TWO_BYTE_BITS == 0) {
            return fixed(value << 2 | 1, 2);
        }
        if (value >> FOUR_BYTE_BITS == 0) {
            return fixed(value << 2 | 2, 4);
        }
        int bytes = (BigInteger.valueOf(value).bitLength() + 7) / 8;
        out.write((bytes - 4) << 2 | 3);
        return fixed(value, bytes);
    }

    ScaleWriter bytes(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    <T> ScaleWriter list(List<T> values, Consumer<T> each) {
        compact(values.size());
        values.forEach(each);
        return this;
    }

    String hex() {
        return "0x" + HexFormat.of().formatHex(out.toByteArray());
    }
}
