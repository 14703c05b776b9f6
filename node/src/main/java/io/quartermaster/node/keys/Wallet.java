package io.quartermaster.node.keys;

import io.quartermaster.api.InvalidArgument;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.params.KeyParameter;
import org.web3j.crypto.MnemonicUtils;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Reads the hotkey with which a validator signs: from a wallet as {@code btcli} makes it, or from a file with the words of a
 * mnemonic. Neither may be readable by anybody but its owner. What is in them is in no message.
 */
public final class Wallet {
    private static final String HOTKEYS = "hotkeys";
    private static final String ENCRYPTED = "$NACL";
    private static final int PBKDF2_ROUNDS = 2048;
    private static final int SEED_BYTES = 32;

    private Wallet() {}

    /**
     * The hotkey of a wallet.
     *
     * @param wallets the directory of all wallets, mostly {@code ~/.bittensor/wallets}
     * @param name the wallet's name
     * @param hotkey the hotkey's name
     * @return the key
     * @throws InvalidArgument if there is none, if others may read it, or if it is not a hotkey
     */
    public static KeyPair hotkey(Path wallets, String name, String hotkey) {
        return read(wallets.resolve(name).resolve(HOTKEYS).resolve(hotkey));
    }

    /**
     * The key in a file: a hotkey of a wallet, or the words of a mnemonic.
     *
     * @param file the file
     * @return the key
     * @throws InvalidArgument as {@link #hotkey}
     */
    public static KeyPair read(Path file) {
        String text = secret(file).contents().strip();
        if (text.startsWith(ENCRYPTED)) {
            throw refused(file, "is encrypted: a hotkey that signs by itself must be kept without a password");
        }
        return text.startsWith("{") ? ofJson(file, text) : ofMnemonic(file, text);
    }

    private static KeyPair ofJson(Path file, String text) {
        JsonNode json;
        try {
            json = new ObjectMapper().readTree(text);
        } catch (JacksonException e) {
            // Not the cause: it quotes the file.
            throw refused(file, "is not the JSON of a hotkey");
        }
        String seed = json.path("secretSeed").asString("");
        String phrase = json.path("secretPhrase").asString("");
        if (seed.isEmpty() && phrase.isEmpty()) {
            throw refused(file, "has neither a secretSeed nor a secretPhrase: it can't sign");
        }
        KeyPair key = seed.isEmpty() ? ofMnemonic(file, phrase) : ofSeed(file, seed);
        String address = json.path("ss58Address").asString(key.hotkey().value());
        if (!address.equals(key.hotkey().value())) {
            throw refused(file, "says that its address is " + address + ", but its secret is that of " + key.hotkey());
        }
        return key;
    }

    private static KeyPair ofSeed(Path file, String hex) {
        try {
            return KeyPair.ofSeed(HexFormat.of().parseHex(hex.startsWith("0x") ? hex.substring(2) : hex));
        } catch (IllegalArgumentException e) {
            throw refused(file, "has a secretSeed that is not 32 bytes in hexadecimal");
        }
    }

    /** As Substrate does it: from the words' entropy, not from the words as other chains. */
    private static KeyPair ofMnemonic(Path file, String words) {
        try {
            byte[] entropy = MnemonicUtils.generateEntropy(
                    String.join(" ", words.toLowerCase(Locale.ROOT).split("\\s+", -1)));
            return KeyPair.ofSeed(pbkdf2(entropy));
        } catch (RuntimeException e) {
            throw refused(file, "is neither the JSON of a hotkey nor a mnemonic of 12 to 24 English words");
        }
    }

    /** The JDK's own takes passwords of characters only. */
    private static byte[] pbkdf2(byte[] password) {
        PKCS5S2ParametersGenerator generator = new PKCS5S2ParametersGenerator(new SHA512Digest());
        generator.init(password, "mnemonic".getBytes(StandardCharsets.US_ASCII), PBKDF2_ROUNDS);
        return ((KeyParameter) generator.generateDerivedParameters(8 * SEED_BYTES)).getKey();
    }

    private static InvalidArgument refused(Path file, String why) {
        return secret(file).refused(why);
    }

    private static SecretFile secret(Path file) {
        return new SecretFile("hotkey", "The hotkey's", file);
    }
}
