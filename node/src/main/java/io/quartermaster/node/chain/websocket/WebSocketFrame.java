package io.quartermaster.node.chain.websocket;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A frame of a WebSocket.
 *
 * @param last whether its message ends with it
 * @param opcode what it is
 * @param payload what is in it
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, section 5.2</a>
 */
public record WebSocketFrame(boolean last, int opcode, ByteBuffer payload) {
    /** More of the message before. */
    public static final int CONTINUATION = 0;
    /** The beginning of a text, or all of it. */
    public static final int TEXT = 1;
    /** The end. */
    public static final int CLOSE = 8;
    /** To be answered with a pong. */
    public static final int PING = 9;
    /** The answer to a ping. */
    public static final int PONG = 10;
    /** How long a mask is, in bytes. */
    public static final int MASK_BYTES = 4;

    private static final int LAST = 0x80;
    private static final int RESERVED = 0x70;
    private static final int OPCODE = 0x0F;
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7F;
    private static final int LENGTH_IN_TWO_BYTES = 126;
    private static final int LENGTH_IN_EIGHT_BYTES = 127;
    private static final int LONGEST_IN_TWO_BYTES = 65_535;
    private static final int LONGEST_HEADER_BYTES = 14;

    /**
     * Whether it is about the connection.
     *
     * @return false if it is, or is a part of, a message
     */
    public boolean control() {
        return opcode >= CLOSE;
    }

    /**
     * Takes a frame off the front of what a server has sent.
     *
     * @param in what has come so far; moved past the frame, if it is all there
     * @param mostBytes the longest payload that is taken
     * @return empty if more has to come
     * @throws ProtocolException if this is no frame of a server, or too long a one
     */
    public static Optional<WebSocketFrame> take(ByteBuffer in, int mostBytes) throws ProtocolException {
        ByteBuffer ahead = in.duplicate();
        if (ahead.remaining() < 2) {
            return Optional.empty();
        }
        int first = ahead.get();
        int second = Byte.toUnsignedInt(ahead.get());
        if ((first & RESERVED) != 0 || (second & MASKED) != 0) {
            throw new ProtocolException("it sent what is not a WebSocket's frame");
        }
        int lengthBytes =
                second == LENGTH_IN_EIGHT_BYTES ? Long.BYTES : second == LENGTH_IN_TWO_BYTES ? Short.BYTES : 0;
        if (ahead.remaining() < lengthBytes) {
            return Optional.empty();
        }
        long length = lengthBytes == Long.BYTES
                ? ahead.getLong()
                : lengthBytes == Short.BYTES ? Short.toUnsignedInt(ahead.getShort()) : second & LENGTH;
        if (length < 0 || length > mostBytes) {
            throw new ProtocolException("it sent a message of more than " + mostBytes + " bytes");
        }
        if (ahead.remaining() < length) {
            return Optional.empty();
        }
        ByteBuffer payload = ahead.slice(ahead.position(), (int) length);
        in.position(ahead.position() + (int) length);
        return Optional.of(new WebSocketFrame((first & LAST) != 0, first & OPCODE, payload));
    }

    /**
     * A whole message as a client sends it.
     *
     * @param opcode what it is
     * @param payload what is in it
     * @param mask four bytes that nobody can foresee
     * @return ready to be sent
     */
    public static ByteBuffer ofClient(int opcode, ByteBuffer payload, byte[] mask) {
        int length = payload.remaining();
        ByteBuffer out = ByteBuffer.allocate(LONGEST_HEADER_BYTES + length).put((byte) (LAST | opcode));
        if (length < LENGTH_IN_TWO_BYTES) {
            out.put((byte) (MASKED | length));
        } else if (length <= LONGEST_IN_TWO_BYTES) {
            out.put((byte) (MASKED | LENGTH_IN_TWO_BYTES)).putShort((short) length);
        } else {
            out.put((byte) (MASKED | LENGTH_IN_EIGHT_BYTES)).putLong(length);
        }
        out.put(mask);
        for (int i = 0; i < length; i++) {
            out.put((byte) (payload.get(payload.position() + i) ^ mask[i % MASK_BYTES]));
        }
        return out.flip();
    }
}
