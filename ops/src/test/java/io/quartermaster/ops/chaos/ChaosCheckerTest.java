package io.quartermaster.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.ops.chaos.CallLog.Attempt;
import io.quartermaster.ops.chaos.CallLog.Booked;
import io.quartermaster.ops.chaos.CallLog.Kind;
import io.quartermaster.ops.chaos.CallLog.Outcome;
import io.quartermaster.ops.chaos.ChaosReplicaCommand.Classes;
import io.quartermaster.ops.chaos.ChaosReplicaCommand.Dump;
import io.quartermaster.ops.chaos.ChaosReplicaCommand.Held;
import io.quartermaster.ops.chaos.ChaosReplicaCommand.Kept;
import io.quartermaster.ops.chaos.ChaosReplicaCommand.Miner;
import io.quartermaster.ops.chaos.ChaosReplicaCommand.Slots;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Stories that a right system may tell, and stories that only a broken one can. Deadlines are at 100 s unless said. */
class ChaosCheckerTest {
    private static final String MINER = "5Miner";
    private static final String GPU = "gpu";
    private static final long FAR = 1_000_000;

    private final List<Attempt> attempts = new ArrayList<>();
    private final List<Held> held = new ArrayList<>();
    private List<Kept> kept = new ArrayList<>();
    private long usedNanos = 7;
    private long bookMillisInTheEnd = 10_000;
    private long numbers;

    private void story(String op, Kind kind, String target, long from, long to, Outcome outcome, Booked... booked) {
        attempts.add(new Attempt(
                "calls-1-1.log",
                ++numbers,
                op,
                kind,
                target,
                from,
                from,
                to,
                to,
                List.of(outcome),
                List.of(booked),
                ""));
    }

    private void reserved(String job, long reservation, long from, long to, long... blocks) {
        story(job + "/reserve", Kind.RESERVE, MINER, from, to, Outcome.OK, booked(reservation, blocks));
    }

    private static Booked booked(long reservation, long... blocks) {
        return new Booked(
                reservation, MINER, GPU, FAR, LongStream.of(blocks).boxed().toList());
    }

    private void routed(String job, long reservation, long from, long to, long... blocks) {
        story(job + "/route", Kind.ROUTE, GPU, from, to, Outcome.OK, booked(reservation, blocks));
    }

    private void settled(Kind kind, long reservation, long from, long to, Outcome outcome) {
        story("job-" + reservation + "/" + kind, kind, Long.toString(reservation), from, to, outcome);
    }

    private void holds(long reservation, boolean spent, long... blocks) {
        held.add(new Held(
                reservation,
                "job-" + reservation,
                GPU,
                LongStream.of(blocks).boxed().toList(),
                spent,
                FAR));
    }

    private Dump dump(int replica, List<Held> bookings) {
        List<Long> reserved = bookings.stream()
                .filter(booking -> !booking.spent())
                .flatMap(booking -> booking.blocks().stream())
                .sorted()
                .toList();
        List<Long> spent = bookings.stream()
                .filter(Held::spent)
                .flatMap(booking -> booking.blocks().stream())
                .sorted()
                .toList();
        Classes book = new Classes(GPU, 2, reserved, spent, 100, 100);
        return new Dump(
                replica,
                bookMillisInTheEnd,
                500,
                0,
                "1:12000 ",
                0,
                List.of(new Miner(MINER, bookings, List.of(book))),
                List.of(new Slots(MINER, usedNanos, kept)));
    }

    private void routedByCycle(String job, long number, long from, long to) {
        story(job + "/route", Kind.ROUTE, GPU, from, to, Outcome.OK, booked(number));
    }

    private void keeps(String job, long deadline, boolean accepted) {
        kept.add(new Kept(job, GPU, deadline, accepted));
    }

    private Set<String> broken(Dump... others) {
        List<Dump> dumps = new ArrayList<>(List.of(dump(1, held)));
        dumps.addAll(List.of(others));
        return new ChaosChecker(1, 0).check(attempts, dumps).violations().keySet();
    }

    @Test
    void aDayAsItShouldBeBreaksNoRule() {
        reserved("job-1", 1, 0, 10, 100, 101);
        settled(Kind.SPEND, 1, 20, 30, Outcome.OK);
        reserved("job-2", 2, 0, 10, 102);
        settled(Kind.UNDO, 2, 20, 30, Outcome.OK);
        reserved("job-3", 3, 40, 50, 102);
        holds(1, true, 100, 101);
        holds(3, false, 102);

        assertThat(broken(dump(2, held))).isEmpty();
    }

    @Test
    void aDayByCycleAsItShouldBeBreaksNoRule() {
        routedByCycle("job-1", 1, 0, 10);
        routedByCycle("job-2", 2, 20, 30);
        story("job-1/FINISH", Kind.FINISH, "1", 40, 50, Outcome.OK);
        routedByCycle("job-3", 3, 60, 70);
        keeps("job-1", 50, true);
        keeps("job-2", FAR, false);

        assertThat(broken(dump(2, held))).isEmpty();
    }

    @Test
    void aThirdJobOnTwoExecutorsIsFoundByCycleToo() {
        routedByCycle("job-1", 1, 0, 10);
        routedByCycle("job-2", 2, 20, 30);
        routedByCycle("job-3", 3, 60, 70);

        assertThat(broken()).containsExactly("no executor slot overfilled");
    }

    @Test
    void anAcknowledgedAcceptanceThatIsLostIsFound() {
        routedByCycle("job-1", 1, 0, 10);
        story("job-1/START", Kind.START, "1", 40, 50, Outcome.OK);
        keeps("job-1", FAR, false);

        assertThat(broken()).containsExactly("every acknowledged acceptance takes its allowance");
    }

    @Test
    void slotsThatDifferAreFound() {
        keeps("job-1", FAR, false);
        Dump first = dump(2, held);
        usedNanos = 8;

        assertThat(broken(first)).containsExactly("replicas agree");
        usedNanos = 7;
        kept = List.of();
        assertThat(broken(first)).containsExactly("replicas agree");
    }

    @Test
    void aBlockInTwoReservationsAtOnceIsFound() {
        reserved("job-1", 1, 0, 10, 100);
        reserved("job-2", 2, 5, 15, 100);
        holds(1, false, 100);

        assertThat(broken()).contains("no block booked twice");
    }

    @Test
    void aBlockThatWasPerhapsGivenBackMayBeBookedAgain() {
        reserved("job-1", 1, 0, 10, 100);
        settled(Kind.UNDO, 1, 12, 5000, Outcome.UNKNOWN);
        reserved("job-2", 2, 20, 30, 100);
        holds(2, false, 100);

        assertThat(broken()).isEmpty();
    }

    @Test
    void aSpendingThatIsForgottenIsFound() {
        reserved("job-1", 1, 0, 10, 100);
        settled(Kind.SPEND, 1, 20, 30, Outcome.OK);

        assertThat(broken()).contains("every acknowledged spend is spent");
    }

    @Test
    void anAcknowledgedReservationThatIsNotThereIsFound() {
        reserved("job-1", 1, 0, 10, 100);
        settled(Kind.SPEND, 1, 20, 30, Outcome.NOT_FOUND);

        assertThat(broken()).contains("an acknowledged reservation is there until its deadline");
    }

    @Test
    void anAnswerThatDiffersWhenTheCallIsRepeatedIsFound() {
        reserved("job-1", 1, 0, 10, 100);
        settled(Kind.SPEND, 1, 20, 30, Outcome.UNKNOWN);
        settled(Kind.SPEND, 1, 40, 50, Outcome.ALREADY_SPENT);
        holds(1, true, 100);

        assertThat(broken()).contains("the same id gets the same answer");
    }

    @Test
    void aThirdJobOnTwoExecutorsIsFound() {
        routed("job-1", 1, 0, 10, 100);
        routed("job-2", 2, 0, 10, 101);
        routed("job-3", 3, 20, 30, 102);

        assertThat(broken()).contains("no executor slot overfilled");
    }

    @Test
    void whatIsLongOverdueIsFound() {
        reserved("job-1", 1, 0, 10, 100);
        holds(1, false, 100);
        bookMillisInTheEnd = FAR + 2001;

        assertThat(broken()).contains("what is overdue is released within 2 s");
    }

    @Test
    void whatWasUndoneAndIsStillHeldIsFound() {
        reserved("job-1", 1, 0, 10, 100);
        settled(Kind.UNDO, 1, 20, 30, Outcome.OK);
        holds(1, false, 100);

        assertThat(broken()).contains("what was undone is free");
    }

    @Test
    void somethingThatWasDoneThoughItWasSaidNotToBeIsFound() {
        reserved("job-1", 1, 0, 10, 100);
        settled(Kind.SPEND, 1, 20, 30, Outcome.UNAVAILABLE);
        holds(1, true, 100);

        assertThat(broken()).contains("unavailable means not done");
    }

    @Test
    void replicasThatDifferAreFound() {
        reserved("job-1", 1, 0, 10, 100);
        holds(1, false, 100);

        assertThat(broken(dump(2, List.of()))).contains("replicas agree");
    }
}
