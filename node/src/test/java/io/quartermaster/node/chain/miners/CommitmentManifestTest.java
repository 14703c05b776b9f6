package io.quartermaster.node.chain.miners;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.ExecutorClass;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A manifest among other words is found, and what can't be read in it left out. */
class CommitmentManifestTest {
    private static String read(String words) {
        return CommitmentManifest.of(words)
                .map(counts -> counts.entrySet().stream()
                        .map(count -> count.getKey() + "=" + count.getValue())
                        .collect(Collectors.joining(" ")))
                .orElse("none");
    }

    @ParameterizedTest
    @CsvSource({
        "<M:A3;S2>, always_on.gpu-24gb=3 spin_up-4min.gpu-24gb=2",
        "<M:L1;T2;C30>, always_on.cpu.8c.16gb=30 always_on.llm.a6000=1 always_on.test=2",
        "<D:http://127.0.0.1:18080/shield_manifest.json><M:L1>, always_on.llm.a6000=1",
        "words <M:A1> and <M:A2>, always_on.gpu-24gb=1",
        "<M: A 3 ;; T+4 >, always_on.gpu-24gb=3 always_on.test=4",
        "<M:A1;A2>, always_on.gpu-24gb=2",
        "<M:A0>, always_on.gpu-24gb=0",
        "<M:A;X9;Tx;T-1;T1.5;T9999999999;a3;L7>, always_on.llm.a6000=7",
        "<M:<M:A3>, ''",
        "<M:>, ''"
    })
    void theFirstManifestCounts(String words, String counts) {
        assertThat(read(words)).isEqualTo(counts);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A3;S2", "<M:A3", "<m:A3>", "M:A3>", "{\"contract\":{\"address\":\"0x5F\"}}"})
    void wordsWithoutAManifestHaveNone(String words) {
        assertThat(CommitmentManifest.of(words)).isEmpty();
    }

    @Test
    void aManifestInMoreThanACommitmentCanHoldIsNone() {
        ExecutorClass gpu = new ExecutorClass("always_on.gpu-24gb");

        assertThat(CommitmentManifest.of("x".repeat(122) + "<M:A3>")).contains(Map.of(gpu, 3));
        assertThat(CommitmentManifest.of("x".repeat(123) + "<M:A3>")).isEmpty();
        assertThat(CommitmentManifest.of("\u00e4".repeat(62) + "<M:A3>")).isEmpty();
    }
}
