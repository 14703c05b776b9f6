package io.quartermaster.node.routing;

import static io.quartermaster.node.routing.SmallSubnet.GPU;
import static io.quartermaster.node.routing.SmallSubnet.LLM;
import static io.quartermaster.node.routing.SmallSubnet.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.MinerIncidentType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class IncidentBookTest {
    private static final Hotkey ANNA = new Hotkey("anna");
    private static final Hotkey BERT = new Hotkey("bert");

    private final IncidentBook book = new IncidentBook();

    @Test
    void anIncidentCountsForItsMinerAndClass() {
        book.record(incident(ANNA, "job-1", GPU, NOW));

        assertThat(book.count(ANNA, GPU, NOW)).isEqualTo(1);
        assertThat(book.count(ANNA, LLM, NOW)).isZero();
        assertThat(book.count(BERT, GPU, NOW)).isZero();
    }

    @Test
    void oneJobCountsOnceForAMiner() {
        assertThat(book.record(incident(ANNA, "job-1", GPU, NOW))).isTrue();
        assertThat(book.record(incident(ANNA, "job-1", GPU, NOW.plusSeconds(1))))
                .isFalse();
        assertThat(book.record(incident(ANNA, "job-1", LLM, NOW))).isFalse();
        assertThat(book.record(incident(BERT, "job-1", GPU, NOW))).isTrue();

        assertThat(book.count(ANNA, GPU, Instant.MIN)).isEqualTo(1);
        assertThat(book.count(ANNA, LLM, Instant.MIN)).isZero();
        assertThat(book.count(BERT, GPU, Instant.MIN)).isEqualTo(1);
    }

    @Test
    void anIncidentThatIsForgottenNoLongerCountsAndMayComeAgain() {
        book.record(incident(ANNA, "one", GPU, NOW));
        book.record(incident(ANNA, "two", GPU, NOW));
        book.record(incident(ANNA, "three", LLM, NOW));
        book.forget(incident(ANNA, "two", GPU, NOW));
        book.forget(incident(ANNA, "never-there", GPU, NOW));

        assertThat(book.count(ANNA, GPU, Instant.MIN)).isEqualTo(1);
        assertThat(book.count(ANNA, LLM, Instant.MIN)).isEqualTo(1);
        assertThat(book.record(incident(ANNA, "one", GPU, NOW))).isFalse();
        assertThat(book.record(incident(ANNA, "two", GPU, NOW))).isTrue();
    }

    @Test
    void whatIsPrunedIsForgottenAndTheRestStays() {
        book.record(incident(ANNA, "old", GPU, NOW.minusSeconds(1)));
        book.record(incident(ANNA, "new", GPU, NOW));
        book.record(incident(BERT, "old", GPU, NOW.minusSeconds(1)));
        book.prune(NOW);

        assertThat(book.count(ANNA, GPU, Instant.MIN)).isEqualTo(1);
        assertThat(book.count(BERT, GPU, Instant.MIN)).isZero();
        assertThat(book.record(incident(ANNA, "new", GPU, NOW))).isFalse();
        assertThat(book.record(incident(BERT, "old", GPU, NOW))).isTrue();
    }

    @Property(tries = 200, afterFailure = AfterFailureMode.SAMPLE_FIRST)
    void theCountIsThatOfAPlainList(@ForAll long seed) {
        Random random = new Random(seed);
        IncidentBook filled = new IncidentBook();
        List<Incident> plain = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Incident incident = incident(
                    random.nextBoolean() ? ANNA : BERT,
                    "job-" + random.nextInt(40),
                    random.nextBoolean() ? GPU : LLM,
                    NOW.plusSeconds(random.nextInt(20)));
            if (filled.record(incident)) {
                plain.add(incident);
            }
            if (random.nextInt(20) == 0) {
                Instant before = NOW.plusSeconds(random.nextInt(10));
                filled.prune(before);
                plain.removeIf(old -> old.time().isBefore(before));
            }
        }
        for (int second = 0; second <= 20; second++) {
            Instant since = NOW.plusSeconds(second);
            assertThat(filled.count(ANNA, GPU, since)).isEqualTo((int) plain.stream()
                    .filter(incident -> incident.miner().equals(ANNA)
                            && incident.executorClass().equals(GPU)
                            && !incident.time().isBefore(since))
                    .count());
        }
    }

    private static Incident incident(Hotkey miner, String job, ExecutorClass executorClass, Instant time) {
        return new Incident(MinerIncidentType.MINER_JOB_REJECTED, miner, new JobId(job), executorClass, time);
    }
}
