package io.quartermaster.node.keys;

import cafe.cryptography.curve25519.CompressedEdwardsY;
import cafe.cryptography.curve25519.Constants;
import cafe.cryptography.curve25519.InvalidEncodingException;
import cafe.cryptography.curve25519.Scalar;
import io.quartermaster.api.InvalidArgument;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/**
 * Encrypts for the holder of an Ed25519 key, as bt-ddos-shield does ("ed25519-ecies-v1"): the key of a moment, 32 bytes; a nonce,
 * 16; the tag of AES-256-GCM, 16; what is encrypted. It hides what is said, not who says it: anybody may encrypt for a public key.
 *
 * @see <a href="https://github.com/bittensor-church/bt-ddos-shield">bt-ddos-shield</a>
 */
public final class Ecies {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 16;
    private static final int TAG_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Ecies() {}

    /**
     * Encrypts.
     *
     * @param publicKey whom for: 32 bytes
     * @param plain what
     * @return 64 bytes more, other ones each time
     * @throws InvalidArgument if that is no public key
     */
    public static byte[] encrypt(byte[] publicKey, byte[] plain) {
        byte[] moment = random(KEY_BYTES);
        byte[] momentKey = publicKey(moment);
        byte[] nonce = random(NONCE_BYTES);
        byte[] key = shared(moment, publicKey, momentKey)
                .orElseThrow(
                        () -> new InvalidArgument("publicKey", "A public key must be 32 bytes, a point of Ed25519"));
        try {
            byte[] sealed = aes(Cipher.ENCRYPT_MODE, key, nonce).doFinal(plain);
            return ByteBuffer.allocate(momentKey.length + nonce.length + sealed.length)
                    .put(momentKey)
                    .put(nonce)
                    .put(sealed, plain.length, TAG_BYTES)
                    .put(sealed, 0, plain.length)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has AES-GCM", e);
        }
    }

    /**
     * Decrypts.
     *
     * @param seed the private key: 32 bytes
     * @param payload what was encrypted; it may come from anybody
     * @return what it was before; empty if it was encrypted for another key, was changed, or never was of this form
     * @throws InvalidArgument if the seed has another length; the message does not show it
     */
    public static Optional<byte[]> decrypt(byte[] seed, byte[] payload) {
        int head = KEY_BYTES + NONCE_BYTES + TAG_BYTES;
        if (payload.length < head) {
            return Optional.empty();
        }
        byte[] momentKey = Arrays.copyOf(payload, KEY_BYTES);
        byte[] nonce = Arrays.copyOfRange(payload, KEY_BYTES, KEY_BYTES + NONCE_BYTES);
        Optional<byte[]> key = shared(seed, momentKey, momentKey);
        if (key.isEmpty()) {
            return Optional.empty();
        }
        try {
            byte[] tag = Arrays.copyOfRange(payload, KEY_BYTES + NONCE_BYTES, head);
            byte[] sealed = join(Arrays.copyOfRange(payload, head, payload.length), tag);
            return Optional.of(aes(Cipher.DECRYPT_MODE, key.get(), nonce).doFinal(sealed));
        } catch (AEADBadTagException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has AES-GCM", e);
        }
    }

    /** The public key of a private one. */
    static byte[] publicKey(byte[] seed) {
        return Constants.ED25519_BASEPOINT_TABLE
                .multiply(scalar(seed))
                .compress()
                .toByteArray();
    }

    private static Optional<byte[]> shared(byte[] seed, byte[] publicKey, byte[] momentKey) {
        Scalar secret = scalar(seed);
        if (publicKey.length != KEY_BYTES) {
            return Optional.empty();
        }
        try {
            byte[] point = new CompressedEdwardsY(publicKey)
                    .decompress()
                    .multiply(secret)
                    .compress()
                    .toByteArray();
            HKDFBytesGenerator generator = new HKDFBytesGenerator(new SHA256Digest());
            generator.init(HKDFParameters.defaultParameters(join(momentKey, point)));
            byte[] key = new byte[KEY_BYTES];
            generator.generateBytes(key, 0, KEY_BYTES);
            return Optional.of(key);
        } catch (InvalidEncodingException e) {
            return Optional.empty();
        }
    }

    /** RFC 8032, section 5.1.5. */
    private static Scalar scalar(byte[] seed) {
        if (seed.length != KEY_BYTES) {
            throw new InvalidArgument("seed", "The seed of a key must have " + KEY_BYTES + " bytes");
        }
        SHA512Digest digest = new SHA512Digest();
        digest.update(seed, 0, seed.length);
        byte[] hash = new byte[digest.getDigestSize()];
        digest.doFinal(hash, 0);
        byte[] scalar = Arrays.copyOf(hash, KEY_BYTES);
        scalar[0] &= (byte) 248;
        scalar[31] &= 127;
        scalar[31] |= 64;
        return Scalar.fromBits(scalar);
    }

    private static Cipher aes(int mode, byte[] key, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
        return cipher;
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
