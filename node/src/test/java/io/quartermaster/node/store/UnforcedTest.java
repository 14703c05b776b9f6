package io.quartermaster.node.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class UnforcedTest {
    private final Unforced unforced = new Unforced();

    @Test
    void thereIsNothingToForceUntilSomethingIsWritten() {
        assertThat(unforced.begin()).isFalse();
        assertThat(unforced.nanos()).isZero();
        assertThat(unforced.worstNanos()).isZero();
    }

    @Test
    void whatIsWrittenWaitsUntilAForceThatBeganAfterItHasEnded() {
        unforced.written();
        assertThat(unforced.begin()).isTrue();
        unforced.written();
        assertThat(unforced.nanos()).isPositive();
        unforced.done();
        assertThat(unforced.nanos())
                .as("what was written while it was under way")
                .isPositive();

        assertThat(unforced.begin()).isTrue();
        unforced.done();
        assertThat(unforced.nanos()).isZero();
        assertThat(unforced.worstNanos()).isPositive();
    }

    /** The operating system may have dropped it, and calls the next force a success. */
    @Test
    void afterAForceThatFailedNoneBegins() {
        unforced.written();
        unforced.begin();
        unforced.written();
        assertThatIllegalStateException().isThrownBy(unforced::begin).withMessageContaining("could not be forced");
    }
}
