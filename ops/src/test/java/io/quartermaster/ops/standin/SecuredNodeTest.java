package io.quartermaster.ops.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.Observation;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.subtensor.SubtensorChain;
import io.quartermaster.node.chain.subtensor.SubtensorSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A node behind TLS, with a certificate of its own making, as a proxy before a node has it. */
class SecuredNodeTest {
    private static final String PASSWORD = "changeit";
    private static final Duration LONG = Duration.ofSeconds(60);

    private final SimulatedSubnet truth =
            new SimulatedSubnet(SimulationSettings.defaults().withSpeed(24));
    private final List<AutoCloseable> open = new CopyOnWriteArrayList<>(List.of(truth));
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @TempDir
    private Path directory;

    @BeforeEach
    void listen() {
        lines.list = Collections.synchronizedList(new ArrayList<>());
        lines.start();
        root.addAppender(lines);
    }

    @AfterEach
    void closeAll() throws Exception {
        root.detachAppender(lines);
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T closing(T one) {
        open.add(0, one);
        return one;
    }

    /** A key, and a certificate for it that it has signed itself. */
    private Path certificate(String of) throws Exception {
        Path store = directory.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        tool("keytool"),
                        "-genkeypair",
                        "-alias",
                        "node",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=a node",
                        "-ext",
                        "san=" + of,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        assertThat(said(keytool)).isNotNull();
        assertThat(keytool.exitValue()).isZero();
        return store;
    }

    private static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    private static String said(Process process) throws Exception {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return said;
    }

    private static KeyStore loaded(Path store) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    /** What whoever is to trust a certificate is given: the certificate without its key. */
    private Path trusting(Path store) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("node", loaded(store).getCertificate("node"));
        Path file = directory.resolve("trusted.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            trusted.store(out, PASSWORD.toCharArray());
        }
        return file;
    }

    /** The stand-in behind TLS. */
    private URI secured(Path store) throws Exception {
        StandinNode node = closing(StandinNode.start(truth, 0, StandinFaults.NONE));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(loaded(store), PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        ServerSocket front =
                closing(context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        thread(() -> {
            while (true) {
                Socket client = closing(front.accept());
                Socket server = closing(
                        new Socket(InetAddress.getLoopbackAddress(), node.uri().getPort()));
                thread(() -> pass(client, server));
                thread(() -> pass(server, client));
            }
        });
        return URI.create("wss://127.0.0.1:" + front.getLocalPort());
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void thread(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // One of the two has gone.
                    }
                },
                "tls-front");
        thread.setDaemon(true);
        thread.start();
    }

    private static void pass(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        }
    }

    /**
     * Follows a chain for ten blocks, as a process that was told whom to trust.
     *
     * @param args where a node is, the netuid, the validator
     */
    public static void main(String... args) throws InterruptedException {
        SubtensorSettings settings = SubtensorSettings.of(
                Integer.parseInt(args[1]), new Hotkey(args[2]), List.of(URI.create(args[0])), List.of());
        try (SubtensorChain chain = SubtensorChain.follow(settings)) {
            for (int seen = 0; seen < 10; ) {
                Optional<Observation> next = chain.next(LONG);
                System.out.println(
                        next.map(Object::getClass).map(Class::getSimpleName).orElse("nothing"));
                seen += next.isPresent() ? 1 : 10;
            }
        }
    }

    private Process following(Path store) throws Exception {
        return new ProcessBuilder(
                        tool("java"),
                        "-XX:TieredStopAtLevel=1",
                        "-Djavax.net.ssl.trustStore=" + trusting(store),
                        "-Djavax.net.ssl.trustStorePassword=" + PASSWORD,
                        "-cp",
                        System.getProperty("java.class.path"),
                        SecuredNodeTest.class.getName(),
                        secured(store).toString(),
                        Integer.toString(truth.info().netuid()),
                        truth.info().validator().value())
                .redirectErrorStream(true)
                .start();
    }

    @Test
    void aNodeIsFollowedWhoseCertificateIsInTheTrustStore() throws Exception {
        assertThat(said(following(certificate("ip:127.0.0.1"))).lines().filter("BlockSeen"::equals))
                .hasSize(10);
    }

    @Test
    void aCertificateThatIsTrustedForAnotherHostIsRefused() throws Exception {
        Process follower = following(certificate("ip:127.0.0.2"));
        try (BufferedReader said = follower.inputReader()) {
            assertThat(said.lines()
                            .filter(line -> line.contains("BlockSeen") || line.contains("New blocks"))
                            .findFirst()
                            .orElse("nothing"))
                    .contains("New blocks can't be seen: The connection to wss://127.0.0.1:")
                    .contains("wrong certificate: No subject alternative names matching IP address 127.0.0.1");
        } finally {
            follower.destroyForcibly();
        }
    }

    @Test
    void aNodeThatNobodyTrustsIsNotFollowedAndSaidWhy() throws Exception {
        URI node = secured(certificate("ip:127.0.0.1"));

        expectRefused(node, "its certificate is signed by nobody who is trusted here");
    }

    @Test
    void aNodeWithoutTlsIsNotFollowedAndSaidWhy() throws Exception {
        ServerSocket plain = closing(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        thread(() -> {
            while (true) {
                try (Socket client = plain.accept()) {
                    client.getOutputStream()
                            .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    client.getInputStream().transferTo(OutputStream.nullOutputStream());
                }
            }
        });

        expectRefused(URI.create("wss://127.0.0.1:" + plain.getLocalPort()), "there is no TLS with it");
    }

    private void expectRefused(URI node, String why) {
        SubtensorChain chain = closing(SubtensorChain.follow(
                SubtensorSettings.of(truth.info().netuid(), truth.info().validator(), List.of(node), List.of())
                        .withTimes(Duration.ofSeconds(20), Duration.ofMillis(300))));
        await().atMost(LONG)
                .until(() -> List.copyOf(lines.list).stream()
                        .map(ILoggingEvent::getFormattedMessage)
                        .anyMatch(line -> line.startsWith(
                                "New blocks can't be seen: The connection to " + node + " ended: " + why)));
        assertThat(chain.nodes()).singleElement().satisfies(report -> {
            assertThat(report.answering()).isFalse();
            assertThat(report.head()).isEqualTo(-1);
        });
    }
}
