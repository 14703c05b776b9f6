package io.quartermaster.api;

import java.util.Objects;

/** The checks that value types share. */
final class Checks {
    private Checks() {}

    static String name(String field, String value, int longest) {
        Objects.requireNonNull(value, field);
        if (value.length() > longest || !isName(value)) {
            throw new InvalidArgument(
                    field,
                    value,
                    "1 to " + longest + " letters, digits or any of . _ : + -, beginning with a letter or digit");
        }
        return value;
    }

    /**
     * Base58 addresses, UUIDs and class names are names; white space, quotes and control characters are not in any. By hand,
     * since every name that is read from a disk or another replica is looked at: a regular expression takes ten times as long.
     */
    private static boolean isName(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && (i == 0 || "._:+-".indexOf(c) < 0)) {
                return false;
            }
        }
        return !value.isEmpty();
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
