package io.quartermaster.ops.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Readers of the stream of events, each with a connection of its own, that take whatever comes. One thread reads for them all. */
final class Audience implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Selector selector = Selector.open();
    private final Thread thread = new Thread(this::read, "audience");
    private final AtomicLong heardBytes = new AtomicLong();
    private final AtomicInteger gone = new AtomicInteger();

    /**
     * Connects all of them.
     *
     * @param replica where to
     * @param readers how many
     * @throws IOException if one can't connect
     */
    Audience(URI replica, int readers) throws IOException {
        ByteBuffer request =
                ByteBuffer.wrap(("GET /v1/events/stream HTTP/1.1\r\nHost: " + replica.getAuthority() + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(replica.getHost()), replica.getPort());
        for (int i = 0; i < readers; i++) {
            SocketChannel channel = SocketChannel.open(address);
            channel.write(request.duplicate());
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
        }
        thread.setDaemon(true);
        thread.start();
    }

    /** What all of them have heard together, in bytes. */
    long heardBytes() {
        return heardBytes.get();
    }

    /** How many the replica has left. */
    int gone() {
        return gone.get();
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try {
            while (selector.isOpen()) {
                selector.select(key -> heardBytes.addAndGet(take(key, buffer)));
            }
        } catch (ClosedSelectorException | IOException over) {
            // So it ends when the load is over.
        }
    }

    private int take(SelectionKey key, ByteBuffer buffer) {
        buffer.clear();
        try {
            int read = ((SocketChannel) key.channel()).read(buffer);
            if (read >= 0) {
                return read;
            }
        } catch (IOException reset) {
            // Counted as those that were closed in order are.
        }
        key.cancel();
        gone.incrementAndGet();
        return 0;
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
