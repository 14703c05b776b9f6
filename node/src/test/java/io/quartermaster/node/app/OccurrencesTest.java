package io.quartermaster.node.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.Validator;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.grid.GridListeners;
import io.quartermaster.node.grid.TestGrids;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the grid's own threads see becomes an event, once for the whole grid. */
class OccurrencesTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    /** Longer than any replica would take to tell of the same a second time. */
    private static final Duration A_WHILE = Duration.ofMillis(1_500);

    private final List<Occurrences> occurrences = new ArrayList<>();
    private final List<SystemEvent> events = new CopyOnWriteArrayList<>();

    /** What one replica's grid tells goes to its own occurrences, and from there to the events of them all. */
    private GridListeners listeners() {
        Occurrences own = new Occurrences(Duration.ofSeconds(3));
        occurrences.add(own);
        return new TestGrids.NoListeners() {
            @Override
            public void expiring(Hotkey miner, Booking reservation, long atMillis) {
                own.expiring(miner, reservation, atMillis);
            }

            @Override
            public void replicasChanged(Set<Integer> joined, Set<Integer> left) {
                own.replicasChanged(joined, left);
            }
        };
    }

    private void tell(TestGrids grids) {
        Iterator<Occurrences> own = occurrences.iterator();
        grids.all().forEach(grid -> own.next().tell(grid, events::add));
    }

    @AfterEach
    void close() {
        occurrences.forEach(Occurrences::close);
    }

    private List<String> fields(EventType type, String field) {
        return events.stream()
                .filter(event -> event.type() == type)
                .map(event -> event.fields().getOrDefault(field, ""))
                .toList();
    }

    private static Booking reserve(TestGrids grids, Grid grid, String job) throws Exception {
        return ((LedgerOutcome.Reserved) grids.submit(grid, grids.reserve(grid, job, 10))).booking();
    }

    @Test
    void threeReplicasTellOnceOfEachReservationThatExpiresAndOfEachReplicaThatComesAndGoes() throws Exception {
        try (TestGrids grids = new TestGrids(3, this::listeners)) {
            tell(grids);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(fields(EventType.REPLICA_JOINED, "replica"))
                            .containsExactlyInAnyOrder("1", "2", "3"));
            grids.prepare(grids.grid(0), 30);
            Booking first = reserve(grids, grids.grid(0), "job-1");
            reserve(grids, grids.grid(1), "job-2");
            Booking spent = reserve(grids, grids.grid(2), "job-3");
            Booking undone = reserve(grids, grids.grid(2), "job-4");
            Grid one = grids.grid(1);
            grids.submit(one, new LedgerCommand.Spend(one.newCall(), one.sentMillis(), spent.id()));
            grids.submit(one, new LedgerCommand.Undo(one.newCall(), one.sentMillis(), undone.id()));

            grids.passMillis(200_000);

            await().atMost(SOON)
                    .during(A_WHILE)
                    .untilAsserted(() -> assertThat(fields(EventType.RESERVATION_EXPIRED, SystemEvent.JOB))
                            .containsExactlyInAnyOrder("job-1", "job-2"));
            assertThat(events)
                    .filteredOn(event -> "job-1".equals(event.fields().get(SystemEvent.JOB)))
                    .first()
                    .satisfies(event -> assertThat(event.fields())
                            .containsEntry("reservation", Long.toString(first.id()))
                            .containsEntry("class", "always_on.gpu-24gb")
                            .containsEntry(
                                    "blocks", Integer.toString(first.blocks().size())));

            grids.leave(2);
            await().atMost(SOON)
                    .during(A_WHILE)
                    .untilAsserted(() -> assertThat(fields(EventType.REPLICA_LEFT, "replica"))
                            .containsExactly("3"));
            Grid again = grids.start(2);
            occurrences.get(3).tell(again, events::add);
            await().atMost(SOON)
                    .during(A_WHILE)
                    .untilAsserted(() -> assertThat(fields(EventType.REPLICA_JOINED, "replica"))
                            .containsExactlyInAnyOrder("1", "2", "3", "3"));
        }
    }

    @Test
    void ofAStormOfExpiriesSomeAreToldAndAllAreCounted() throws Exception {
        int reservations = Occurrences.MOST_TOLD_A_MINUTE + 40;
        try (TestGrids grids = new TestGrids(1, this::listeners)) {
            Grid grid = grids.grid(0);
            grids.prepare(grid, reservations + 2);
            for (int i = 0; i < reservations; i++) {
                reserve(grids, grid, "job-" + i);
            }
            grids.passMillis(200_000);
            await().atMost(SOON)
                    .until(() -> grid.shelf().ledgers().stream()
                            .allMatch(ledger -> ledger.deadlines().size() == 0));
            tell(grids);

            Predicate<SystemEvent> counts = event -> event.fields().containsKey("count");
            await().atMost(SOON).until(() -> events.stream().anyMatch(counts));
            assertThat(events).filteredOn(counts.negate()).hasSize(Occurrences.MOST_TOLD_A_MINUTE);
            assertThat(events)
                    .filteredOn(counts)
                    .singleElement()
                    .satisfies(event -> assertThat(event.fields()).containsEntry("count", "40"));
        }
    }

    @Test
    void aBlockThatContradictsWhatIsKnownIsToldOfOnceHoweverOftenItIsShown() {
        try (Replica replica = Replica.replay(new QuietChain(Map.of("miner", 1), 5), ReplicaSettings.defaults())) {
            BlockSeen false1002 = new BlockSeen(
                    QuietChain.FIRST_BLOCK + 2,
                    1_000_000,
                    Optional.empty(),
                    List.of(),
                    List.of(new Validator(QuietChain.OWN, 90, 1000)));

            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> replica.take(false1002)).isInstanceOf(InvalidArgument.class);
            }

            assertThat(replica.events(EventQuery.newest(10).ofType(EventType.BLOCK_REFUSED)))
                    .singleElement()
                    .satisfies(event -> {
                        assertThat(event.fields()).containsEntry("block", "1002");
                        assertThat(event.message()).contains("block 1002 was not taken in", "what it was before");
                    });
        }
    }
}
