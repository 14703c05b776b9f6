package io.quartermaster.node.app.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.quartermaster.node.Quartermaster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A certificate that is replaced while the replica serves. */
class CertificateRotationTest {
    @TempDir
    private Path directory;

    @Test
    void aNewCertificateIsServedAndABrokenOneIsNot() throws Exception {
        Certificates first = Certificates.make(Files.createDirectory(directory.resolve("first")));
        Certificates second = Certificates.make(Files.createDirectory(directory.resolve("second")));
        Path certificate = directory.resolve("certificate.pem");
        Path key = directory.resolve("key.pem");
        place(first.key(), key);
        place(first.certificate(), certificate);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        try (Quartermaster grid = Quartermaster.simulated();
                ReplicaHttp http = ReplicaHttp.start(
                        grid.replica(), HttpSettings.onLoopback(0).withTls(new HttpSettings.Tls(certificate, key)))) {
            log.start();
            root.addAppender(log);
            HttpClient open = trusting(first);
            assertThat(asks(open, http)).isEqualTo(200);
            assertThat(isServed(second, http)).isFalse();

            place(second.key(), key);
            place(second.certificate(), certificate);
            await().atMost(Duration.ofSeconds(30)).until(() -> isServed(second, http));
            assertThat(isServed(first, http)).isFalse();
            assertThat(asks(open, http)).as("a connection that was open").isEqualTo(200);

            place(Files.writeString(directory.resolve("broken.pem"), "nonsense"), certificate);
            await().atMost(Duration.ofSeconds(30)).until(() -> says(log, "can't be used"));
            assertThat(isServed(second, http)).isTrue();
            log.list.clear();
            // This one does not belong to the key.
            place(first.certificate(), certificate);
            await().atMost(Duration.ofSeconds(30)).until(() -> says(log, "can't be used"));
            assertThat(isServed(second, http)).isTrue();

            place(first.key(), key);
            await().atMost(Duration.ofSeconds(30)).until(() -> isServed(first, http));
        } finally {
            root.detachAppender(log);
        }
    }

    private static boolean says(ListAppender<ILoggingEvent> log, String word) {
        return List.copyOf(log.list).stream()
                .anyMatch(line -> line.getFormattedMessage().contains(word));
    }

    /** As tools do that renew certificates: written aside, then moved into place. */
    private static void place(Path from, Path to) throws IOException {
        Path aside = to.resolveSibling(to.getFileName() + ".new");
        Files.copy(from, aside, StandardCopyOption.REPLACE_EXISTING);
        Files.move(aside, to, StandardCopyOption.ATOMIC_MOVE);
    }

    private static HttpClient trusting(Certificates made) {
        return HttpClient.newBuilder().sslContext(made.trusting()).build();
    }

    /** Whether whoever trusts this certificate alone is answered, on a connection of its own. */
    private static boolean isServed(Certificates made, ReplicaHttp http) throws Exception {
        try {
            return asks(trusting(made), http) == 200;
        } catch (SSLException e) {
            return false;
        }
    }

    private static int asks(HttpClient client, ReplicaHttp http) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(URI.create(http.url() + "/livez"))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }
}
