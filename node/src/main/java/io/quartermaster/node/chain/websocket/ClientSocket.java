package io.quartermaster.node.chain.websocket;

import io.quartermaster.node.chain.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket to a server, for texts. Safe for use by several threads.
 *
 * <p>The JDK's own will not do: when a server refuses the handshake it takes in the whole page that comes with the refusal, however
 * long, and no time-out ends that. Here all that a server can make this one hold is the longest message.
 *
 * <p>Two threads serve it, one that reads and one that writes, so that whoever sends is never made to wait.
 */
public final class ClientSocket implements AutoCloseable {
    private static final int LONGEST_HEAD_BYTES = 8 << 10;
    private static final int FIRST_BYTES = 8 << 10;
    private static final int PORT = 80;
    private static final int PORT_WITH_TLS = 443;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final URI uri;
    private final Duration patience;
    private final int longestBytes;
    private final Listener listener;
    private final BlockingQueue<ByteBuffer> outgoing = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private boolean inMessage;
    private @Nullable Socket socket;
    private boolean closed;

    /** Told what happens to a socket; by one thread, which must not be kept long. */
    public interface Listener {
        /** The server has agreed: from now on texts are sent. */
        void opened();

        /**
         * A text has come.
         *
         * @param text all of it
         */
        void text(String text);

        /**
         * The socket has ended, or could not be opened. Nothing is told after that.
         *
         * @param why for people
         */
        void ended(String why);
    }

    /**
     * A socket that is not open yet.
     *
     * @param uri of scheme {@code ws} or {@code wss}, with a host
     * @param patience how long to wait for the connection; whoever has waited long enough for {@link Listener#opened} closes it
     * @param longestBytes the longest message that is taken; a longer one ends the socket
     * @param listener told what happens
     */
    public ClientSocket(URI uri, Duration patience, int longestBytes, Listener listener) {
        this.uri = uri;
        this.patience = patience;
        this.longestBytes = longestBytes;
        this.listener = listener;
    }

    /** Begins to open it; once. */
    public void open() {
        thread("socket-reader", this::run);
    }

    private static void thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Sends a text, after those that were sent before. Does nothing once the socket has ended.
     *
     * @param text the text
     */
    public void send(String text) {
        send(WebSocketFrame.TEXT, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private void send(int opcode, ByteBuffer payload) {
        outgoing.add(WebSocketFrame.ofClient(opcode, payload, random(WebSocketFrame.MASK_BYTES)));
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    /** Ends it at once, without a word to the server. */
    @Override
    public void close() {
        Socket open;
        synchronized (this) {
            closed = true;
            open = socket;
        }
        try {
            if (open != null) {
                open.close();
            }
        } catch (IOException e) {
            // It is given up all the same.
        }
    }

    private void run() {
        String why;
        try {
            Socket open = connected();
            InputStream in = open.getInputStream();
            ByteBuffer received = agreed(in, open.getOutputStream());
            thread("socket-writer", () -> write(open));
            listener.opened();
            why = listen(in, received);
        } catch (ProtocolException e) {
            why = String.valueOf(e.getMessage());
        } catch (IOException | RuntimeException e) {
            why = Printable.of(
                    Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName()));
        }
        close();
        // Wakes whoever writes.
        outgoing.add(ByteBuffer.allocate(0));
        listener.ended(why);
    }

    private Socket connected() throws IOException {
        boolean tls = "wss".equals(uri.getScheme());
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? PORT_WITH_TLS : PORT;
        Socket plain = new Socket();
        keep(plain);
        plain.connect(new InetSocketAddress(uri.getHost(), port), Math.toIntExact(patience.toMillis()));
        plain.setTcpNoDelay(true);
        if (!tls) {
            return plain;
        }
        SSLSocket secured = (SSLSocket)
                ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(plain, uri.getHost(), port, true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        try {
            secured.startHandshake();
        } catch (SSLException e) {
            throw new IOException(distrust(e), e);
        }
        return secured;
    }

    /** Why, in words that tell whoever set the node up what to do. */
    private static String distrust(SSLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathBuilderException) {
                return "its certificate is signed by nobody who is trusted here";
            }
            if (cause instanceof CertificateException && cause.getCause() == null) {
                return "wrong certificate: " + cause.getMessage();
            }
        }
        return "there is no TLS with it: " + failure.getMessage();
    }

    private synchronized void keep(Socket fresh) throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        socket = fresh;
    }

    /** Becomes a WebSocket. */
    private ByteBuffer agreed(InputStream in, OutputStream out) throws IOException {
        String key = Base64.getEncoder().encodeToString(random(WebSocketHandshake.NONCE_BYTES));
        String path = Optional.ofNullable(uri.getRawPath())
                .filter(given -> !given.isEmpty())
                .orElse("/");
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String host = uri.getHost().replaceAll("[\\[\\]]", "");
        int port = uri.getPort() >= 0 ? uri.getPort() : "wss".equals(uri.getScheme()) ? PORT_WITH_TLS : PORT;
        out.write(WebSocketHandshake.request(host, port, path + query, key).getBytes(StandardCharsets.US_ASCII));
        out.flush();
        byte[] head = new byte[LONGEST_HEAD_BYTES];
        int length = 0;
        int end = -1;
        while (end < 0) {
            int read = length == head.length ? 0 : in.read(head, length, head.length - length);
            if (read < 0) {
                throw new ProtocolException("it closed the connection when asked for a WebSocket");
            }
            if (read == 0) {
                throw new ProtocolException("it does not speak HTTP");
            }
            length += read;
            end = WebSocketHandshake.headLength(new String(head, 0, length, StandardCharsets.ISO_8859_1));
        }
        WebSocketHandshake.check(new String(head, 0, end, StandardCharsets.ISO_8859_1), key);
        return ByteBuffer.allocate(FIRST_BYTES).put(head, end, length - end);
    }

    private void write(Socket open) {
        try {
            OutputStream out = open.getOutputStream();
            while (!open.isClosed()) {
                ByteBuffer next = outgoing.take();
                out.write(next.array(), next.arrayOffset() + next.position(), next.remaining());
                out.flush();
            }
        } catch (IOException e) {
            // Whoever reads finds out, too, and says so.
            close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Listens to the end, and says how it came. */
    private String listen(InputStream in, ByteBuffer first) throws IOException {
        ByteBuffer received = first;
        while (true) {
            received.flip();
            Optional<WebSocketFrame> frame = WebSocketFrame.take(received, longestBytes);
            while (frame.isPresent()) {
                if (frame.get().opcode() == WebSocketFrame.CLOSE) {
                    return closing(frame.get().payload());
                }
                hear(frame.get());
                frame = WebSocketFrame.take(received, longestBytes);
            }
            received.compact();
            if (!received.hasRemaining()) {
                received = ByteBuffer.wrap(Arrays.copyOf(received.array(), 2 * received.capacity()))
                        .position(received.position());
            }
            int read = in.read(received.array(), received.position(), received.remaining());
            if (read < 0) {
                return "the connection was cut off";
            }
            received.position(received.position() + read);
        }
    }

    private static String closing(ByteBuffer payload) {
        if (payload.remaining() < Short.BYTES) {
            return "closed by the server";
        }
        int status = Short.toUnsignedInt(payload.getShort());
        return "closed by the server: "
                + Printable.of(status + " " + StandardCharsets.UTF_8.decode(payload))
                        .strip();
    }

    private void hear(WebSocketFrame frame) throws ProtocolException {
        if (frame.opcode() == WebSocketFrame.PING) {
            send(WebSocketFrame.PONG, frame.payload());
        }
        if (frame.control()) {
            return;
        }
        if (frame.opcode() != (inMessage ? WebSocketFrame.CONTINUATION : WebSocketFrame.TEXT)) {
            throw new ProtocolException("it sent what is not a text");
        }
        byte[] bytes = new byte[frame.payload().remaining()];
        frame.payload().get(bytes);
        if (partial.size() + bytes.length > longestBytes) {
            throw new ProtocolException("it sent a message of more than " + longestBytes + " bytes");
        }
        partial.writeBytes(bytes);
        inMessage = !frame.last();
        if (frame.last()) {
            String text = partial.toString(StandardCharsets.UTF_8);
            partial.reset();
            listener.text(text);
        }
    }
}
