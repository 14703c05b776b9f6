package io.quartermaster.node.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RankingTest {
    private static final int DRAWS = 10_000;

    @Test
    void withoutIncidentsTheOrderIsThatOfTheIndices() {
        assertThat(order(Ranking.byScore(new double[5]))).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void higherScoresComeFirstAndTiesKeepTheirOrder() {
        assertThat(order(Ranking.byScore(new double[] {-2, 0, -0.5, 0, -2, -0.5})))
                .containsExactly(1, 3, 2, 5, 0, 4);
    }

    @Test
    void nobodyIsRankedAmongNobody() {
        assertThat(Ranking.byScore(new double[0]).size()).isZero();
        assertThat(Ranking.weighted(new double[0], -50, 5, new Random(1)).size())
                .isZero();
    }

    @Property(tries = 300, afterFailure = AfterFailureMode.SAMPLE_FIRST)
    void theOrderIsThatOfAStableSort(@ForAll long seed, @ForAll @IntRange(max = 300) int size) {
        Random random = new Random(seed);
        double[] scores =
                IntStream.range(0, size).mapToDouble(i -> -random.nextInt(8)).toArray();
        List<Integer> expected = IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.comparing(i -> -scores[i]))
                .toList();

        assertThat(order(Ranking.byScore(scores))).isEqualTo(expected);
    }

    /** With draws without replacement, b comes before a with probability wb / (wa + wb); the mean position is their sum. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 -10 -25 -40 -50",
                "0 0 0 0",
                "-50 0",
                "-1000 -1000 0 0 -25",
                "0 -0.00000001 -0.5",
                "0 50000000 -50000000",
            })
    void meanPositionsFollowTheWeights(String scoresText) {
        double[] scores = Arrays.stream(scoresText.split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        Random random = new Random(7);
        double[] positions = new double[scores.length];
        for (int draw = 0; draw < DRAWS; draw++) {
            List<Integer> order = order(Ranking.weighted(scores, -50, 5, random));
            for (int position = 0; position < order.size(); position++) {
                positions[order.get(position)] += (double) position / DRAWS;
            }
        }

        double[] weights = DoubleStream.of(scores)
                .map(score -> Math.min(1 - 1e-6, Math.max(1e-6, 1 / (1 + Math.exp(-0.2 * (score + 25))))))
                .toArray();
        for (int i = 0; i < scores.length; i++) {
            double expected = 0;
            for (int j = 0; j < scores.length; j++) {
                expected += i == j ? 0 : weights[j] / (weights[i] + weights[j]);
            }
            assertThat(positions[i]).isCloseTo(expected, within(0.05));
        }
    }

    @Test
    void aMinerHalfWayToTheSoftCutoffWeighsOneHalf() {
        assertThat(Ranking.weight(-25, -25, 0.2)).isEqualTo(0.5);
        assertThat(Ranking.weight(0, -25, 0.2)).isCloseTo(0.99331, within(1e-5));
        assertThat(Ranking.weight(-50, -25, 0.2)).isCloseTo(0.00669, within(1e-5));
    }

    @Test
    void weightsNeverVanishAndNeverBecomeCertain() {
        assertThat(Ranking.weight(-5e7, -25, 0.2)).isEqualTo(1e-6);
        assertThat(Ranking.weight(5e7, -25, 0.2)).isEqualTo(1 - 1e-6);
    }

    @Test
    void oneSeedGivesOneOrder() {
        double[] scores = {0, -10, -20, -30, -40, -50};

        assertThat(order(Ranking.weighted(scores, -50, 5, new Random(3))))
                .isEqualTo(order(Ranking.weighted(scores, -50, 5, new Random(3))));
    }

    @Test
    void withoutSeparationEverybodyWeighsTheSame() {
        Ranking ranking = Ranking.weighted(new double[] {0, -50, -5e7, -10}, -50, 0, new Random(1));

        assertThat(probabilities(ranking)).containsOnly(0.25);
    }

    @Property(tries = 500, afterFailure = AfterFailureMode.SAMPLE_FIRST)
    void noScoreAndNoSettingBreaksTheDraw(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 40) int size,
            @ForAll @IntRange(max = 9) int cutoff,
            @ForAll @DoubleRange(min = 0, max = 1e6) double separation) {
        double[] extremeScores = {0, -0.0, 5e7, -5e7, 1e-8, -1e-8, -25, -50, -Double.MAX_VALUE, -Double.MIN_VALUE};
        double[] extremeCutoffs = {
            -Double.MIN_VALUE, -1e-300, -1e-8, -1, -50, -5e7, -1e8, -1e300, -Double.MAX_VALUE, Math.nextDown(0.0)
        };
        Random random = new Random(seed);
        double[] scores = IntStream.range(0, size)
                .mapToDouble(i -> extremeScores[random.nextInt(extremeScores.length)])
                .toArray();

        Ranking ranking = Ranking.weighted(scores, extremeCutoffs[cutoff], separation, random);

        assertThat(order(ranking))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, size).boxed().toList());
        assertThat(probabilities(ranking)).allMatch(p -> p > 0 && p <= 1);
        assertThat(probabilities(ranking).stream().mapToDouble(p -> p).sum()).isCloseTo(1, within(1e-9));
    }

    private static List<Integer> order(Ranking ranking) {
        return IntStream.range(0, ranking.size()).mapToObj(ranking::at).toList();
    }

    private static List<Double> probabilities(Ranking ranking) {
        return IntStream.range(0, ranking.size()).mapToObj(ranking::probability).toList();
    }
}
