package io.quartermaster.ops;

import io.quartermaster.api.InvalidArgument;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which replica to ask, and how to be let in. */
final class ReplicaOptions {
    @Option(
            names = "--replica",
            defaultValue = "${env:QM_REPLICA:-http://127.0.0.1:8080}",
            paramLabel = "URL",
            description = "The replica to ask (default: ${DEFAULT-VALUE}; environment: QM_REPLICA).")
    private URI replica = URI.create("http://127.0.0.1:8080");

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "A file with the token to send (environment: QM_TOKEN_FILE, or the token itself in QM_TOKEN).")
    private @Nullable Path tokenFile;

    @Option(
            names = "--ca-file",
            defaultValue = "${env:QM_CA_FILE}",
            paramLabel = "FILE",
            description = "PEM certificates to trust instead of Java's own (environment: QM_CA_FILE).")
    private @Nullable Path caFile;

    ReplicaClient client() {
        return new ReplicaClient(replica, token(), Optional.ofNullable(caFile).map(ReplicaOptions::trusting));
    }

    private Optional<String> token() {
        @Nullable String inEnvironment = System.getenv("QM_TOKEN_FILE");
        @Nullable Path file = tokenFile != null || inEnvironment == null ? tokenFile : Path.of(inEnvironment);
        if (file == null) {
            return Optional.ofNullable(System.getenv("QM_TOKEN")).map(String::strip);
        }
        try {
            return Optional.of(Files.readString(file).strip());
        } catch (IOException e) {
            throw new InvalidArgument("--token-file", file.toString(), "a file that can be read");
        }
    }

    private static SSLContext trusting(Path certificates) {
        try (InputStream in = Files.newInputStream(certificates)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry("ca-" + number, certificate);
                number++;
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new InvalidArgument("--ca-file", certificates.toString(), "a file of PEM certificates");
        }
    }
}
