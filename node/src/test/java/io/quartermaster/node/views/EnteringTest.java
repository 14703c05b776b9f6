package io.quartermaster.node.views;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How a replica that lacks all books comes into a view: they are large, and machines may be slow. */
class EnteringTest {
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

    private final PriorityQueue<Sent> onTheirWay = new PriorityQueue<>();
    private final List<Sent> sent = new ArrayList<>();
    private final Map<Integer, Participant<List<Integer>, Integer>> all = new HashMap<>();
    private final TreeSet<Long> views = new TreeSet<>();
    private long now = 1_000;
    private long booksMillis;
    private int installsToLose;

    private record Sent(long atMillis, int number, int from, int to, Message<?> message) implements Comparable<Sent> {
        @Override
        public int compareTo(Sent other) {
            return atMillis != other.atMillis ? Long.compare(atMillis, other.atMillis) : number - other.number;
        }
    }

    /** Three replicas with books, of which the third is gone. */
    EnteringTest() {
        IntStream.rangeClosed(1, 3).forEach(id -> start(id, Journal.Memory.none()));
        pass(3_000);
        assertThat(serving()).containsExactly(1, 2, 3);
        decideAboutTenBooks();
        stop(3);
        pass(3_000);
        sent.clear();
        views.clear();
    }

    private void decideAboutTenBooks() {
        for (int book = 0; book < 10; book++) {
            Decided<Integer> decided =
                    replica(oldest()).decide("book-" + book, 0, 1, state -> 7).orElseThrow();
            all.values().forEach(other -> other.accept(decided));
        }
    }

    private void start(int id, Journal.Memory<List<Integer>> memory) {
        all.values().forEach(other -> other.gone(id));
        all.put(
                id,
                new Participant<>(
                        id,
                        3,
                        2,
                        NUMBERS,
                        Journal.none(),
                        memory,
                        (key, book) -> {},
                        new Surroundings() {
                            @Override
                            public List<Peer> present() {
                                return all.keySet().stream()
                                        .sorted()
                                        .map(other -> new Peer(other, "replica-" + other))
                                        .toList();
                            }

                            @Override
                            public byte[] owners() {
                                return new byte[] {oldest()};
                            }

                            @Override
                            public <S> void send(int replica, Message<S> message) {
                                onTheWay(id, replica, message);
                            }
                        },
                        Timing.DEFAULT,
                        new SplittableRandom(id),
                        now));
        replica(id).onView(views::add);
    }

    private void stop(int id) {
        all.remove(id);
        all.values().forEach(other -> other.gone(id));
    }

    private Participant<List<Integer>, Integer> replica(int id) {
        return Objects.requireNonNull(all.get(id));
    }

    private byte oldest() {
        return Collections.min(all.keySet()).byteValue();
    }

    private List<Integer> serving() {
        return all.keySet().stream()
                .filter(id -> replica(id).serving())
                .sorted()
                .toList();
    }

    private void onTheWay(int from, int to, Message<?> message) {
        boolean install =
                message instanceof Message.Install<?> some && !some.changed().isEmpty();
        boolean large = install || message instanceof Message.Fetched<?>;
        if (install && installsToLose > 0) {
            installsToLose--;
            return;
        }
        Sent one = new Sent(now + (large ? booksMillis : 1), sent.size(), from, to, message);
        sent.add(one);
        onTheirWay.add(one);
    }

    @SuppressWarnings("unchecked")
    private void deliver() {
        while (!onTheirWay.isEmpty() && onTheirWay.element().atMillis() <= now) {
            Sent one = onTheirWay.remove();
            if (all.containsKey(one.to())) {
                replica(one.to()).receive(one.from(), (Message<List<Integer>>) one.message());
            }
        }
    }

    private void pass(long millis) {
        for (long end = now + millis; now < end; now += 10) {
            deliver();
            if (now % 50 == 0) {
                all.values().forEach(one -> one.tick(now));
            }
        }
    }

    @Test
    void whileOneTakesInItsBooksTheOthersServeAndItHasMoreTimeWithEachView() {
        booksMillis = 8_000;
        start(3, Journal.Memory.none());
        for (int seconds = 0; seconds < 16; seconds++) {
            pass(1_000);
            assertThat(serving()).as("after %d s", seconds).contains(1, 2).doesNotContain(3);
        }

        pass(6_000);

        assertThat(serving()).containsExactly(1, 2, 3);
        assertThat(replica(3).entries()).hasSize(10).isEqualTo(replica(1).entries());
        assertThat(views).as("with 1.5, 3, 6 and 12 seconds").hasSize(4);
    }

    @Test
    void booksThatWereLostOnTheirWayAreBroughtByAnotherViewSoon() {
        installsToLose = 1;
        start(3, Journal.Memory.none());
        pass(Timing.DEFAULT.abandonMillis());
        assertThat(serving()).containsExactly(1, 2);

        pass(1_500);

        assertThat(serving()).containsExactly(1, 2, 3);
        assertThat(replica(3).entries()).isEqualTo(replica(1).entries());
    }

    @Test
    void aProposerThatLacksTheBooksMakesWayForOneThatHasThem() {
        Journal.Memory<List<Integer>> before = replica(1).memory();
        start(3, replica(2).memory());
        pass(2_000);
        stop(1);
        pass(2_000);
        decideAboutTenBooks();
        stop(3);

        booksMillis = 5_000;
        start(1, before);
        pass(5_000);
        assertThat(serving())
                .as("the oldest would have proposed, and has nothing to propose yet")
                .containsExactly(2);
        pass(15_000);

        assertThat(serving()).containsExactly(1, 2);
        assertThat(replica(1).entries()).isEqualTo(replica(2).entries());
    }

    @Test
    void whatTheProposerHoldsItselfDoesNotComeOverTheNetwork() {
        start(3, Journal.Memory.none());
        pass(2_000);

        assertThat(serving()).containsExactly(1, 2, 3);
        assertThat(sent).noneMatch(one -> one.message() instanceof Message.Fetch<?>);
    }
}
