package io.quartermaster.node.keys;

import io.quartermaster.api.InvalidArgument;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;
import org.jspecify.annotations.Nullable;

/**
 * The key for which miners encrypt, for this validator alone, where they can be reached (bt-ddos-shield): an Ed25519 key in a file,
 * in PEM, as PKCS #8 without a password. The validator's other software may use the same file, once nobody but its owner may read
 * it, which bt-ddos-shield does not see to. All replicas of a validator must have the same one: the chain knows one public key of
 * each validator.
 *
 * <p>Miners find the public key on the chain, in {@code NeuronCertificates} of the subnet under the validator's hotkey: the 32 bytes
 * of {@link #publicKey} and {@link #ALGORITHM}. It comes there through the call {@code serve_axon_tls}, whose {@code certificate} is
 * the byte 1 and then the public key, signed by the hotkey. This class does not make that call; the client of bt-ddos-shield does
 * when it finds another key on the chain than in the file. As long as it is not there, no miner encrypts for this key.
 *
 * <p>It never shows its private key. Immutable; safe for use by several threads.
 *
 * @see <a href="https://github.com/bittensor-church/bt-ddos-shield">bt-ddos-shield</a>
 */
public final class ShieldCertificate {
    /** What the chain calls Ed25519. */
    public static final int ALGORITHM = 1;

    private static final String PEM_TYPE = "PRIVATE KEY";
    private static final String PEM_TYPE_ENCRYPTED = "ENCRYPTED PRIVATE KEY";

    /** RFC 8410, section 3. */
    private static final AlgorithmIdentifier ED25519 = new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.3.101.112"));

    private final byte[] seed;
    private final byte[] publicKey;

    private ShieldCertificate(byte[] seed) {
        this.seed = seed;
        this.publicKey = Ecies.publicKey(seed);
    }

    /**
     * The certificate in a file. One is made if there is none, with the directories that it is in; nobody but its owner may read it.
     *
     * @param file the file, mostly {@code shield/HOTKEY/validator_cert.pem} in the wallet's directory
     * @return the certificate
     * @throws InvalidArgument as {@link #read}, and if none can be made there
     */
    public static ShieldCertificate readOrCreate(Path file) {
        if (!Files.exists(file)) {
            byte[] seed = new byte[Ed25519PrivateKeyParameters.KEY_SIZE];
            new SecureRandom().nextBytes(seed);
            secret(file).create(pem(seed));
        }
        // Not what was just made: another process may have been faster.
        return read(file);
    }

    /**
     * The certificate in a file that is there.
     *
     * @param file the file
     * @return the certificate
     * @throws InvalidArgument if it is not there, if others may read it, or if it is not an Ed25519 key
     */
    public static ShieldCertificate read(Path file) {
        String text = secret(file).contents();
        PemObject pem = pemObject(text);
        if (pem != null && pem.getType().equals(PEM_TYPE_ENCRYPTED)) {
            throw secret(file).refused("is encrypted: it must be kept without a password");
        }
        if (pem != null && pem.getType().equals(PEM_TYPE) && key(pem) instanceof Ed25519PrivateKeyParameters key) {
            return new ShieldCertificate(key.getEncoded());
        }
        throw secret(file)
                .refused(
                        "is damaged, or not an Ed25519 key in PEM: restore it from a copy; or move it away, and a new one"
                                + " is made, which is of use once its public key is on the chain");
    }

    private static @Nullable PemObject pemObject(String text) {
        try (PemReader reader = new PemReader(new StringReader(text))) {
            return reader.readPemObject();
        } catch (IOException | RuntimeException e) {
            // Not the cause: it quotes the file.
            return null;
        }
    }

    private static @Nullable AsymmetricKeyParameter key(PemObject pem) {
        try {
            return PrivateKeyFactory.createKey(pem.getContent());
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    private static String pem(byte[] seed) {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            // Not the library's own form: that has the public key in it too, which not all other software reads.
            byte[] info = new PrivateKeyInfo(ED25519, new DEROctetString(seed)).getEncoded();
            writer.writeObject(new PemObject(PEM_TYPE, info));
        } catch (IOException e) {
            throw new UncheckedIOException("Text in memory can always be written", e);
        }
        return text.toString();
    }

    private static SecretFile secret(Path file) {
        return new SecretFile("shieldCertificate", "The shield certificate's", file);
    }

    /**
     * The key that miners encrypt for.
     *
     * @return 32 bytes, a copy
     */
    public byte[] publicKey() {
        return publicKey.clone();
    }

    /**
     * Decrypts what was encrypted for this key.
     *
     * @param payload as {@link Ecies} makes it; it may come from anybody
     * @return what it was before; empty if it was encrypted for another key, was changed, or never was of this form
     */
    public Optional<byte[]> decrypt(byte[] payload) {
        return Ecies.decrypt(seed, payload);
    }

    @Override
    public String toString() {
        return "ShieldCertificate[" + HexFormat.of().formatHex(publicKey) + "]";
    }
}
