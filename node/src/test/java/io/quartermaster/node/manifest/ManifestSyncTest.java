package io.quartermaster.node.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.manifest.ManifestSync.Outcome;
import io.quartermaster.node.manifest.ManifestTrouble.Kind;
import io.quartermaster.node.manifest.MinerManifest.Claim;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestSyncTest {
    private static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");
    private static final ExecutorClass LLM = new ExecutorClass("always_on.llm.a6000");
    private static final ExecutorClass TOASTER = new ExecutorClass("always_on.toaster");
    private static final Hotkey ANNA = new Hotkey("anna");
    private static final Hotkey BERT = new Hotkey("bert");
    private static final long BLOCK = 1000;

    private final ManifestSync sync = new ManifestSync(ExecutorClasses.defaults(), Map.of(LLM, 2));
    private final Map<Hotkey, Map<ExecutorClass, Integer>> counts = new HashMap<>();
    private final Map<Hotkey, String> failed = new HashMap<>();
    private final Map<Hotkey, Set<ExecutorClass>> previous = new HashMap<>();
    private List<Hotkey> neurons = List.of();

    @Test
    void aMinerCountsAsItSays() {
        counts.put(ANNA, Map.of(GPU, 4));

        assertThat(outcome().manifests()).containsExactly(manifest(ANNA, Map.of(GPU, new Claim(4, 4))));
        assertThat(outcome().troubles()).isEmpty();
    }

    @Test
    void aCapLimitsWhatIsStoredAndNotWhatIsSaid() {
        counts.put(ANNA, Map.of(LLM, 7));
        counts.put(BERT, Map.of(LLM, 1));

        assertThat(outcome().manifests())
                .containsExactly(
                        manifest(ANNA, Map.of(LLM, new Claim(7, 2))), manifest(BERT, Map.of(LLM, new Claim(1, 1))));
    }

    @Test
    void aClassThatAnAnsweringMinerNoLongerNamesCountsZero() {
        previous.put(ANNA, Set.of(GPU, LLM));
        counts.put(ANNA, Map.of(GPU, 4));

        assertThat(outcome().manifests())
                .containsExactly(manifest(ANNA, Map.of(GPU, new Claim(4, 4), LLM, new Claim(0, 0))));
    }

    @Test
    void anEmptyAnswerIsAnAnswer() {
        previous.put(ANNA, Set.of(GPU));
        counts.put(ANNA, Map.of());

        assertThat(outcome().manifests()).containsExactly(manifest(ANNA, Map.of(GPU, new Claim(0, 0))));
        assertThat(outcome().troubles()).isEmpty();
    }

    @Test
    void aNeuronThatDidNotAnswerCountsZeroForAllThatItHad() {
        previous.put(ANNA, Set.of(GPU, LLM));
        neurons = List.of(ANNA);

        assertThat(outcome().manifests())
                .containsExactly(manifest(ANNA, Map.of(GPU, new Claim(0, 0), LLM, new Claim(0, 0))));
    }

    @Test
    void aMinerThatFailedCountsZeroAlsoWhenNoNeuronsAreKnown() {
        previous.put(ANNA, Set.of(GPU));
        failed.put(ANNA, "timeout");

        assertThat(outcome().manifests()).containsExactly(manifest(ANNA, Map.of(GPU, new Claim(0, 0))));
    }

    @Test
    void aHotkeyThatWasNotAskedIsLeftAsItWas() {
        previous.put(ANNA, Set.of(GPU));
        neurons = List.of(BERT);

        assertThat(outcome().manifests()).isEmpty();
    }

    @Test
    void aMinerWithoutClassesBeforeAndNowYieldsNothing() {
        neurons = List.of(ANNA, BERT);
        failed.put(BERT, "timeout");

        assertThat(outcome().manifests()).isEmpty();
        assertThat(outcome().troubles()).extracting(ManifestTrouble::miner).containsExactly(BERT);
    }

    @Test
    void failuresAreToldWithTheirReason() {
        failed.put(ANNA, "timeout");
        failed.put(BERT, "malformed");

        assertThat(outcome().troubles())
                .extracting(ManifestTrouble::miner, ManifestTrouble::kind, ManifestTrouble::detail)
                .containsExactly(
                        tuple(ANNA, Kind.MANIFEST_TIMEOUT, "did not answer in time; counts as 0"),
                        tuple(BERT, Kind.MANIFEST_ERROR, "malformed; counts as 0"));
    }

    @Test
    void aReasonCannotForgeLinesOrFillTheLog() {
        failed.put(ANNA, "evil\nline " + "x".repeat(1000));

        assertThat(outcome().troubles().get(0).detail())
                .hasSizeLessThan(200)
                .startsWith("evil?line")
                .doesNotContain("\n");
    }

    @Test
    void anUnknownClassIsIgnoredAndTheOthersCount() {
        counts.put(ANNA, Map.of(TOASTER, 3, GPU, 1));

        assertThat(outcome().manifests()).containsExactly(manifest(ANNA, Map.of(GPU, new Claim(1, 1))));
        assertThat(outcome().troubles()).extracting(ManifestTrouble::kind).containsExactly(Kind.UNKNOWN_EXECUTOR_CLASS);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, 30_001, Integer.MAX_VALUE})
    void anImpossibleCountMakesTheWholeMinerCountZero(int count) {
        previous.put(ANNA, Set.of(LLM));
        counts.put(ANNA, Map.of(GPU, count, LLM, 2));

        assertThat(outcome().manifests()).containsExactly(manifest(ANNA, Map.of(LLM, new Claim(0, 0))));
        assertThat(outcome().troubles()).extracting(ManifestTrouble::kind).containsExactly(Kind.MANIFEST_ERROR);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 30_000})
    void theLeastAndTheMostThatCanBeCount(int count) {
        counts.put(ANNA, Map.of(GPU, count));

        assertThat(outcome().manifests()).containsExactly(manifest(ANNA, Map.of(GPU, new Claim(count, count))));
    }

    @Test
    void aFailureOutweighsAnAnswer() {
        previous.put(ANNA, Set.of(GPU));
        counts.put(ANNA, Map.of(GPU, 4));
        failed.put(ANNA, "malformed");

        assertThat(outcome().manifests()).containsExactly(manifest(ANNA, Map.of(GPU, new Claim(0, 0))));
    }

    private Outcome outcome() {
        return sync.of(BLOCK, counts, failed, neurons, miner -> previous.getOrDefault(miner, Set.of()));
    }

    private static MinerManifest manifest(Hotkey miner, Map<ExecutorClass, Claim> claims) {
        return new MinerManifest(miner, BLOCK, claims);
    }
}
