package io.quartermaster.node.keys;

import cafe.cryptography.curve25519.CompressedRistretto;
import cafe.cryptography.curve25519.Constants;
import cafe.cryptography.curve25519.InvalidEncodingException;
import cafe.cryptography.curve25519.RistrettoElement;
import cafe.cryptography.curve25519.Scalar;
import java.util.Arrays;

/**
 * Schnorr signatures over Ristretto, as schnorrkel makes them and Substrate uses them: in the context "substrate".
 *
 * @see <a href="https://github.com/w3f/schnorrkel">schnorrkel</a>
 */
public final class Sr25519 {
    /** How many bytes a signature has. */
    public static final int SIGNATURE_BYTES = 64;

    private static final int HALF = 32;

    /** The highest bit of a signature, which tells it from one of ed25519. */
    static final int MARKER = 0x80;

    private Sr25519() {}

    /**
     * Whether a signature is that of a message by the holder of a key.
     *
     * @param publicKey 32 bytes
     * @param message what was signed
     * @param signature 64 bytes
     * @return false also if the key or the signature can't be any
     */
    public static boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        if (publicKey.length != HALF
                || signature.length != SIGNATURE_BYTES
                || (signature[SIGNATURE_BYTES - 1] & MARKER) == 0) {
            return false;
        }
        byte[] commitment = Arrays.copyOf(signature, HALF);
        byte[] response = response(signature);
        try {
            Scalar s = Scalar.fromCanonicalBytes(response);
            RistrettoElement key = new CompressedRistretto(publicKey).decompress();
            Scalar k = challenge(message, publicKey, commitment);
            RistrettoElement expected =
                    Constants.RISTRETTO_GENERATOR_TABLE.multiply(s).subtract(key.multiply(k));
            return Arrays.equals(expected.compress().toByteArray(), commitment);
        } catch (InvalidEncodingException | IllegalArgumentException notOfThisGroup) {
            return false;
        }
    }

    /** What ties a signature to its message: a transcript of both, and of who signs. */
    static Scalar challenge(byte[] message, byte[] publicKey, byte[] commitment) {
        byte[] wide = new Transcript("SigningContext")
                .append("", "substrate")
                .append("sign-bytes", message)
                .append("proto-name", "Schnorr-sig")
                .append("sign:pk", publicKey)
                .append("sign:R", commitment)
                .challenge("sign:c", 64);
        return Scalar.fromBytesModOrderWide(wide);
    }

    /** The second half of a signature, without its marker. */
    static byte[] response(byte[] signature) {
        byte[] response = Arrays.copyOfRange(signature, HALF, SIGNATURE_BYTES);
        response[HALF - 1] = (byte) (response[HALF - 1] & ~MARKER);
        return response;
    }

    /** A commitment and a response as a signature. */
    static byte[] signature(byte[] commitment, Scalar response) {
        byte[] signature = Arrays.copyOf(commitment, SIGNATURE_BYTES);
        System.arraycopy(response.toByteArray(), 0, signature, HALF, HALF);
        signature[SIGNATURE_BYTES - 1] |= (byte) MARKER;
        return signature;
    }
}
