package io.quartermaster.node.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.JobId;
import io.quartermaster.node.cycle.SlotOutcome.Held;
import io.quartermaster.node.cycle.SlotOutcome.JobReused;
import io.quartermaster.node.cycle.SlotOutcome.NoFreeExecutor;
import io.quartermaster.node.cycle.SlotOutcome.NotEnough;
import io.quartermaster.node.cycle.SlotOutcome.Noted;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class SlotRulesTest {
    private static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");
    private static final ExecutorClass LLM = new ExecutorClass("always_on.llm.a6000");
    private static final long TTL = 10_000;
    private static final long SECOND = 1_000_000_000;
    private static final int EXECUTORS = 2;

    private SlotBook book = SlotBook.FRESH;
    private long now = 1_000_000;
    private long cycle = 708;
    private long allowance = 100 * SECOND;
    private Set<JobId> ongoing = Set.of();
    private int calls;

    private SlotOutcome tell(SlotCommand command) {
        SlotDecision decision = SlotRules.decide(book, command, now);
        book = book.apply(decision);
        return decision.outcome();
    }

    private SlotOutcome hold(String job, int seconds) {
        return hold(job, GPU, seconds, OptionalLong.of(allowance));
    }

    private SlotOutcome hold(String job, ExecutorClass executorClass, int seconds, OptionalLong allowanceNanos) {
        return tell(new SlotCommand.Hold(
                call(),
                new JobId(job),
                executorClass,
                seconds * SECOND,
                cycle,
                allowanceNanos,
                TTL,
                ongoing,
                EXECUTORS));
    }

    private SlotOutcome accepted(String job, boolean finished) {
        return tell(new SlotCommand.Accepted(call(), new JobId(job), finished));
    }

    private CallId call() {
        return new CallId("call-" + ++calls);
    }

    @Test
    void anExecutorIsKeptForAsLongAsIsAsked() {
        assertThat(hold("a", 10)).isEqualTo(new Held(now + TTL, 0, EXECUTORS));
        assertThat(hold("b", 10)).isEqualTo(new Held(now + TTL, 1, EXECUTORS));
        assertThat(hold("c", 10)).isEqualTo(new NoFreeExecutor(2, EXECUTORS));
    }

    /** The deadline decides, not whoever tidies: nobody does here. */
    @Test
    void fromItsDeadlineOnAnExecutorIsFreeAgain() {
        hold("a", 10);
        hold("b", 10);
        now += TTL - 1;
        assertThat(hold("c", 10)).isInstanceOf(NoFreeExecutor.class);

        now += 1;

        assertThat(hold("c", 10)).isEqualTo(new Held(now + TTL, 0, EXECUTORS));
    }

    @Test
    void aJobThatIsAskedForAgainKeepsWhatItHasUntilItsFirstDeadline() {
        long deadline = now + TTL;
        hold("a", 10);
        now += 5000;

        assertThat(hold("a", 10)).isEqualTo(new Held(deadline, 0, EXECUTORS));
        assertThat(hold("a", 20)).isEqualTo(new JobReused("seconds: 10.0, now 20.0"));
        assertThat(hold("a", LLM, 10, OptionalLong.empty()))
                .isEqualTo(new JobReused("class: always_on.gpu-24gb, now always_on.llm.a6000"));
    }

    @Test
    void executorsOfAnotherClassAreOtherExecutors() {
        hold("a", 10);
        hold("b", 10);

        assertThat(hold("c", LLM, 10, OptionalLong.of(allowance))).isInstanceOf(Held.class);
    }

    @Test
    void aJobThatIsKeptAndHasAReceiptIsCountedOnce() {
        hold("a", 10);
        ongoing = Set.of(new JobId("a"));

        assertThat(hold("b", 10)).isEqualTo(new Held(now + TTL, 1, EXECUTORS));
        assertThat(hold("c", 10)).isEqualTo(new NoFreeExecutor(2, EXECUTORS));
    }

    @Test
    void jobsWithReceiptsFillAMinerToo() {
        ongoing = Set.of(new JobId("x"), new JobId("y"));

        assertThat(hold("a", 10)).isEqualTo(new NoFreeExecutor(2, EXECUTORS));
    }

    @Test
    void whatIsLeftMustBeMoreThanTheJobTakes() {
        assertThat(hold("a", 100)).isEqualTo(new NotEnough(allowance));
        assertThat(hold("a", 99)).isInstanceOf(Held.class);
    }

    /** Else two jobs that come together could take what is there for one. */
    @Test
    void whatIsHeldIsNotThereForOthersUntilItEnds() {
        hold("a", 60);
        assertThat(hold("b", 60)).isEqualTo(new NotEnough(40 * SECOND));

        now += TTL;

        assertThat(hold("b", 60)).isInstanceOf(Held.class);
    }

    @Test
    void anAcceptedJobTakesItsAllowanceOnce() {
        hold("a", 60);

        assertThat(accepted("a", false)).isEqualTo(new Noted(true));
        accepted("a", false);
        accepted("a", true);

        assertThat(book.usedNanos(cycle)).isEqualTo(60 * SECOND);
        now += TTL;
        assertThat(hold("b", 60)).isEqualTo(new NotEnough(40 * SECOND));
    }

    @Test
    void aJobThatWasFinishedWithoutBeingAcceptedFirstWasAcceptedAllTheSame() {
        hold("a", 60);

        accepted("a", true);

        assertThat(book.usedNanos(cycle)).isEqualTo(60 * SECOND);
    }

    @Test
    void aFinishedJobsExecutorIsFreeAtOnce() {
        hold("a", 10);
        hold("b", 10);
        accepted("a", true);

        assertThat(hold("c", 10)).isEqualTo(new Held(now + TTL, 1, EXECUTORS));
    }

    @Test
    void aJobThatIsAcceptedLateStillTakesItsAllowance() {
        hold("a", 60);
        now += TTL + 30_000;
        hold("b", 10);

        accepted("a", false);

        assertThat(book.usedNanos(cycle)).isEqualTo(60 * SECOND);
    }

    @Test
    void whatWasNeverRoutedHereTakesNothing() {
        assertThat(accepted("a", false)).isEqualTo(new Noted(false));
        assertThat(book)
                .isEqualTo(SlotBook.FRESH.apply(SlotRules.decide(
                        SlotBook.FRESH, new SlotCommand.Accepted(call(), new JobId("a"), false), now)));
        assertThat(book.jobs()).isEmpty();
    }

    @Test
    void aNewCycleBeginsWithTheWholeAllowance() {
        hold("a", 60);
        accepted("a", false);
        hold("late", 30);
        cycle += 722;
        assertThat(book.usedNanos(cycle)).isZero();
        now += TTL;

        assertThat(hold("b", 60)).isInstanceOf(Held.class);
        accepted("late", false);
        accepted("b", false);

        assertThat(book.usedNanos(cycle))
                .as("what was routed before is no part of it")
                .isEqualTo(60 * SECOND);
    }

    @Test
    void whoStillSeesTheCycleBeforeFindsNothingLeftOfIt() {
        cycle += 722;
        hold("a", 10);
        cycle -= 722;

        assertThat(hold("b", 10)).isEqualTo(new NotEnough(0));
        assertThat(hold("b", GPU, 10, OptionalLong.empty())).isInstanceOf(Held.class);
        assertThat(book.cycle()).isEqualTo(708 + 722);
    }

    @Test
    void withoutTheCheckAllowanceDoesNotMatterAndIsTakenAllTheSame() {
        assertThat(hold("a", GPU, 500, OptionalLong.empty())).isInstanceOf(Held.class);
        accepted("a", false);

        assertThat(book.usedNanos(cycle)).isEqualTo(500 * SECOND);
    }

    @Test
    void whatHasEndedIsForgottenSoThatABookStaysSmall() {
        for (int i = 0; i < 500; i++) {
            hold("job-" + i, GPU, 1, OptionalLong.empty());
            if (i % 2 == 0) {
                accepted("job-" + i, false);
            }
            now += TTL;
        }
        assertThat(book.jobs().size()).isLessThan(8);

        now += 120_000;
        hold("last", GPU, 1, OptionalLong.empty());
        assertThat(book.jobs().keySet()).containsExactly(new JobId("last"));
    }

    /** One step: a job, what is done about it, and how much time passes before. */
    record Step(int job, int what, int seconds, int millis) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 7),
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.integers().between(1, 40),
                        Arbitraries.integers().between(0, 6000))
                .as(Step::new)
                .list()
                .ofMaxSize(60);
    }

    /** Beside a model that remembers everything for ever. */
    @Property(tries = 300)
    void noExecutorIsKeptTwiceAndNoAllowanceTakenTwice(@ForAll("steps") List<Step> steps) {
        book = SlotBook.FRESH;
        Map<String, Long> deadlines = new HashMap<>();
        Map<String, Integer> seconds = new HashMap<>();
        Set<String> accepted = new HashSet<>();
        long used = 0;
        for (Step step : steps) {
            now += step.millis();
            String job = "job-" + step.job();
            boolean holds = deadlines.getOrDefault(job, 0L) > now;
            if (step.what() >= 2) {
                SlotOutcome outcome = hold(job, step.seconds());
                long busy = deadlines.entrySet().stream()
                        .filter(other -> !other.getKey().equals(job) && other.getValue() > now)
                        .count();
                long held = deadlines.entrySet().stream()
                        .filter(other -> other.getValue() > now && !accepted.contains(other.getKey()))
                        .mapToLong(other -> seconds.getOrDefault(other.getKey(), 0) * SECOND)
                        .sum();
                if (holds) {
                    assertThat(outcome)
                            .isInstanceOf(
                                    seconds.getOrDefault(job, 0) == step.seconds() ? Held.class : JobReused.class);
                } else if (busy >= EXECUTORS) {
                    assertThat(outcome).isEqualTo(new NoFreeExecutor((int) busy, EXECUTORS));
                } else if (allowance - used - held <= step.seconds() * SECOND) {
                    assertThat(outcome).isEqualTo(new NotEnough(Math.max(0, allowance - used - held)));
                } else {
                    assertThat(outcome).isEqualTo(new Held(now + TTL, (int) busy, EXECUTORS));
                    deadlines.put(job, now + TTL);
                    seconds.put(job, step.seconds());
                    accepted.remove(job);
                }
            } else if (holds) {
                accepted(job, step.what() == 1);
                used += accepted.add(job) ? seconds.getOrDefault(job, 0) * SECOND : 0;
                if (step.what() == 1) {
                    deadlines.put(job, now);
                }
            }
            assertThat(book.usedNanos(cycle)).isEqualTo(used);
        }
    }
}
