package io.quartermaster.node.keys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bouncycastle.crypto.digests.Blake2bDigest;

/** The hashes that Substrate makes storage keys, checksums and digests with. */
public final class Hashes {
    private static final long PRIME_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME_3 = 0x165667B19E3779F9L;
    private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
    private static final long PRIME_5 = 0x27D4EB2F165667C5L;
    private static final int STRIPE = 32;

    private Hashes() {}

    /**
     * BLAKE2b.
     *
     * @param bytes how long the hash is, from 1 to 64
     * @param parts what is hashed, one after the other
     * @return the hash
     */
    public static byte[] blake2b(int bytes, byte[]... parts) {
        Blake2bDigest digest = new Blake2bDigest(8 * bytes);
        for (byte[] part : parts) {
            digest.update(part, 0, part.length);
        }
        byte[] hash = new byte[bytes];
        digest.doFinal(hash, 0);
        return hash;
    }

    /**
     * xxHash64 with the seeds 0, 1, ... one after the other, each in little-endian order: Substrate's "twox".
     *
     * @param bytes how long the hash is: 8 or 16
     * @param data what is hashed
     * @return the hash
     */
    public static byte[] twox(int bytes, byte[] data) {
        ByteBuffer hash = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int seed = 0; seed < bytes / Long.BYTES; seed++) {
            hash.putLong(xxHash64(data, seed));
        }
        return hash.array();
    }

    /**
     * xxHash64.
     *
     * @see <a href="https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md">Its specification</a>
     */
    static long xxHash64(byte[] data, long seed) {
        ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        long hash = data.length >= STRIPE ? stripes(in, seed) : seed + PRIME_5;
        hash += data.length;
        while (in.remaining() >= Long.BYTES) {
            hash = Long.rotateLeft(hash ^ round(0, in.getLong()), 27) * PRIME_1 + PRIME_4;
        }
        if (in.remaining() >= Integer.BYTES) {
            long lane = Integer.toUnsignedLong(in.getInt());
            hash = Long.rotateLeft(hash ^ (lane * PRIME_1), 23) * PRIME_2 + PRIME_3;
        }
        while (in.hasRemaining()) {
            hash = Long.rotateLeft(hash ^ (Byte.toUnsignedLong(in.get()) * PRIME_5), 11) * PRIME_1;
        }
        hash = (hash ^ (hash >>> 33)) * PRIME_2;
        hash = (hash ^ (hash >>> 29)) * PRIME_3;
        return hash ^ (hash >>> 32);
    }

    private static long stripes(ByteBuffer in, long seed) {
        long[] lanes = {seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1};
        while (in.remaining() >= STRIPE) {
            for (int lane = 0; lane < lanes.length; lane++) {
                lanes[lane] = round(lanes[lane], in.getLong());
            }
        }
        long hash = Long.rotateLeft(lanes[0], 1)
                + Long.rotateLeft(lanes[1], 7)
                + Long.rotateLeft(lanes[2], 12)
                + Long.rotateLeft(lanes[3], 18);
        for (long lane : lanes) {
            hash = (hash ^ round(0, lane)) * PRIME_1 + PRIME_4;
        }
        return hash;
    }

    private static long round(long lane, long input) {
        return Long.rotateLeft(lane + input * PRIME_2, 31) * PRIME_1;
    }
}
