package io.quartermaster.ops.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection over which requests go one after the other, with as much of HTTP/1.1 (RFC 9112) as the answers of a replica need.
 * A client that knows all of HTTP takes more of the processor for a request than the replica does, and a load that shares the
 * machine with what it measures would measure itself; this takes two system calls. For one thread.
 */
final class KeptConnection implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int LONGEST_LINE = 16 * 1024;
    private static final int LONGEST_BODY = 16 << 20;

    private final URI replica;
    private final Socket socket = new Socket();
    private final InputStream in;

    /**
     * An answer.
     *
     * @param status the status code
     * @param body what came with it; empty if nothing did
     */
    record Answer(int status, String body) {}

    /**
     * Connects.
     *
     * @param replica where to
     * @param patienceMillis how long to wait for an answer
     * @throws IOException if nobody is there
     */
    KeptConnection(URI replica, int patienceMillis) throws IOException {
        this.replica = replica;
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(patienceMillis);
            socket.connect(
                    new InetSocketAddress(InetAddress.getByName(replica.getHost()), replica.getPort()), CONNECT_MILLIS);
            this.in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Sends a request and waits for its answer. After an exception the connection is of no more use.
     *
     * @param path where to
     * @param json the body
     * @return the answer, whatever it is
     * @throws IOException if none comes in time, or none that can be understood
     */
    Answer post(String path, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        byte[] head = ("POST " + path + " HTTP/1.1\r\nHost: " + replica.getAuthority()
                        + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream whole = new ByteArrayOutputStream(head.length + body.length);
        whole.writeBytes(head);
        whole.writeBytes(body);
        socket.getOutputStream().write(whole.toByteArray());
        return answer();
    }

    private Answer answer() throws IOException {
        String[] status = line().split(" ", 3);
        if (status.length < 2 || !status[0].startsWith("HTTP/1.")) {
            throw new IOException("This is no answer of HTTP: " + String.join(" ", status));
        }
        int length = 0;
        boolean chunked = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String small = header.toLowerCase(Locale.ROOT);
            if (small.startsWith("content-length:")) {
                length = size(small.substring("content-length:".length()).strip(), 10);
            } else if (small.startsWith("transfer-encoding:")) {
                chunked = small.endsWith("chunked");
            }
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (chunked) {
            for (int size = size(line(), 16); size > 0; size = size(line(), 16)) {
                read(size, body);
                line();
            }
            line();
        } else {
            read(length, body);
        }
        return new Answer(size(status[1], 10), body.toString(StandardCharsets.UTF_8));
    }

    private static int size(String digits, int radix) throws IOException {
        try {
            int size = Integer.parseInt(digits, radix);
            if (size >= 0 && size <= LONGEST_BODY) {
                return size;
            }
        } catch (NumberFormatException e) {
            throw new IOException("This is no number in an answer of HTTP: " + digits, e);
        }
        throw new IOException("An answer of " + digits + " bytes");
    }

    private void read(int length, ByteArrayOutputStream into) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("The connection was closed within an answer");
        }
        into.writeBytes(bytes);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("The connection was closed before an answer");
            }
            if (line.length() == LONGEST_LINE) {
                throw new IOException("A line of an answer is longer than " + LONGEST_LINE);
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException("A socket can be closed", e);
        }
    }
}
