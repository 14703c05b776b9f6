package io.quartermaster.node.keys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A Merlin transcript: what was said, in order and under labels, and challenges that depend on all of it. Not safe for use by
 * several threads.
 *
 * @see <a href="https://merlin.cool/">Merlin</a>
 */
final class Transcript {
    private final Strobe strobe = new Strobe("Merlin v1.0");

    Transcript(String label) {
        append("dom-sep", ascii(label));
    }

    Transcript append(String label, byte[] message) {
        strobe.metaData(ascii(label), false);
        strobe.metaData(length(message.length), true);
        strobe.data(message);
        return this;
    }

    Transcript append(String label, String message) {
        return append(label, ascii(message));
    }

    byte[] challenge(String label, int bytes) {
        strobe.metaData(ascii(label), false);
        strobe.metaData(length(bytes), true);
        return strobe.random(bytes);
    }

    private static byte[] length(int bytes) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(bytes)
                .array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
