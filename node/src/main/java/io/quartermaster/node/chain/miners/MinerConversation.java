package io.quartermaster.node.chain.miners;

import io.quartermaster.api.Miner;
import io.quartermaster.node.chain.Printable;
import io.quartermaster.node.chain.miners.MinerMessage.Failure;
import io.quartermaster.node.chain.miners.MinerMessage.Other;
import io.quartermaster.node.chain.websocket.WebSocketFrame;
import io.quartermaster.node.chain.websocket.WebSocketHandshake;
import io.quartermaster.node.keys.KeyPair;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * One miner, asked once: connect, agree on a WebSocket, ask, and read until the manifest has come. One step follows the other, so
 * nothing here is done by two threads at once, but for the end, which may come at any time.
 *
 * <p>The JDK's own WebSocket will not do: when a server refuses the handshake it takes in the whole page that comes with the
 * refusal, however long, and no time-out ends that. Here all that a miner can make this replica hold is {@link #MOST_BYTES}.
 */
final class MinerConversation {
    /** All that is read of a miner, from the handshake on. A manifest has some hundred bytes. */
    static final int MOST_BYTES = 64 << 10;

    /** A head is searched anew for its end whenever more of it comes. */
    private static final int MOST_HEAD_BYTES = 8 << 10;

    private static final int FIRST_BYTES = 1 << 10;
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:-]+");
    private static final Pattern IN_DIGITS =
            Pattern.compile("((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(?!$)|$)){4}|[0-9a-fA-F.]*:[0-9a-fA-F:.]*");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Miner miner;
    private final String host;
    private final KeyPair validator;
    private final InstantSource clock;
    private final Executor names;
    private final AsynchronousSocketChannel channel;
    private final CompletableFuture<MinerMessage> answer = new CompletableFuture<>();
    private final String key = Base64.getEncoder().encodeToString(random(WebSocketHandshake.NONCE_BYTES));
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private ByteBuffer received = ByteBuffer.allocate(FIRST_BYTES);
    private int consumed;
    private boolean connected;
    private boolean inMessage;

    /**
     * A conversation that has not begun.
     *
     * @throws IOException if no connection can be made
     */
    MinerConversation(
            Miner miner, KeyPair validator, InstantSource clock, AsynchronousChannelGroup network, Executor names)
            throws IOException {
        this.miner = miner;
        this.host = miner.shieldAddress().orElse(miner.address());
        this.validator = validator;
        this.clock = clock;
        this.names = names;
        this.channel = AsynchronousSocketChannel.open(network);
    }

    /** A step, after which another one is under way or the conversation is over. */
    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    /**
     * Has the conversation.
     *
     * @param patience how long it may take
     * @return completes with a manifest or a failure, and the connection is closed
     */
    CompletableFuture<MinerMessage> begin(Duration patience) {
        var unused = answer.completeOnTimeout(new Failure("timeout"), patience.toNanos(), TimeUnit.NANOSECONDS)
                .whenComplete((message, none) -> hangUp());
        take(() -> {
            if (!HOST.matcher(host).matches()) {
                throw new UnknownHostException(host);
            }
            if (IN_DIGITS.matcher(host).matches()) {
                connect();
            } else {
                names.execute(() -> take(this::connect));
            }
        });
        return answer;
    }

    private void hangUp() {
        try {
            channel.close();
        } catch (IOException e) {
            // It is given up all the same.
        }
    }

    private void take(Step step) {
        if (answer.isDone()) {
            return;
        }
        try {
            step.run();
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
    }

    private void fail(Throwable failure) {
        if (failure instanceof ProtocolException) {
            answer.complete(MinerMessage.malformed(String.valueOf(failure.getMessage())));
        } else if (failure instanceof UnknownHostException) {
            answer.complete(new Failure("could not be reached: there is no host " + Printable.of(host)));
        } else {
            String words = Optional.ofNullable(failure.getMessage())
                    .orElse(failure.getClass().getSimpleName());
            answer.complete(new Failure(
                    (connected ? "the connection broke: " : "could not be reached: ") + Printable.of(words)));
        }
    }

    private <T> CompletionHandler<T, MinerConversation> then(Step next) {
        return new CompletionHandler<>() {
            @Override
            public void completed(T result, MinerConversation self) {
                take(Integer.valueOf(-1).equals(result) ? self::ended : next);
            }

            @Override
            public void failed(Throwable failure, MinerConversation self) {
                fail(failure);
            }
        };
    }

    private void ended() {
        answer.complete(new Failure("closed the connection without a manifest"));
    }

    private void connect() throws IOException {
        InetAddress address = InetAddress.getByName(host);
        channel.connect(new InetSocketAddress(address, miner.port()), this, then(() -> {
            connected = true;
            String path = "/v0.1/validator_interface/" + validator.hotkey();
            String request = WebSocketHandshake.request(host, miner.port(), path, key);
            write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)), () -> read(this::agree));
        }));
    }

    private void write(ByteBuffer bytes, Step next) throws IOException {
        if (bytes.hasRemaining()) {
            channel.write(bytes, this, then(() -> write(bytes, next)));
        } else {
            next.run();
        }
    }

    private void read(Step next) throws ProtocolException {
        if (!received.hasRemaining()) {
            if (received.capacity() >= MOST_BYTES) {
                throw new ProtocolException("it sent " + MOST_BYTES + " bytes and no manifest");
            }
            received = ByteBuffer.allocate(2 * received.capacity()).put(received.flip());
        }
        channel.read(received, this, then(next));
    }

    private void agree() throws IOException {
        String head = new String(received.array(), 0, received.position(), StandardCharsets.ISO_8859_1);
        int length = WebSocketHandshake.headLength(head);
        if (length < 0 && head.length() >= MOST_HEAD_BYTES) {
            throw new ProtocolException("it does not speak HTTP");
        }
        if (length < 0) {
            read(this::agree);
            return;
        }
        WebSocketHandshake.check(head.substring(0, length), key);
        consumed = length;
        // Signed as late as possible: a miner takes nothing that was signed more than ten seconds ago.
        String question = Question.of(validator, miner.hotkey(), clock.instant().getEpochSecond());
        send(WebSocketFrame.TEXT, ByteBuffer.wrap(question.getBytes(StandardCharsets.UTF_8)));
    }

    /** Sends a frame, and listens on. */
    private void send(int opcode, ByteBuffer payload) throws IOException {
        write(WebSocketFrame.ofClient(opcode, payload, random(WebSocketFrame.MASK_BYTES)), this::listen);
    }

    private void listen() throws IOException {
        ByteBuffer unread = received.duplicate().flip().position(consumed);
        Optional<WebSocketFrame> next = WebSocketFrame.take(unread, MOST_BYTES);
        consumed = unread.position();
        while (next.isPresent() && !answer.isDone()) {
            WebSocketFrame frame = next.get();
            if (frame.opcode() == WebSocketFrame.PING) {
                send(WebSocketFrame.PONG, frame.payload());
                return;
            }
            hear(frame);
            next = WebSocketFrame.take(unread, MOST_BYTES);
            consumed = unread.position();
        }
        if (!answer.isDone()) {
            read(this::listen);
        }
    }

    private void hear(WebSocketFrame frame) throws ProtocolException {
        if (frame.opcode() == WebSocketFrame.CLOSE) {
            ended();
        } else if (!frame.control()) {
            if (frame.opcode() != (inMessage ? WebSocketFrame.CONTINUATION : WebSocketFrame.TEXT)) {
                throw new ProtocolException("it sent what is not a text");
            }
            partial.writeBytes(bytes(frame.payload()));
            inMessage = !frame.last();
            if (frame.last()) {
                MinerMessage message = MinerMessage.of(partial.toString(StandardCharsets.UTF_8));
                partial.reset();
                if (!(message instanceof Other)) {
                    answer.complete(message);
                }
            }
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
