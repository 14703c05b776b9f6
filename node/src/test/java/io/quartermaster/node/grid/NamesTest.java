package io.quartermaster.node.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class NamesTest {
    @Test
    void aNameThatComesAgainIsTheSameObject() {
        Hotkey first = Names.hotkey("5Miner-" + 1);
        assertThat(Names.hotkey("5Miner-" + 1)).isSameAs(first).isEqualTo(new Hotkey("5Miner-1"));

        ExecutorClass firstClass = Names.executorClass("gpu-" + 1);
        assertThat(Names.executorClass("gpu-" + 1)).isSameAs(firstClass);
    }

    @Test
    void whatIsNoNameIsRefusedEachTime() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> Names.hotkey("not a hotkey")).isInstanceOf(InvalidArgument.class);
        }
    }

    @Property
    void whateverIsReadMeansWhatItSays(@ForAll @AlphaChars @NotEmpty @StringLength(max = 3) String value) {
        Names.Lately<Hotkey> four = new Names.Lately<>(4, Hotkey::new, Hotkey::value);
        for (int i = 0; i < 8; i++) {
            assertThat(four.named(value + i)).isEqualTo(new Hotkey(value + i));
        }
        assertThat(four.named(value)).isEqualTo(new Hotkey(value));
    }

    @Test
    void manyThreadsReadWhatWasWritten() {
        Names.Lately<Hotkey> four = new Names.Lately<>(4, Hotkey::new, Hotkey::value);
        assertThat(IntStream.range(0, 100_000)
                        .parallel()
                        .filter(i -> !four.named("m" + i % 16).value().equals("m" + i % 16)))
                .isEmpty();
    }
}
