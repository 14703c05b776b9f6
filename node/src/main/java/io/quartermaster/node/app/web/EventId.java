package io.quartermaster.node.app.web;

import io.quartermaster.api.InvalidArgument;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The id of an event in a stream.
 *
 * @param key the key of its batch, which begins with the time of the batch's newest event
 * @param index which event of the batch
 * @param process which process sent it
 */
record EventId(String key, int index, String process) {
    private static final int TIME_DIGITS = 13;
    private static final Pattern TEXT =
            Pattern.compile("(\\d{" + TIME_DIGITS + "}-[A-Za-z0-9-]{1,80})\\.(\\d{1,4})@([a-z0-9]{8})");

    static EventId of(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new InvalidArgument("Last-Event-ID", text, "the id of an event of this stream");
        }
        return new EventId(parts.group(1), Integer.parseInt(parts.group(2)), parts.group(3));
    }

    /** The time that a batch's key begins with, in Unix milliseconds. */
    static long timeOf(String key) {
        return Long.parseLong(key.substring(0, TIME_DIGITS));
    }

    @Override
    public String toString() {
        return key + "." + index + "@" + process;
    }
}
