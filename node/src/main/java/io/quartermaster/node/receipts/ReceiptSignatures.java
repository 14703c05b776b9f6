package io.quartermaster.node.receipts;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.chain.ReceiptJson;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.keys.SignatureBatch;
import io.quartermaster.node.keys.SignatureBatch.Signed;
import io.quartermaster.node.keys.Sr25519;
import io.quartermaster.node.keys.Ss58;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Signs receipts and verifies both signatures of them. Safe for use by several threads. */
public final class ReceiptSignatures {
    private static final byte[] NONE = {};

    /** So many are verified together: more would not be faster. */
    private static final int TOGETHER = 256;

    private static final int MOST_ADDRESSES = 10_000;

    /** The keys of addresses; to work one out takes nearly as long as to verify a signature. */
    private static final Map<Hotkey, byte[]> KEYS = new ConcurrentHashMap<>();

    private ReceiptSignatures() {}

    /** What is wrong with a receipt. */
    public enum Flaw {
        /** The validator's signature is not that of this receipt by this validator. */
        VALIDATOR_SIGNATURE,
        /** The miner's signature is not that of this receipt by this miner. */
        MINER_SIGNATURE
    }

    /**
     * Signs a receipt as one of its parties.
     *
     * @param receipt the receipt
     * @param key the key of its validator or of its miner
     * @return the signature as it stands on the wire
     * @throws InvalidArgument if the key is neither's, or the receipt says something that can't be read back: a fraction of a
     *     microsecond, or a ttl that is not in whole seconds
     */
    public static String sign(Receipt receipt, KeyPair key) {
        if (!key.hotkey().equals(receipt.validator()) && !key.hotkey().equals(receipt.miner())) {
            throw new InvalidArgument(
                    "key", key.hotkey(), "that of " + receipt.validator() + " or of " + receipt.miner());
        }
        SignedReceipt unsigned = new SignedReceipt(receipt, "", "");
        if (!ReceiptJson.read(ReceiptJson.write(unsigned)).receipt().equals(receipt)) {
            throw new InvalidArgument("receipt", receipt, "in whole microseconds, its ttl in whole seconds");
        }
        return "0x" + HexFormat.of().formatHex(key.sign(ReceiptJson.signedBytes(receipt)));
    }

    /**
     * Signs a receipt as both of its parties.
     *
     * @param receipt the receipt
     * @param validator the validator's key
     * @param miner the miner's key
     * @return the signed receipt
     * @throws InvalidArgument as {@link #sign}
     */
    public static SignedReceipt sign(Receipt receipt, KeyPair validator, KeyPair miner) {
        return new SignedReceipt(receipt, sign(receipt, validator), sign(receipt, miner));
    }

    /**
     * Verifies a receipt.
     *
     * @param receipt the receipt
     * @return what is wrong with it; empty if both signatures are good
     */
    public static Optional<Flaw> flaw(SignedReceipt receipt) {
        return flaws(List.of(receipt)).get(0);
    }

    /**
     * Verifies receipts, on all processors.
     *
     * @param receipts the receipts
     * @return what is wrong with each; empty where both signatures are good
     */
    public static List<Optional<Flaw>> flaws(List<SignedReceipt> receipts) {
        int parts = (receipts.size() + TOGETHER - 1) / TOGETHER;
        return IntStream.range(0, parts)
                .parallel()
                .mapToObj(part -> receipts.subList(part * TOGETHER, Math.min(receipts.size(), (part + 1) * TOGETHER)))
                .map(ReceiptSignatures::together)
                .flatMap(List::stream)
                .toList();
    }

    private static List<Optional<Flaw>> together(List<SignedReceipt> receipts) {
        List<Signed> signatures = new ArrayList<>(2 * receipts.size());
        for (SignedReceipt signed : receipts) {
            Receipt receipt = signed.receipt();
            byte[] message = ReceiptJson.signedBytes(receipt);
            signatures.add(new Signed(key(receipt.validator()), message, bytes(signed.validatorSignature())));
            signatures.add(new Signed(key(receipt.miner()), message, bytes(signed.minerSignature())));
        }
        boolean[] good = SignatureBatch.verify(signatures);
        return IntStream.range(0, receipts.size())
                .mapToObj(i -> good[2 * i]
                        ? good[2 * i + 1] ? Optional.<Flaw>empty() : Optional.of(Flaw.MINER_SIGNATURE)
                        : Optional.of(Flaw.VALIDATOR_SIGNATURE))
                .toList();
    }

    /** What is not an address has no key, and its signatures are not good. */
    private static byte[] key(Hotkey hotkey) {
        byte @Nullable [] known = KEYS.get(hotkey);
        if (known != null) {
            return known;
        }
        byte[] key;
        try {
            key = Ss58.publicKey(hotkey.value());
        } catch (InvalidArgument e) {
            key = NONE;
        }
        if (KEYS.size() >= MOST_ADDRESSES) {
            KEYS.clear();
        }
        KEYS.put(hotkey, key);
        return key;
    }

    /** Miners write lower case; upper case would be another text for the same signature. */
    private static byte[] bytes(String signature) {
        boolean wellFormed = signature.length() == 2 + 2 * Sr25519.SIGNATURE_BYTES
                && signature.startsWith("0x")
                && signature.chars().skip(2).allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        return wellFormed ? HexFormat.of().parseHex(signature, 2, signature.length()) : NONE;
    }
}
