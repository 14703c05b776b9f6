package io.quartermaster.node.chain.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever a server does, it can make its client hold no more than the longest message. */
@Timeout(30)
class ClientSocketTest implements ClientSocket.Listener {
    private static final int LONGEST = 1_000;
    private static final Pattern KEY = Pattern.compile("Sec-WebSocket-Key: (\\S+)");

    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private final List<String> texts = new CopyOnWriteArrayList<>();
    private final AtomicLong poured = new AtomicLong();
    private final ServerSocket server = server();

    private static ServerSocket server() {
        try {
            return new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError("No port", e);
        }
    }

    /** What a server does with a connection. */
    @FunctionalInterface
    private interface Behaviour {
        void serve(String request, OutputStream out) throws IOException;
    }

    @Override
    public void opened() {}

    @Override
    public void text(String text) {
        texts.add(text);
    }

    @Override
    public void ended(String why) {
        ended.complete(why);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private ClientSocket socket(Behaviour behaviour) {
        Thread thread = new Thread(
                () -> {
                    try (Socket connection = server.accept()) {
                        behaviour.serve(request(connection.getInputStream()), connection.getOutputStream());
                    } catch (IOException e) {
                        // The client has gone.
                    }
                },
                "server");
        thread.setDaemon(true);
        thread.start();
        ClientSocket socket = new ClientSocket(
                URI.create("ws://127.0.0.1:" + server.getLocalPort()), Duration.ofSeconds(10), LONGEST, this);
        socket.open();
        return socket;
    }

    private static String request(InputStream in) throws IOException {
        StringBuilder request = new StringBuilder();
        while (WebSocketHandshake.headLength(request.toString()) < 0) {
            request.append((char) in.read());
        }
        return request.toString();
    }

    private static void say(OutputStream out, String words) throws IOException {
        out.write(words.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void agree(String request, OutputStream out) throws IOException {
        Matcher key = KEY.matcher(request);
        assertThat(key.find()).isTrue();
        say(
                out,
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                        + WebSocketHandshake.accepted(key.group(1)) + "\r\n\r\n");
    }

    /** Until nobody takes any more. */
    private void pour(OutputStream out, String drop) throws IOException {
        while (true) {
            say(out, drop);
            poured.addAndGet(drop.length());
        }
    }

    private String end() throws Exception {
        return ended.get(20, TimeUnit.SECONDS);
    }

    @Test
    void ofARefusalOnlyTheFirstLineIsTakenIn() throws Exception {
        CompletableFuture<Boolean> cutOff = new CompletableFuture<>();
        socket((request, out) -> {
            say(out, "HTTP/1.1 503 Service Unavailable\r\n\r\n");
            try {
                pour(out, "<html>".repeat(1_000));
            } finally {
                cutOff.complete(true);
            }
        });

        assertThat(end()).isEqualTo("it answered HTTP/1.1 503 Service Unavailable when asked for a WebSocket");
        assertThat(cutOff.get(20, TimeUnit.SECONDS)).isTrue();
        // What is more than that is in the system's buffers.
        assertThat(poured.get()).isLessThan(50 << 20);
    }

    @Test
    void aHeadWithoutAnEndIsNone() throws Exception {
        socket((request, out) -> {
            say(out, "HTTP/1.1 101 Switching Protocols\r\n");
            pour(out, "X-Header: x\r\n");
        });

        assertThat(end()).isEqualTo("it does not speak HTTP");
    }

    @Test
    void aServerThatSaysNothingIsLeftWhenItIsClosed() throws Exception {
        ClientSocket socket = socket((request, out) -> await().forever().until(server::isClosed));

        socket.close();

        assertThat(end()).isNotEmpty();
    }

    @Test
    void textsComeWholeHoweverTheyAreCut() throws Exception {
        socket((request, out) -> {
            agree(request, out);
            say(out, "\u0081\u0002hi\u0001\u0003Hel\u0089\u0000\u0080\u0002lo");
            say(out, "\u0081~\u0003\u00e8");
            say(out, "x".repeat(LONGEST));
            say(out, "\u0088\u0006\u0003\u00e8done");
        });

        assertThat(end()).isEqualTo("closed by the server: 1000 done");
        assertThat(texts).containsExactly("hi", "Hello", "x".repeat(LONGEST));
    }

    @Test
    void aMessageThatIsTooLongEndsIt() throws Exception {
        socket((request, out) -> {
            agree(request, out);
            say(out, "\u0001~\u0003\u00e8" + "x".repeat(LONGEST) + "\u0080\u0001x");
        });

        assertThat(end()).isEqualTo("it sent a message of more than 1000 bytes");
        assertThat(texts).isEmpty();
    }

    @Test
    void aFrameThatClaimsToBeHugeEndsIt() throws Exception {
        socket((request, out) -> {
            agree(request, out);
            say(out, "\u0081\u007f\u0000\u0000\u0000\u0001\u0000\u0000\u0000\u0000");
        });

        assertThat(end()).isEqualTo("it sent a message of more than 1000 bytes");
    }
}
