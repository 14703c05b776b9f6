package io.quartermaster.node.views;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.node.views.SimulatedReplicas.Defect;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The protocol in made-up worlds, thousands of them: crashes, pauses, lost disks, splits, one-way cuts, lost, late, doubled and
 * overtaking messages, and an engine that is wrong about who is there and who owns what.
 */
class ViewsSimulationTest {
    private static final int SEEDS = Integer.getInteger("quartermaster.simulation.seeds", 1500);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void whatWasAnsweredIsThereForEver(int replicas) {
        long made = 0;
        long answered = 0;
        for (long seed = 1; seed <= SEEDS / (replicas == 3 ? 1 : 3); seed++) {
            SimulatedReplicas world = new SimulatedReplicas(seed, replicas, Defect.NONE);
            assertThat(world.run(4000))
                    .as("seed %d with %d replicas", seed, replicas)
                    .isEmpty();
            made += world.callsMade();
            answered += world.callsAnswered();
        }
        // A world in which nothing is ever answered would be safe too.
        assertThat(answered).isGreaterThan(made / 5);
    }

    /** A replica that had lost its disk began a view of a number under which it had decided something before. */
    @ParameterizedTest
    @ValueSource(longs = {21_566, 40_147})
    void noViewIsBegunTwice(long seed) {
        assertThat(new SimulatedReplicas(seed, 3, Defect.NONE).run(4000)).isEmpty();
    }

    /** Defects put in on purpose: if the simulation did not find these, it would find nothing. */
    @ParameterizedTest
    @EnumSource(value = Defect.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void theSimulationFindsWhatIsBroken(Defect defect) {
        boolean found = LongStream.rangeClosed(1, 600)
                .mapToObj(seed -> violations(seed, defect))
                .anyMatch(violations -> !violations.isEmpty());
        assertThat(found).as("%s is found", defect).isTrue();
    }

    private static List<String> violations(long seed, Defect defect) {
        try {
            return new SimulatedReplicas(seed, 3, defect).run(4000);
        } catch (IllegalStateException e) {
            return List.of(e.toString());
        }
    }

    @Test
    void theSameSeedGivesTheSameWorld() {
        SimulatedReplicas one = new SimulatedReplicas(7, 3, Defect.NONE);
        SimulatedReplicas other = new SimulatedReplicas(7, 3, Defect.NONE);

        assertThat(one.run(4000)).isEqualTo(other.run(4000));
        assertThat(one.callsAnswered()).isEqualTo(other.callsAnswered()).isPositive();
    }
}
