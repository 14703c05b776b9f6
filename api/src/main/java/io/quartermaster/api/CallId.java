package io.quartermaster.api;

import java.util.UUID;

/**
 * Names one call, so that repeating it is harmless: the grid answers a call that it has seen as it did the first time, and
 * does nothing again. Needed only by callers that want to settle an {@link OutcomeUnknown} themselves; every other call gets
 * a fresh one.
 *
 * <p>A call that is on its way for more than 15 s is refused, not done. Answers are remembered for at least 30 s, a spend's
 * for as long as its blocks are kept.
 *
 * @param value 1 to 160 letters, digits or any of {@code . _ : + -}
 */
public record CallId(String value) {
    /** Checks the id's form. */
    public CallId {
        Checks.name("call", value, 160);
    }

    /**
     * A new id, unlike any other.
     *
     * @return the id
     */
    public static CallId fresh() {
        return new CallId(UUID.randomUUID().toString());
    }

    @Override
    public String toString() {
        return value;
    }
}
