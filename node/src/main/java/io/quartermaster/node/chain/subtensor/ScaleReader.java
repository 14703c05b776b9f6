package io.quartermaster.node.chain.subtensor;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Reads values as SCALE writes them. Every length is checked against what is there before anything is made room for, so that no
 * input makes it take more memory than a small multiple of its own size. Not safe for use by several threads.
 *
 * @see <a href="https://docs.polkadot.com/reference/parachains/data-encoding/">SCALE</a>
 */
public final class ScaleReader {
    private final ByteBuffer in;

    /**
     * Reads from some bytes.
     *
     * @param bytes what to read; not copied
     */
    public ScaleReader(byte[] bytes) {
        this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads from an answer of a node.
     *
     * @param hex digits in pairs after "0x"
     * @return the reader
     * @throws UnknownLayout if it is not that
     */
    public static ScaleReader ofHex(String hex) throws UnknownLayout {
        return new ScaleReader(bytesOfHex(hex));
    }

    static byte[] bytesOfHex(String hex) throws UnknownLayout {
        try {
            if (hex.startsWith("0x")) {
                return HexFormat.of().parseHex(hex, 2, hex.length());
            }
        } catch (IllegalArgumentException e) {
            // Said below, without the cause, which repeats all of a long text.
        }
        throw new UnknownLayout(
                "This is not 0x and hexadecimal digits in pairs: " + hex.substring(0, Math.min(hex.length(), 40)));
    }

    /** Something that can be read. */
    @FunctionalInterface
    interface Part<T> {
        T read(ScaleReader in) throws UnknownLayout;
    }

    private ScaleReader need(int bytes) throws UnknownLayout {
        if (bytes > in.remaining()) {
            throw new UnknownLayout(bytes + " bytes are expected at byte " + in.position() + ", and there are "
                    + in.remaining() + " left");
        }
        return this;
    }

    int u8() throws UnknownLayout {
        return Byte.toUnsignedInt(need(1).in.get());
    }

    int u16() throws UnknownLayout {
        return Short.toUnsignedInt(need(Short.BYTES).in.getShort());
    }

    long u32() throws UnknownLayout {
        return Integer.toUnsignedLong(need(Integer.BYTES).in.getInt());
    }

    /** Amounts and times stay below 2^63: what does not is something else. */
    long u64() throws UnknownLayout {
        long value = need(Long.BYTES).in.getLong();
        if (value < 0) {
            throw new UnknownLayout("A number of 2^63 or more before byte " + in.position());
        }
        return value;
    }

    BigInteger u128() throws UnknownLayout {
        return unsigned(bytes(16));
    }

    boolean bool() throws UnknownLayout {
        int value = u8();
        if (value > 1) {
            throw new UnknownLayout("A boolean is 0 or 1, and at byte " + (in.position() - 1) + " it is " + value);
        }
        return value == 1;
    }

    byte[] bytes(int count) throws UnknownLayout {
        need(count);
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    /** A number that takes the fewer bytes the smaller it is. */
    long compact() throws UnknownLayout {
        int first = u8();
        return switch (first & 3) {
            case 0 -> first >> 2;
            case 1 -> (first | u8() << 8) >> 2;
            case 2 -> (first | (long) u8() << 8 | (long) u16() << 16) >> 2;
            default -> large(bytes((first >> 2) + 4));
        };
    }

    private long large(byte[] littleEndian) throws UnknownLayout {
        BigInteger value = unsigned(littleEndian);
        if (value.bitLength() > Long.SIZE - 1) {
            throw new UnknownLayout("A number of 2^63 or more before byte " + in.position());
        }
        return value.longValue();
    }

    int compact16() throws UnknownLayout {
        long value = compact();
        if (value > 0xFFFF) {
            throw new UnknownLayout("A number above 65535 before byte " + in.position() + ": " + value);
        }
        return (int) value;
    }

    private static BigInteger unsigned(byte[] littleEndian) {
        byte[] bigEndian = new byte[littleEndian.length];
        for (int i = 0; i < bigEndian.length; i++) {
            bigEndian[i] = littleEndian[bigEndian.length - 1 - i];
        }
        return new BigInteger(1, bigEndian);
    }

    /** How many of something follow; each takes a byte at least. */
    private int count() throws UnknownLayout {
        long count = compact();
        if (count > in.remaining()) {
            throw new UnknownLayout("A list of " + count + " at byte " + in.position() + ", and there are "
                    + in.remaining() + " bytes left");
        }
        return (int) count;
    }

    byte[] byteList() throws UnknownLayout {
        return bytes(count());
    }

    <T> List<T> list(Part<T> part) throws UnknownLayout {
        int count = count();
        List<T> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(part.read(this));
        }
        return list;
    }

    <T> Optional<T> option(Part<T> part) throws UnknownLayout {
        return bool() ? Optional.of(part.read(this)) : Optional.empty();
    }

    /** Makes sure that nothing is left: if something is, the layout is another one. */
    void end() throws UnknownLayout {
        if (in.hasRemaining()) {
            throw new UnknownLayout(in.remaining() + " bytes are left over at byte " + in.position());
        }
    }

    /** Reads all that there is as one thing. */
    <T> T whole(Part<T> part) throws UnknownLayout {
        T value = part.read(this);
        end();
        return value;
    }
}
