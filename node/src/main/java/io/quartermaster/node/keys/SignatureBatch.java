package io.quartermaster.node.keys;

import cafe.cryptography.curve25519.CompressedRistretto;
import cafe.cryptography.curve25519.Constants;
import cafe.cryptography.curve25519.InvalidEncodingException;
import cafe.cryptography.curve25519.RistrettoElement;
import cafe.cryptography.curve25519.Scalar;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Verifies many signatures at once: a random linear combination of them all must be nothing, which takes one multiplication of
 * many points instead of two for each signature. If it is something, halves are looked at, down to single signatures. A bad
 * signature passes with a probability of 2 to the power of -128. Immutable; safe for use by several threads.
 *
 * @see <a href="https://ed25519.cr.yp.to/ed25519-20110926.pdf">High-speed high-security signatures, section 5</a>
 */
public final class SignatureBatch {
    /** Below this one by one is as fast. */
    private static final int SMALLEST = 4;

    private static final int HALF = 32;
    private static final int RANDOM_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private SignatureBatch() {}

    /**
     * A signature, of what and by whom.
     *
     * @param publicKey 32 bytes
     * @param message what was signed
     * @param signature 64 bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Signed(byte[] publicKey, byte[] message, byte[] signature) {}

    /**
     * Verifies signatures.
     *
     * @param all the signatures
     * @return whether each is good, as {@link Sr25519#verify} says
     */
    public static boolean[] verify(List<Signed> all) {
        boolean[] good = new boolean[all.size()];
        Map<ByteBuffer, @Nullable RistrettoElement> keys = new HashMap<>();
        List<Term> terms = new ArrayList<>();
        for (int i = 0; i < good.length; i++) {
            Term term = term(i, all.get(i), keys);
            if (term != null) {
                terms.add(term);
            }
        }
        settle(terms, all, good);
        return good;
    }

    private static void settle(List<Term> terms, List<Signed> all, boolean[] good) {
        if (terms.size() < SMALLEST) {
            for (Term term : terms) {
                Signed signed = all.get(term.index());
                good[term.index()] = Sr25519.verify(signed.publicKey(), signed.message(), signed.signature());
            }
        } else if (holds(terms)) {
            terms.forEach(term -> good[term.index()] = true);
        } else {
            settle(terms.subList(0, terms.size() / 2), all, good);
            settle(terms.subList(terms.size() / 2, terms.size()), all, good);
        }
    }

    /** A signature (R, s) of A is good if s * B - k * A - R is nothing. */
    private record Term(
            int index, RistrettoElement key, RistrettoElement commitment, Scalar response, Scalar challenge) {}

    private static @Nullable Term term(int index, Signed signed, Map<ByteBuffer, @Nullable RistrettoElement> keys) {
        byte[] signature = signed.signature();
        if (signed.publicKey().length != HALF
                || signature.length != Sr25519.SIGNATURE_BYTES
                || (signature[Sr25519.SIGNATURE_BYTES - 1] & Sr25519.MARKER) == 0) {
            return null;
        }
        byte[] commitment = Arrays.copyOf(signature, HALF);
        byte[] response = Sr25519.response(signature);
        // Few validators and miners sign many receipts.
        RistrettoElement key =
                keys.computeIfAbsent(ByteBuffer.wrap(signed.publicKey()), wrapped -> point(signed.publicKey()));
        RistrettoElement point = point(commitment);
        if (key == null || point == null) {
            return null;
        }
        try {
            return new Term(
                    index,
                    key,
                    point,
                    Scalar.fromCanonicalBytes(response),
                    Sr25519.challenge(signed.message(), signed.publicKey(), commitment));
        } catch (IllegalArgumentException notOfThisGroup) {
            return null;
        }
    }

    private static @Nullable RistrettoElement point(byte[] bytes) {
        try {
            return new CompressedRistretto(bytes).decompress();
        } catch (InvalidEncodingException notOfThisGroup) {
            return null;
        }
    }

    private static boolean holds(List<Term> terms) {
        byte[] random = new byte[RANDOM_BYTES * terms.size()];
        RANDOM.nextBytes(random);
        Scalar ofGenerator = Scalar.ZERO;
        IdentityHashMap<RistrettoElement, Scalar> ofKeys = new IdentityHashMap<>();
        List<RistrettoElement> points = new ArrayList<>(terms.size());
        List<byte[]> factors = new ArrayList<>(terms.size());
        for (int i = 0; i < terms.size(); i++) {
            Term term = terms.get(i);
            byte[] factor = Arrays.copyOfRange(random, RANDOM_BYTES * i, RANDOM_BYTES * (i + 1));
            Scalar weight = Scalar.fromBits(Arrays.copyOf(factor, HALF));
            ofGenerator = weight.multiplyAndAdd(term.response(), ofGenerator);
            Scalar before = ofKeys.getOrDefault(term.key(), Scalar.ZERO);
            ofKeys.put(term.key(), weight.multiplyAndAdd(term.challenge(), before));
            points.add(term.commitment());
            factors.add(factor);
        }
        RistrettoElement sum = ManyPoints.sum(points, factors);
        List<RistrettoElement> keys = new ArrayList<>();
        List<byte[]> keyFactors = new ArrayList<>();
        ofKeys.forEach((key, factor) -> {
            keys.add(key);
            keyFactors.add(factor.toByteArray());
        });
        RistrettoElement expected = sum.add(ManyPoints.sum(keys, keyFactors));
        return Constants.RISTRETTO_GENERATOR_TABLE.multiply(ofGenerator).equals(expected);
    }
}
