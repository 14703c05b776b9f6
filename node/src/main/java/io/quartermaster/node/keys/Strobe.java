package io.quartermaster.node.keys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The part of STROBE-128 that Merlin transcripts need: a sponge over Keccak-f[1600] that takes data in and gives bytes out. Not
 * safe for use by several threads.
 *
 * @see <a href="https://strobe.sourceforge.io/specs/">The STROBE specification</a>
 */
final class Strobe {
    private static final int RATE = 166;
    private static final int FLAG_IN = 1;
    private static final int FLAG_APPLY = 2;
    private static final int FLAG_OUT = 4;
    private static final int FLAG_META = 16;

    private static final long[] ROUND_CONSTANTS = {
        0x0000000000000001L, 0x0000000000008082L, 0x800000000000808AL, 0x8000000080008000L,
        0x000000000000808BL, 0x0000000080000001L, 0x8000000080008081L, 0x8000000000008009L,
        0x000000000000008AL, 0x0000000000000088L, 0x0000000080008009L, 0x000000008000000AL,
        0x000000008000808BL, 0x800000000000008BL, 0x8000000000008089L, 0x8000000000008003L,
        0x8000000000008002L, 0x8000000000000080L, 0x000000000000800AL, 0x800000008000000AL,
        0x8000000080008081L, 0x8000000000008080L, 0x0000000080000001L, 0x8000000080008008L
    };

    /** For each step of rho and pi: how far to rotate, and where to. */
    private static final int[] ROTATIONS = {
        1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44
    };

    private static final int[] PLACES = {
        10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1
    };

    private final byte[] state = new byte[200];
    private int position;
    private int began;
    private int flags;

    Strobe(String protocol) {
        byte[] start = {1, (byte) (RATE + 2), 1, 0, 1, 96};
        System.arraycopy(start, 0, state, 0, start.length);
        byte[] version = "STROBEv1.0.2".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(version, 0, state, start.length, version.length);
        permute(state);
        metaData(protocol.getBytes(StandardCharsets.US_ASCII), false);
    }

    /** Takes in what says what comes. */
    void metaData(byte[] data, boolean more) {
        begin(FLAG_META | FLAG_APPLY, more);
        absorb(data);
    }

    /** Takes data in. */
    void data(byte[] data) {
        begin(FLAG_APPLY, false);
        absorb(data);
    }

    /** Gives bytes out that depend on all that was taken in. */
    byte[] random(int bytes) {
        begin(FLAG_IN | FLAG_APPLY | FLAG_OUT, false);
        byte[] out = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            out[i] = state[position];
            state[position] = 0;
            advance();
        }
        return out;
    }

    private void begin(int newFlags, boolean more) {
        if (more) {
            return;
        }
        int before = began;
        began = position + 1;
        flags = newFlags;
        absorb(new byte[] {(byte) before, (byte) flags});
        boolean forced = (flags & FLAG_OUT) != 0;
        if (forced && position != 0) {
            runF();
        }
    }

    private void absorb(byte[] data) {
        for (byte b : data) {
            state[position] ^= b;
            advance();
        }
    }

    private void advance() {
        position++;
        if (position == RATE) {
            runF();
        }
    }

    private void runF() {
        state[position] ^= (byte) began;
        state[position + 1] ^= 0x04;
        state[RATE + 1] ^= (byte) 0x80;
        permute(state);
        position = 0;
        began = 0;
    }

    private static void permute(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long[] lanes = new long[25];
        buffer.asLongBuffer().get(lanes);
        for (long constant : ROUND_CONSTANTS) {
            theta(lanes);
            rhoAndPi(lanes);
            chi(lanes);
            lanes[0] ^= constant;
        }
        buffer.asLongBuffer().put(lanes);
    }

    private static void theta(long[] lanes) {
        long[] columns = new long[5];
        for (int x = 0; x < 5; x++) {
            columns[x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20];
        }
        for (int x = 0; x < 5; x++) {
            long change = columns[(x + 4) % 5] ^ Long.rotateLeft(columns[(x + 1) % 5], 1);
            for (int y = 0; y < 25; y += 5) {
                lanes[x + y] ^= change;
            }
        }
    }

    private static void rhoAndPi(long[] lanes) {
        long moving = lanes[1];
        for (int step = 0; step < PLACES.length; step++) {
            long next = lanes[PLACES[step]];
            lanes[PLACES[step]] = Long.rotateLeft(moving, ROTATIONS[step]);
            moving = next;
        }
    }

    private static void chi(long[] lanes) {
        long[] row = new long[5];
        for (int y = 0; y < 25; y += 5) {
            System.arraycopy(lanes, y, row, 0, 5);
            for (int x = 0; x < 5; x++) {
                lanes[x + y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
            }
        }
    }
}
