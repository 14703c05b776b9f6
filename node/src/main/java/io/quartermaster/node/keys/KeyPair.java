package io.quartermaster.node.keys;

import cafe.cryptography.curve25519.Constants;
import cafe.cryptography.curve25519.Scalar;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key that can sign. It never shows its secret: not in words, not in JSON, not in a log. Immutable; safe for use by several
 * threads.
 */
public final class KeyPair {
    private static final int SEED_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Scalar secret;
    private final byte[] nonceSecret;
    private final byte[] publicKey;

    private KeyPair(Scalar secret, byte[] nonceSecret) {
        this.secret = secret;
        this.nonceSecret = nonceSecret;
        this.publicKey =
                Constants.RISTRETTO_GENERATOR_TABLE.multiply(secret).compress().toByteArray();
    }

    /**
     * The key of a seed (schnorrkel's "mini secret", expanded as ed25519 does).
     *
     * @param seed 32 bytes
     * @return the key
     * @throws InvalidArgument if it has another length; the message does not show it
     */
    public static KeyPair ofSeed(byte[] seed) {
        if (seed.length != SEED_BYTES) {
            throw new InvalidArgument("seed", "The seed of a key must have " + SEED_BYTES + " bytes");
        }
        byte[] expanded = sha512(seed);
        byte[] scalar = Arrays.copyOf(expanded, SEED_BYTES);
        scalar[0] &= (byte) 248;
        scalar[31] &= 63;
        scalar[31] |= 64;
        divideByEight(scalar);
        return new KeyPair(Scalar.fromBits(scalar), Arrays.copyOfRange(expanded, SEED_BYTES, 2 * SEED_BYTES));
    }

    /**
     * A key that follows from this one and a name, and from which this one does not follow: what is written {@code //NAME}.
     *
     * @param name which one
     * @return the key
     */
    public KeyPair derive(String name) {
        byte[] seed = new Transcript("SchnorrRistrettoHDKD")
                .append("sign-bytes", new byte[0])
                .append("chain-code", chainCode(name))
                .append("secret-key", secret.toByteArray())
                .challenge("HDKD-hard", SEED_BYTES);
        return ofSeed(seed);
    }

    /** A short text with its length before it, as SCALE writes it. */
    private static byte[] chainCode(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        if (text.length >= SEED_BYTES) {
            throw new InvalidArgument("derivation", name, "at most " + (SEED_BYTES - 1) + " bytes");
        }
        return ByteBuffer.allocate(SEED_BYTES)
                .put((byte) (text.length << 2))
                .put(text)
                .array();
    }

    /**
     * Signs a message.
     *
     * @param message what to sign
     * @return 64 bytes, other ones each time
     */
    public byte[] sign(byte[] message) {
        byte[] random = new byte[SEED_BYTES];
        RANDOM.nextBytes(random);
        // Even if the random numbers were not, two messages would not share this.
        Scalar nonce = Scalar.fromBytesModOrderWide(hmacSha512(nonceSecret, random, message));
        byte[] commitment =
                Constants.RISTRETTO_GENERATOR_TABLE.multiply(nonce).compress().toByteArray();
        Scalar challenge = Sr25519.challenge(message, publicKey, commitment);
        return Sr25519.signature(commitment, challenge.multiplyAndAdd(secret, nonce));
    }

    /**
     * The key that others verify with.
     *
     * @return 32 bytes, a copy
     */
    public byte[] publicKey() {
        return publicKey.clone();
    }

    /**
     * Its address.
     *
     * @return as on the chain
     */
    public Hotkey hotkey() {
        return new Hotkey(Ss58.address(publicKey));
    }

    @Override
    public String toString() {
        return "KeyPair[" + hotkey() + "]";
    }

    private static void divideByEight(byte[] littleEndian) {
        int carry = 0;
        for (int i = littleEndian.length - 1; i >= 0; i--) {
            int value = Byte.toUnsignedInt(littleEndian[i]);
            littleEndian[i] = (byte) (value >> 3 | carry);
            carry = (value & 7) << 5;
        }
    }

    private static byte[] sha512(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-512").digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-512", e);
        }
    }

    private static byte[] hmacSha512(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA512");
            mac.init(new SecretKeySpec(key, "HmacSHA512"));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has HMAC-SHA-512", e);
        }
    }
}
