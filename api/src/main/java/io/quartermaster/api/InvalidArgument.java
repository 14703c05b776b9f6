package io.quartermaster.api;

import java.io.Serial;

/**
 * An argument that no call with it can ever succeed. The message names the field, the value and what would be right. Nothing
 * was changed. Repeating the call with the same argument fails in the same way.
 */
public final class InvalidArgument extends IllegalArgumentException {
    @Serial
    private static final long serialVersionUID = 1L;

    private static final int LONGEST_VALUE_SHOWN = 80;

    private final String field;

    /**
     * Makes the error.
     *
     * @param field the field or parameter that was wrong
     * @param value what it was; a long one is shortened in the message
     * @param expected what would be right, as a phrase that follows "must be"
     */
    public InvalidArgument(String field, Object value, String expected) {
        super(field + " is " + shown(value) + ": must be " + expected);
        this.field = field;
    }

    /**
     * Makes the error with a message of its own, where one is prescribed.
     *
     * @param field the field or parameter that was wrong
     * @param message the whole message
     */
    public InvalidArgument(String field, String message) {
        super(message);
        this.field = field;
    }

    /**
     * The field or parameter that was wrong.
     *
     * @return its name as in the API
     */
    public String field() {
        return field;
    }

    private static String shown(Object value) {
        String text = String.valueOf(value);
        String head = text.length() <= LONGEST_VALUE_SHOWN ? text : text.substring(0, LONGEST_VALUE_SHOWN);
        String printable = head.replaceAll("[^\\x20-\\x7e]", "?");
        String quoted = value instanceof CharSequence ? '"' + printable + '"' : printable;
        return text.length() <= LONGEST_VALUE_SHOWN ? quoted : quoted + "... (" + text.length() + " characters)";
    }
}
