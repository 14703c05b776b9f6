package io.quartermaster.node.app.web;

import io.quartermaster.api.InvalidArgument;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.ssl.PemSslBundleProperties;
import org.springframework.boot.autoconfigure.ssl.PropertiesSslBundle;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.core.NestedExceptionUtils;

/**
 * Serves a new certificate once its files have changed, without a restart: what connects from then on gets it, what is connected
 * stays. A pair that can't be used is said so once, and the former one stays. The files are read every second, since what tells of
 * changes does not do so for every file system and every way to replace a file.
 */
final class CertificateWatch implements AutoCloseable {
    /** What Spring calls the pair. */
    static final String BUNDLE = "replica";

    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);
    private static final long EVERY_MILLIS = 1000;
    private static final String PEM = "-----BEGIN ";

    private final HttpSettings.Tls files;
    private final SslBundleRegistry registry;
    private final ScheduledExecutorService thread;
    private Pair tried;
    private Pair seen;
    private boolean unreadable;

    /** A pair as the files have it. Secret: never shown. */
    private static final class Pair {
        private final String certificate;
        private final String key;

        Pair(String certificate, String key) {
            this.certificate = certificate;
            this.key = key;
        }

        static Pair read(HttpSettings.Tls files) throws IOException {
            return new Pair(Files.readString(files.certificate()), Files.readString(files.key()));
        }

        boolean same(Pair other) {
            return certificate.equals(other.certificate) && key.equals(other.key);
        }
    }

    /** Watches from now on. The pair is being served already. */
    CertificateWatch(HttpSettings.Tls files, SslBundleRegistry registry) {
        this.files = files;
        this.registry = registry;
        this.tried = read().orElseGet(() -> new Pair("", ""));
        this.seen = tried;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "certificate-watch");
            made.setDaemon(true);
            return made;
        });
        var unused = thread.scheduleWithFixedDelay(this::look, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Refuses a pair that can't be served. */
    static void check(HttpSettings.Tls files) {
        try {
            bundle(Pair.read(files));
        } catch (IOException | RuntimeException e) {
            throw new InvalidArgument(
                    "TLS certificate",
                    "The certificate " + files.certificate() + " and the key " + files.key() + " can't be used: "
                            + NestedExceptionUtils.getMostSpecificCause(e).getMessage());
        }
    }

    private Optional<Pair> read() {
        try {
            return Optional.of(Pair.read(files));
        } catch (IOException e) {
            if (!unreadable) {
                LOG.error("{} or {} can't be read: the former certificate stays", files.certificate(), files.key());
            }
            unreadable = true;
            return Optional.empty();
        }
    }

    /** The two files are replaced one after the other: a pair counts once it has stayed for a second. */
    private void look() {
        read().ifPresent(pair -> {
            unreadable = false;
            boolean stays = pair.same(seen);
            seen = pair;
            if (stays && !pair.same(tried)) {
                tried = pair;
                serve(pair);
            }
        });
    }

    private void serve(Pair pair) {
        try {
            registry.updateBundle(BUNDLE, bundle(pair));
            LOG.info("The certificate in {} is served from now on", files.certificate());
        } catch (RuntimeException e) {
            LOG.error(
                    "The certificate in {} with the key in {} can't be used: {}. The former one stays",
                    files.certificate(),
                    files.key(),
                    NestedExceptionUtils.getMostSpecificCause(e).getMessage());
        }
    }

    private static SslBundle bundle(Pair pair) {
        // What is not PEM would be taken for the name of a file, and shown.
        if (!pair.certificate.contains(PEM) || !pair.key.contains(PEM)) {
            throw new IllegalStateException("There is no PEM in one of them");
        }
        PemSslBundleProperties properties = new PemSslBundleProperties();
        properties.getKeystore().setCertificate(pair.certificate);
        properties.getKeystore().setPrivateKey(pair.key);
        properties.getKeystore().setVerifyKeys(true);
        SslBundle bundle = PropertiesSslBundle.get(properties);
        // Made now, so that what is wrong with it shows before the server lets go of the former one.
        if (bundle.getStores().getKeyStore() == null) {
            throw new IllegalStateException("There is no certificate");
        }
        return bundle;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
