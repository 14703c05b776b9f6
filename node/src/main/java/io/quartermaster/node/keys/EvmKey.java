package io.quartermaster.node.keys;

import io.quartermaster.api.InvalidArgument;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.web3j.crypto.Credentials;
import org.web3j.crypto.RawTransaction;
import org.web3j.crypto.TransactionEncoder;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A key that signs transactions of an EVM. It never shows its secret: not in words, not in JSON, not in a log. Immutable; safe
 * for use by several threads.
 */
public final class EvmKey {
    private static final Pattern SECRET = Pattern.compile("(?:0x)?([0-9a-fA-F]{64})");

    /** The number of points of secp256k1: SEC 2, section 2.4.1. A secret is less. */
    private static final BigInteger ORDER =
            new BigInteger("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", 16);

    private final Credentials credentials;

    private EvmKey(Credentials credentials) {
        this.credentials = credentials;
    }

    /**
     * Reads a key from a file that nobody but its owner may read: JSON with a {@code private_key}, as ComputeHorde keeps it beside
     * a bittensor wallet ({@code WALLET/h160/HOTKEY}), or 64 hexadecimal digits.
     *
     * @param file the file
     * @return the key
     * @throws InvalidArgument if it is not there, if others may read it, or if it holds no key; the message does not show what is
     *     in it
     */
    public static EvmKey read(Path file) {
        SecretFile secret = new SecretFile("key", "The EVM key's", file);
        String text = secret.contents().strip();
        Matcher digits = SECRET.matcher(text.startsWith("{") ? privateKey(secret, text) : text);
        if (!digits.matches()) {
            throw secret.refused("holds neither JSON with a private_key nor 64 hexadecimal digits");
        }
        BigInteger key = new BigInteger(digits.group(1), 16);
        if (key.signum() == 0 || key.compareTo(ORDER) >= 0) {
            throw secret.refused("holds a number that is no key of an EVM");
        }
        return new EvmKey(Credentials.create(digits.group(1)));
    }

    private static String privateKey(SecretFile secret, String text) {
        try {
            JsonNode json = new ObjectMapper().readTree(text);
            return json.path("private_key").asString("");
        } catch (JacksonException e) {
            // Not the cause: it quotes the file.
            throw secret.refused("is not JSON");
        }
    }

    /**
     * Whose transactions it signs.
     *
     * @return 0x and 40 lower-case hexadecimal digits
     */
    public String address() {
        return credentials.getAddress();
    }

    /**
     * Signs a transaction for one chain (EIP-155), so that it counts on no other.
     *
     * @param transaction what to sign
     * @param chainId the chain's number
     * @return the signed transaction's bytes
     */
    public byte[] sign(RawTransaction transaction, long chainId) {
        return TransactionEncoder.signMessage(transaction, chainId, credentials);
    }

    @Override
    public String toString() {
        return "EvmKey[" + address() + "]";
    }
}
