package io.quartermaster.api;

import java.util.Objects;
import java.util.regex.Pattern;

/** The checks that value types share. */
final class Checks {
    /** Base58 addresses, UUIDs and class names fit; white space, quotes and control characters do not. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:+-]*");

    private Checks() {}

    static String name(String field, String value, int longest) {
        Objects.requireNonNull(value, field);
        if (value.length() > longest || !NAME.matcher(value).matches()) {
            throw new InvalidArgument(
                    field,
                    value,
                    "1 to " + longest + " letters, digits or any of . _ : + -, beginning with a letter or digit");
        }
        return value;
    }

    static long block(String field, long block) {
        return atLeast(field, block, 0);
    }

    static long atLeast(String field, long value, long least) {
        if (value < least) {
            throw new InvalidArgument(field, value, "at least " + least);
        }
        return value;
    }

    static double seconds(String field, double seconds) {
        if (!(seconds >= 0) || seconds == Double.POSITIVE_INFINITY) {
            throw new InvalidArgument(field, seconds, "a finite number of seconds, at least 0");
        }
        return seconds;
    }
}
