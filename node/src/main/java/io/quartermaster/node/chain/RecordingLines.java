package io.quartermaster.node.chain;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Splits a stream of bytes into lines, without ever holding more than the longest line that is allowed. */
final class RecordingLines implements Closeable {
    private final InputStream in;
    private final int longest;
    private final byte[] chunk = new byte[1 << 16];
    private int position;
    private int limit;

    private byte[] bytes = chunk;
    private int offset;
    private int length;
    private boolean terminated;
    private boolean endedEarly;

    RecordingLines(InputStream in, int longest) {
        this.in = in;
        this.longest = longest;
    }

    /**
     * Goes to the next line.
     *
     * @return false at the end
     * @throws TooLong if the line is longer than allowed
     * @throws CutOff if compressed data ends in the middle of the line
     */
    boolean next() throws IOException {
        byte[] kept = new byte[0];
        int keptLength = 0;
        while (true) {
            if (position == limit && !fill()) {
                if (keptLength > 0 && endedEarly) {
                    throw new CutOff();
                }
                show(kept, 0, keptLength, false);
                return keptLength > 0;
            }
            int end = position;
            while (end < limit && chunk[end] != '\n') {
                end++;
            }
            int found = end - position;
            if (found > longest - keptLength) {
                throw new TooLong();
            }
            if (end < limit && keptLength == 0) {
                show(chunk, position, found, true);
                position = end + 1;
                return true;
            }
            if (kept.length < keptLength + found) {
                kept = Arrays.copyOf(kept, Math.max(keptLength + found, 2 * kept.length));
            }
            System.arraycopy(chunk, position, kept, keptLength, found);
            keptLength += found;
            if (end < limit) {
                position = end + 1;
                show(kept, 0, keptLength, true);
                return true;
            }
            position = limit;
        }
    }

    private boolean fill() throws IOException {
        if (endedEarly) {
            return false;
        }
        try {
            int count = in.read(chunk);
            position = 0;
            limit = Math.max(count, 0);
            return count > 0;
        } catch (EOFException e) {
            endedEarly = true;
            return false;
        }
    }

    private void show(byte[] in, int from, int count, boolean ended) {
        bytes = in;
        offset = from;
        length = count;
        terminated = ended;
    }

    byte[] bytes() {
        return bytes;
    }

    int offset() {
        return offset;
    }

    int length() {
        return length;
    }

    /** Whether a line feed ended the line. */
    boolean terminated() {
        return terminated;
    }

    /** Whether compressed data lacks its end. The lines that were whole have been given all the same. */
    boolean endedEarly() {
        return endedEarly;
    }

    boolean blank() {
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;
    }

    static final class CutOff extends IOException {
        private static final long serialVersionUID = 1L;
    }
}
