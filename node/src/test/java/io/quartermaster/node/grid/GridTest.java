package io.quartermaster.node.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.JobId;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.MinerLedger;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GridTest {

    @Test
    void aReservationIsMadeSpentAndKnownToTheReplicasCopy() throws Exception {
        try (TestGrids grids = new TestGrids(1)) {
            Grid grid = grids.grid(0);
            grids.prepare(grid, 10);

            Booking booking = reserved(grids.submit(grid, grids.reserve(grid, "job-1", 30)));

            assertThat(booking.blocks().toArray()).containsExactly(100, 101);
            assertThat(grid.shelf().activeBooking(new JobId("job-1"))).isPresent();
            assertThat(grids.submit(grid, new LedgerCommand.Spend(grid.newCall(), grid.sentMillis(), booking.id())))
                    .isEqualTo(new LedgerOutcome.Spent(booking.id()));
            assertThat(grid.shelf().activeBooking(new JobId("job-1"))).isEmpty();
        }
    }

    @Test
    void aRefusalLeavesTheLedgersBookingsAsTheyWere() throws Exception {
        try (TestGrids grids = new TestGrids(1)) {
            Grid grid = grids.grid(0);
            grids.prepare(grid, 3);
            MinerLedger before = ledger(grid);

            assertThat(grids.submit(grid, grids.reserve(grid, "job-1", 3600)))
                    .isEqualTo(new LedgerOutcome.NotEnough(48_000_000_000L));

            assertThat(ledger(grid).bookings()).isEqualTo(before.bookings());
            assertThat(ledger(grid).classes()).isEqualTo(before.classes());
        }
    }

    @Test
    void jobsThatComeAtOnceNeverShareABlock() throws Exception {
        try (TestGrids grids = new TestGrids(1)) {
            Grid grid = grids.grid(0);
            grids.prepare(grid, 200);
            ExecutorService callers = Executors.newFixedThreadPool(8);
            List<Future<LedgerOutcome>> answers = new ArrayList<>();
            for (int i = 0; i < 150; i++) {
                String job = "job-" + i;
                answers.add(callers.submit(() -> grids.submit(grid, grids.reserve(grid, job, 30))));
            }

            Set<Long> taken = new HashSet<>();
            int made = 0;
            for (Future<LedgerOutcome> answer : answers) {
                if (answer.get() instanceof LedgerOutcome.Reserved reserved) {
                    made++;
                    for (long block : reserved.booking().blocks().toArray()) {
                        assertThat(taken.add(block))
                                .as("block %d booked once", block)
                                .isTrue();
                    }
                }
            }
            // 199 finalised blocks of 24 s, two for each job.
            assertThat(made).isEqualTo(99);
            callers.shutdown();
        }
    }

    @Test
    void whatIsOverdueIsReleasedWithinTwoSeconds() throws Exception {
        try (TestGrids grids = new TestGrids(1)) {
            Grid grid = grids.grid(0);
            grids.prepare(grid, 10);
            reserved(grids.submit(grid, grids.reserve(grid, "job-1", 30)));

            grids.passMillis(130_000);

            await().untilAsserted(() ->
                    assertThat(grid.shelf().activeBooking(new JobId("job-1"))).isEmpty());
        }
    }

    @Test
    void allReplicasHoldWhatOneWasAsked() throws Exception {
        try (TestGrids grids = new TestGrids(3)) {
            grids.prepare(grids.grid(0), 10);

            for (int replica = 0; replica < 3; replica++) {
                Grid grid = grids.grid(replica);
                reserved(grids.submit(grid, grids.reserve(grid, "job-" + replica, 24)));
            }

            for (Grid grid : grids.all()) {
                await().untilAsserted(() -> {
                    assertThat(grid.shelf().ledgers()).hasSize(1);
                    assertThat(ledger(grid).bookings()).hasSize(3);
                    assertThat(ledger(grid)).isEqualTo(ledger(grids.grid(2)));
                    assertThat(grid.blocks().finalisedFrom(0)).hasSize(9);
                });
            }
        }
    }

    @Test
    void reservationsOutliveTheReplicaThatMadeThemAndExpireWithoutIt() throws Exception {
        try (TestGrids grids = new TestGrids(3)) {
            grids.prepare(grids.grid(0), 10);
            Booking booking = reserved(grids.submit(grids.grid(0), grids.reserve(grids.grid(0), "job-1", 24)));

            grids.leave(0);
            Grid left = grids.grid(0);

            await().untilAsserted(
                            () -> assertThat(ledger(left).booking(booking.id())).contains(booking));
            grids.passMillis(124_000);
            await().untilAsserted(
                            () -> assertThat(ledger(left).booking(booking.id())).isEmpty());
        }
    }

    @Test
    void aReplicaThatJoinsLateGetsTheWholeBooks() throws Exception {
        try (TestGrids grids = new TestGrids(3)) {
            grids.prepare(grids.grid(0), 10);
            grids.leave(2);
            Booking booking = reserved(grids.submit(grids.grid(0), grids.reserve(grids.grid(0), "job-1", 24)));

            Grid late = grids.start(2);

            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() ->
                            assertThat(late.shelf().ledger(TestGrids.MINER)).contains(ledger(grids.grid(0))));
            assertThat(ledger(late).booking(booking.id())).contains(booking);
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(late.blocks().finalisedFrom(0))
                            .isEqualTo(IntStream.range(100, 109).asLongStream().toArray()));
        }
    }

    @Test
    void aPortThatIsTakenIsSaidSo() {
        try (TestGrids grids = new TestGrids(1)) {
            int taken = Integer.parseInt(grids.grid(0).address().split(":", 2)[1]);
            GridSettings settings = GridSettings.alone().withPort(taken);

            assertThatThrownBy(() ->
                            Grid.start(settings, Clock.systemUTC(), duration -> duration, new TestGrids.NoListeners()))
                    .isInstanceOf(GridUnavailable.class)
                    .hasMessageContaining("127.0.0.1:" + taken)
                    .hasMessageContaining("already in use");
        }
    }

    /** All of 127/8 is the loopback's, so another address of this machine is always at hand. */
    @Test
    void aMemberListensAtTheAddressThatItWasGivenAndNowhereElse() throws Exception {
        try (TestGrids grids = new TestGrids(1)) {
            String address = grids.grid(0).address();
            assertThat(address).startsWith("127.0.0.1:");
            int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));

            new Socket(InetAddress.getLoopbackAddress(), port).close();
            InetAddress another = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
            assertThatThrownBy(() -> new Socket(another, port).close()).isInstanceOf(ConnectException.class);
        }
    }

    private static Booking reserved(LedgerOutcome outcome) {
        assertThat(outcome).isInstanceOf(LedgerOutcome.Reserved.class);
        return ((LedgerOutcome.Reserved) outcome).booking();
    }

    private static MinerLedger ledger(Grid grid) {
        return grid.shelf().ledger(TestGrids.MINER).orElseThrow(() -> new AssertionError("no ledger yet"));
    }
}
