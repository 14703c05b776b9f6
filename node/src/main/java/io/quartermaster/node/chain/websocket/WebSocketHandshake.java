package io.quartermaster.node.chain.websocket;

import io.quartermaster.node.chain.Printable;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * How an HTTP connection becomes a WebSocket.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-4">RFC 6455, section 4</a>
 */
public final class WebSocketHandshake {
    /** How long the nonce is of which a key is made, in bytes. */
    public static final int NONCE_BYTES = 16;

    private static final String END_OF_LINE = "\r\n";
    private static final String APPENDED = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private WebSocketHandshake() {}

    /**
     * What a client sends.
     *
     * @param host the server's name or address, without brackets
     * @param port the server's
     * @param path what is asked for, with its query
     * @param key a nonce in base 64
     * @return the whole request
     */
    public static String request(String host, int port, String path, String key) {
        return String.join(
                END_OF_LINE,
                "GET " + path + " HTTP/1.1",
                "Host: " + (host.contains(":") ? "[" + host + "]" : host) + ":" + port,
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Key: " + key,
                "Sec-WebSocket-Version: 13",
                END_OF_LINE);
    }

    /**
     * How long the head of an answer is.
     *
     * @param received what has come so far
     * @return with the empty line that ends it; -1 if that has not come yet
     */
    public static int headLength(String received) {
        int end = received.indexOf(END_OF_LINE + END_OF_LINE);
        return end < 0 ? -1 : end + 2 * END_OF_LINE.length();
    }

    /**
     * Makes sure that a server has agreed.
     *
     * @param head the head of its answer
     * @param key what it was sent
     * @throws ProtocolException if it has not
     */
    public static void check(String head, String key) throws ProtocolException {
        String[] lines = head.split(END_OF_LINE, -1);
        if (!lines[0].matches("HTTP/1\\.1 101( .*)?")) {
            throw new ProtocolException("it answered " + Printable.of(lines[0]) + " when asked for a WebSocket");
        }
        Map<String, String> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line : lines) {
            int colon = Math.max(0, line.indexOf(':'));
            fields.put(
                    line.substring(0, colon),
                    line.substring(Math.min(colon + 1, line.length())).strip());
        }
        boolean upgraded = fields.getOrDefault("Upgrade", "").equalsIgnoreCase("websocket");
        if (!upgraded || !fields.getOrDefault("Sec-WebSocket-Accept", "").equals(accepted(key))) {
            throw new ProtocolException("it does not speak WebSocket");
        }
    }

    /** What a server that understood makes of a key. */
    static String accepted(String key) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-1").digest((key + APPENDED).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-1", e);
        }
    }
}
