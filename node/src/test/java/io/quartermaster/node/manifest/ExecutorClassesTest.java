package io.quartermaster.node.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.manifest.ExecutorClasses.Traits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExecutorClassesTest {
    private final ExecutorClasses classes = ExecutorClasses.defaults();

    @ParameterizedTest
    @CsvSource({
        "spin_up-4min.gpu-24gb, 240, true",
        "always_on.gpu-24gb, 3, true",
        "always_on.llm.a6000, 30, true",
        "always_on.test, 3, false",
        "always_on.cpu.8c.16gb, 30, false",
    })
    void theSubnetsClassesAreKnown(String name, int spinUpSeconds, boolean gpu) {
        assertThat(classes.require(new ExecutorClass(name))).isEqualTo(new Traits(spinUpSeconds, gpu));
    }

    @Test
    void aNewClassIsOneLine() {
        ExecutorClasses more = classes.with("always_on.cpu.4c = 20").with("always_on.gpu-80gb=3:gpu");

        assertThat(more.require(new ExecutorClass("always_on.cpu.4c"))).isEqualTo(new Traits(20, false));
        assertThat(more.require(new ExecutorClass("always_on.gpu-80gb"))).isEqualTo(new Traits(3, true));
        assertThat(more.all()).hasSize(7).containsAll(classes.all());
        assertThat(classes.knows(new ExecutorClass("always_on.cpu.4c"))).isFalse();
    }

    @Test
    void anUnknownClassIsRefusedWithTheOnesThereAre() {
        assertThatExceptionOfType(InvalidArgument.class)
                .isThrownBy(() -> classes.require(new ExecutorClass("always_on.toaster")))
                .withMessage("executorClass is \"always_on.toaster\": must be one of always_on.cpu.8c.16gb,"
                        + " always_on.gpu-24gb, always_on.llm.a6000, always_on.test, spin_up-4min.gpu-24gb");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a=", "=3", "a=-1", "a=3.5", "a=3:cpu", "a b=3", "a=100000", "\"a\"=3"})
    void aLineOfAnotherFormIsRefused(String line) {
        assertThatExceptionOfType(InvalidArgument.class).isThrownBy(() -> classes.with(line));
    }
}
