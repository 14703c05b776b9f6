package io.quartermaster.node.receipts;

import static io.quartermaster.node.receipts.ReceiptIndex.Added.CONTRADICTS;
import static io.quartermaster.node.receipts.ReceiptIndex.Added.KNOWN;
import static io.quartermaster.node.receipts.ReceiptIndex.Added.NEW;
import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.Receipt.Accepted;
import io.quartermaster.api.Receipt.Finished;
import io.quartermaster.api.Receipt.Started;
import io.quartermaster.api.SignedReceipt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReceiptIndexTest {
    private static final Hotkey ANNA = new Hotkey("anna");
    private static final Hotkey BERT = new Hotkey("bert");
    private static final Hotkey VALIDATOR = new Hotkey("validator");
    private static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");
    private static final ExecutorClass LLM = new ExecutorClass("always_on.llm.a6000");
    private static final JobId JOB = new JobId("job-1");
    private static final Instant ZERO = Instant.parse("2024-01-01T00:00:00Z");

    private final ReceiptIndex index = new ReceiptIndex();

    /** Times in seconds; a dash for a receipt that is not there. */
    @ParameterizedTest(name = "started {0}, accepted {1}, finished {2}, at {3}: {4}")
    @CsvSource({
        // started and ttl, accepted and ttl, finished, asked at, ongoing
        "10+5, -, -, 9.999999, false",
        "10+5, -, -, 10, true",
        "10+5, -, -, 15, true",
        "10+5, -, -, 15.000001, false",
        "10+0, -, -, 10, true",
        "10+5, -, 12, 11.999999, true",
        "10+5, -, 12, 12, false",
        "10+5, -, 12, 13, false",
        "10+5, 12+20, -, 20, true",
        "10+5, 12+20, -, 32, true",
        "10+5, 12+20, -, 32.000001, false",
        "10+5, 18+20, -, 16, false",
        "10+5, 12+20, 25, 24, true",
        "10+5, 12+20, 25, 25, false",
        "10+5, 8+20, -, 9, true",
        "-, 12+20, -, 20, false",
        "-, -, 12, 12, false",
        "10+5, 10+5, -, 12, true",
    })
    void aJobGoesOnWhileAReceiptOfItIsValidAndItIsNotFinished(
            String started, String accepted, String finished, double at, boolean ongoing) {
        if (!started.equals("-")) {
            index.add(started(JOB, ANNA, GPU, start(started), ttl(started)));
        }
        if (!accepted.equals("-")) {
            index.add(accepted(JOB, ANNA, start(accepted), ttl(accepted)));
        }
        if (!finished.equals("-")) {
            index.add(finished(JOB, ANNA, Double.parseDouble(finished)));
        }

        assertThat(index.ongoing(ANNA, GPU, at(at))).isEqualTo(ongoing ? Set.of(JOB) : Set.of());
    }

    @Test
    void aJobOccupiesItsOwnMinerAndClassOnly() {
        index.add(started(JOB, ANNA, GPU, 10, 5));

        assertThat(index.ongoing(BERT, GPU, at(12))).isEmpty();
        assertThat(index.ongoing(ANNA, LLM, at(12))).isEmpty();
    }

    @Test
    void theOrderInWhichReceiptsArriveDoesNotMatter() {
        index.add(finished(JOB, ANNA, 30));
        index.add(accepted(JOB, ANNA, 12, 40));
        index.add(started(JOB, ANNA, GPU, 10, 5));

        assertThat(index.ongoing(ANNA, GPU, at(29))).containsExactly(JOB);
        assertThat(index.ongoing(ANNA, GPU, at(30))).isEmpty();
    }

    @Test
    void theSameReceiptAgainIsHarmless() {
        assertThat(index.add(started(JOB, ANNA, GPU, 10, 5))).isEqualTo(NEW);
        assertThat(index.add(started(JOB, ANNA, GPU, 10, 5))).isEqualTo(KNOWN);
        assertThat(index.ongoing(ANNA, GPU, at(12))).containsExactly(JOB);
    }

    @Test
    void aReceiptThatIsSignedAgainIsTheSameReceipt() {
        Receipt receipt = started(JOB, ANNA, GPU, 10, 5).receipt();
        index.add(new SignedReceipt(receipt, "0x01", "0x02"));

        assertThat(index.add(new SignedReceipt(receipt, "0x03", "0x04"))).isEqualTo(KNOWN);
    }

    @Test
    void aSecondReceiptOfAKindIsKeptOut() {
        index.add(started(JOB, ANNA, GPU, 10, 5));

        assertThat(index.add(started(JOB, ANNA, LLM, 10, 5000))).isEqualTo(CONTRADICTS);
        assertThat(index.ongoing(ANNA, LLM, at(12))).isEmpty();
        assertThat(index.ongoing(ANNA, GPU, at(16))).isEmpty();
    }

    @Test
    void anotherMinerCannotFinishAJob() {
        index.add(started(JOB, ANNA, GPU, 10, 5));

        assertThat(index.add(finished(JOB, BERT, 11))).isEqualTo(CONTRADICTS);
        assertThat(index.ongoing(ANNA, GPU, at(12))).containsExactly(JOB);
    }

    @Test
    void aForgottenJobOccupiesNothingAndCanComeAgain() {
        index.add(started(JOB, ANNA, GPU, 10, 5));
        index.forget(JOB);

        assertThat(index.ongoing(ANNA, GPU, at(12))).isEmpty();
        assertThat(index.size()).isZero();
        assertThat(index.add(started(JOB, ANNA, LLM, 10, 5))).isEqualTo(NEW);
    }

    @Test
    void anAnswerDoesNotChangeAfterwards() {
        index.add(started(JOB, ANNA, GPU, 10, 5));
        Set<JobId> before = index.ongoing(ANNA, GPU, at(12));
        index.forget(JOB);

        assertThat(before).containsExactly(JOB);
    }

    @Test
    void pruningTakesWhatHasRunOutAndNothingElse() {
        JobId running = new JobId("running");
        JobId finishedEarly = new JobId("finished-early");
        index.add(started(JOB, ANNA, GPU, 10, 5));
        index.add(started(running, ANNA, GPU, 10, 10));
        index.add(started(finishedEarly, ANNA, GPU, 10, 100));
        index.add(finished(finishedEarly, ANNA, 11));

        assertThat(index.prune(at(20))).isEqualTo(1);
        assertThat(index.ongoing(ANNA, GPU, at(20))).containsExactly(running);

        // Had it been forgotten, its started receipt coming in again would bring it back to life.
        index.add(started(finishedEarly, ANNA, GPU, 10, 100));
        assertThat(index.ongoing(ANNA, GPU, at(20))).containsExactly(running);
    }

    @Test
    void aTimeToLiveBeyondAllTimeIsForEver() {
        index.add(new SignedReceipt(
                new Started(JOB, ANNA, VALIDATOR, ZERO, GPU, true, Duration.ofSeconds(Long.MAX_VALUE)), "0x", "0x"));

        assertThat(index.ongoing(ANNA, GPU, Instant.MAX)).containsExactly(JOB);
    }

    @Property(tries = 300, afterFailure = AfterFailureMode.SAMPLE_FIRST)
    void ongoingJobsAreThoseOfTheDefinition(@ForAll long seed) {
        Random random = new Random(seed);
        List<SignedReceipt> receipts = randomReceipts(random);
        Collections.shuffle(receipts, random);
        ReceiptIndex filled = new ReceiptIndex();
        List<Receipt> kept = new ArrayList<>();
        for (SignedReceipt receipt : receipts) {
            if (filled.add(receipt) == NEW) {
                kept.add(receipt.receipt());
            }
        }
        int prunedBefore = random.nextInt(10);
        filled.prune(at(prunedBefore));
        for (int time = prunedBefore; time < 20; time++) {
            for (Hotkey miner : List.of(ANNA, BERT)) {
                for (ExecutorClass executorClass : List.of(GPU, LLM)) {
                    assertThat(filled.ongoing(miner, executorClass, at(time)))
                            .isEqualTo(byDefinition(kept, miner, executorClass, at(time)));
                }
            }
        }
    }

    private static List<SignedReceipt> randomReceipts(Random random) {
        List<SignedReceipt> receipts = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            JobId job = new JobId("job-" + random.nextInt(10));
            Hotkey miner = job.value().endsWith("0") ? BERT : ANNA;
            ExecutorClass executorClass = random.nextInt(4) == 0 ? LLM : GPU;
            receipts.add(
                    switch (random.nextInt(3)) {
                        case 0 -> started(job, miner, executorClass, random.nextInt(15), random.nextInt(6));
                        case 1 -> accepted(job, miner, random.nextInt(15), random.nextInt(6));
                        default -> finished(job, miner, random.nextInt(18));
                    });
        }
        return receipts;
    }

    /** The definition, word for word, over a plain list. */
    private static Set<JobId> byDefinition(List<Receipt> receipts, Hotkey miner, ExecutorClass asked, Instant at) {
        Set<JobId> ongoing = new HashSet<>();
        for (Receipt receipt : receipts) {
            boolean finished = receipts.stream()
                    .anyMatch(other -> other instanceof Finished
                            && other.job().equals(receipt.job())
                            && !other.timestamp().isAfter(at));
            boolean ofClass = receipts.stream()
                    .anyMatch(other -> other instanceof Started started
                            && started.job().equals(receipt.job())
                            && started.executorClass().equals(asked));
            boolean valid = (receipt instanceof Started started && within(at, started.timestamp(), started.ttl()))
                    || (receipt instanceof Accepted accepted && within(at, accepted.timestamp(), accepted.ttl()));
            if (receipt.miner().equals(miner) && valid && ofClass && !finished) {
                ongoing.add(receipt.job());
            }
        }
        return ongoing;
    }

    private static boolean within(Instant at, Instant from, Duration ttl) {
        return from.compareTo(at) <= 0 && at.compareTo(from.plus(ttl)) <= 0;
    }

    private static SignedReceipt started(JobId job, Hotkey miner, ExecutorClass executorClass, double at, double ttl) {
        return signed(new Started(job, miner, VALIDATOR, at(at), executorClass, true, seconds(ttl)));
    }

    private static SignedReceipt accepted(JobId job, Hotkey miner, double at, double ttl) {
        return signed(new Accepted(job, miner, VALIDATOR, at(at), at(at), seconds(ttl)));
    }

    private static SignedReceipt finished(JobId job, Hotkey miner, double at) {
        return signed(new Finished(job, miner, VALIDATOR, at(at), at(at), Duration.ofSeconds(1), 1, List.of(7L)));
    }

    private static SignedReceipt signed(Receipt receipt) {
        return new SignedReceipt(receipt, "0x01", "0x02");
    }

    private static double start(String text) {
        return Double.parseDouble(text.substring(0, text.indexOf('+')));
    }

    private static double ttl(String text) {
        return Double.parseDouble(text.substring(text.indexOf('+') + 1));
    }

    private static Instant at(double seconds) {
        return ZERO.plus(seconds(seconds));
    }

    private static Duration seconds(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e6) * 1000);
    }
}
