package io.quartermaster.node.views;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How a replica gets what it has missed: by whole books, which are large, and while more is decided all the time. */
class MissedDecisionsTest {
    private static final int BOOKS = 100;
    private static final Machine<List<Integer>, Integer> NUMBERS = new Machine<>() {
        @Override
        public List<Integer> fresh(String key) {
            return List.of();
        }

        @Override
        public List<Integer> apply(List<Integer> state, Integer decision) {
            return Stream.concat(state.stream(), Stream.of(decision)).toList();
        }
    };

    private final Deque<Runnable> onTheirWay = new ArrayDeque<>();
    private final List<Message.Missed<?>> asked = new ArrayList<>();
    private final List<Runnable> copies = new ArrayList<>();
    private final Map<String, List<Integer>> shown = new HashMap<>();
    private final Map<Integer, Participant<List<Integer>, Integer>> all = new HashMap<>();
    private long now = 1_000;

    MissedDecisionsTest() {
        all.put(1, participant(1));
        all.put(2, participant(2));
        pass(3_000);
        assertThat(replica(2).serving()).isTrue();
    }

    private Participant<List<Integer>, Integer> participant(int id) {
        return new Participant<>(
                id,
                2,
                2,
                NUMBERS,
                Journal.none(),
                Journal.Memory.none(),
                (key, book) -> {
                    if (id == 2) {
                        shown.put(key, book);
                    }
                },
                new Surroundings() {
                    @Override
                    public List<Peer> present() {
                        return List.of(new Peer(1, "a"), new Peer(2, "b"));
                    }

                    @Override
                    public byte[] owners() {
                        return new byte[] {1};
                    }

                    @Override
                    public <S> void send(int replica, Message<S> message) {
                        Runnable delivery = () -> replica(replica).receive(id, cast(message));
                        if (message instanceof Message.Missed<S> missed) {
                            asked.add(missed);
                        }
                        if (message instanceof Message.Copy<S>) {
                            copies.add(delivery);
                        } else {
                            onTheirWay.add(delivery);
                        }
                    }
                },
                Timing.DEFAULT,
                new SplittableRandom(1),
                now);
    }

    private Participant<List<Integer>, Integer> replica(int id) {
        return Objects.requireNonNull(all.get(id));
    }

    @SuppressWarnings("unchecked")
    private static Message<List<Integer>> cast(Message<?> message) {
        return (Message<List<Integer>>) message;
    }

    private void deliver() {
        while (!onTheirWay.isEmpty()) {
            onTheirWay.remove().run();
        }
    }

    private void deliverCopies() {
        List<Runnable> now = List.copyOf(copies);
        copies.clear();
        now.forEach(Runnable::run);
        deliver();
    }

    private void pass(long millis) {
        for (long end = now + millis; now < end; now += 50) {
            all.values().forEach(one -> one.tick(now));
            deliver();
        }
    }

    private Decided<Integer> decide(String book, int number) {
        return replica(1).decide(book, 0, 1, state -> number).orElseThrow();
    }

    private void arrives(Decided<Integer> decided) {
        replica(2).accept(decided);
        deliver();
    }

    @Test
    void whatCameAfterWhatWasMissedCountsOnceTheBookIsThere() {
        List<Decided<Integer>> decisions =
                IntStream.range(0, 6).mapToObj(i -> decide("book", i)).toList();
        arrives(decisions.get(0));
        arrives(decisions.get(3));
        pass(300);
        assertThat(asked).hasSize(1);
        Decided<Integer> later = decide("book", 6);
        arrives(decisions.get(5));
        arrives(decisions.get(4));
        assertThat(shown.get("book")).as("nothing is taken across a gap").containsExactly(0);

        deliverCopies();
        arrives(later);

        assertThat(shown.get("book")).containsExactly(0, 1, 2, 3, 4, 5, 6);
    }

    @Test
    void whatCameAfterAGapFollowsOnceTheGapIsClosed() {
        Decided<Integer> first = decide("book", 1);
        Decided<Integer> second = decide("book", 2);
        Decided<Integer> third = decide("book", 3);
        arrives(third);
        arrives(second);
        arrives(first);

        assertThat(shown.get("book")).containsExactly(1, 2, 3);
        pass(2_000);
        assertThat(asked).as("nothing was missed in the end").isEmpty();
    }

    @Test
    void aBookIsNotAskedForAgainWhileItIsOnItsWay() {
        decide("book", 1);
        arrives(decide("book", 2));
        pass(900);
        for (int i = 3; i < 50; i++) {
            arrives(decide("book", i));
        }
        assertThat(asked).hasSize(1);

        pass(3_000);
        assertThat(asked).as("but it may have been lost").hasSizeBetween(2, 4);
    }

    @Test
    void aFewBooksAreAskedForAtATimeAndAllInTheEnd() {
        for (int book = 0; book < BOOKS; book++) {
            decide("book-" + book, 1);
            arrives(decide("book-" + book, 2));
        }
        pass(400);
        assertThat(asked).hasSizeLessThanOrEqualTo(8);

        for (int round = 0; round < BOOKS && shown.size() < BOOKS; round++) {
            assertThat(copies).hasSizeLessThanOrEqualTo(8);
            deliverCopies();
        }
        assertThat(shown).hasSize(BOOKS);
        assertThat(shown.values()).allMatch(book -> book.equals(List.of(1, 2)));
    }

    @Test
    void aDecisionThatIsOnlySlowIsNotAskedFor() {
        Decided<Integer> slow = decide("book", 1);
        // The decider's pulse says that it has it.
        pass(100);
        arrives(slow);
        pass(1_000);

        assertThat(asked).isEmpty();
        assertThat(shown.get("book")).containsExactly(1);
    }
}
