package io.quartermaster.node.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.CallId;
import io.quartermaster.api.JobId;
import io.quartermaster.node.ledger.BlockSet;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerCommand.Claim;
import io.quartermaster.node.ledger.LedgerDecision;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.LedgerRules;
import io.quartermaster.node.ledger.MinerLedger;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Reservations that get more time, on real grids and through bytes. */
class ExtendTest {
    private static final long MARGIN_MILLIS = 100_000;

    private static LedgerCommand extend(Grid grid, Booking booking, int seconds) {
        return new LedgerCommand.Extend(
                grid.newCall(), grid.sentMillis(), booking.id(), seconds * 1000L + MARGIN_MILLIS);
    }

    private static Booking reserved(TestGrids grids, Grid grid, String job) throws Exception {
        return ((LedgerOutcome.Reserved) grids.submit(grid, grids.reserve(grid, job, 30))).booking();
    }

    @Test
    void anExtendedReservationOutlivesItsFirstDeadlineOnAllReplicasAndThenExpires() throws Exception {
        try (TestGrids grids = new TestGrids(3)) {
            Grid grid = grids.grid(0);
            grids.prepare(grid, 10);
            Booking booking = reserved(grids, grid, "job-1");
            grids.passMillis(120_000);
            Booking extended =
                    ((LedgerOutcome.Extended) grids.submit(grids.grid(1), extend(grid, booking, 100))).booking();
            assertThat(extended.deadlineMillis()).isEqualTo(booking.deadlineMillis() + 190_000);

            grids.leave(0);
            Grid left = grids.grid(1);
            grids.passMillis(199_000);
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(
                                    left.shelf().newest(TestGrids.MINER).booking(booking.id()))
                            .contains(extended));
            grids.passMillis(1_000);
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(left.shelf().activeBooking(new JobId("job-1")))
                            .isEmpty());
        }
    }

    /** Time passes the first deadline while spends, undos and extensions are on their way: one of them settles it. */
    @Test
    void ofSpendUndoExpiryAndExtensionThatComeAtOnceExactlyOneSettlesIt() throws Exception {
        try (TestGrids grids = new TestGrids(1)) {
            Grid grid = grids.grid(0);
            grids.prepare(grid, 200);
            for (int round = 0; round < 40; round++) {
                Booking booking = reserved(grids, grid, "job-" + round);
                List<CompletableFuture<LedgerOutcome>> answers = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    answers.add(send(grid, extend(grid, booking, 3000)));
                    if (i == round % 3) {
                        grids.passMillis(130_000);
                    }
                    answers.add(send(grid, new LedgerCommand.Spend(grid.newCall(), grid.sentMillis(), booking.id())));
                    answers.add(send(grid, new LedgerCommand.Undo(grid.newCall(), grid.sentMillis(), booking.id())));
                }
                CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                        .get();
                long spent = count(answers, LedgerOutcome.Spent.class);
                long undone = count(answers, LedgerOutcome.Undone.class);
                Optional<Booking> kept = grid.shelf().newest(TestGrids.MINER).booking(booking.id());
                assertThat(spent + undone).isLessThanOrEqualTo(1);
                assertThat(kept.map(Booking::spent).orElse(false)).isEqualTo(spent == 1);
                assertThat(grid.shelf().activeBooking(booking.job())).isEmpty();
            }
        }
    }

    private static CompletableFuture<LedgerOutcome> send(Grid grid, LedgerCommand command) {
        return grid.submit(TestGrids.MINER, command).toCompletableFuture();
    }

    private static long count(List<CompletableFuture<LedgerOutcome>> answers, Class<?> kind) {
        return answers.stream()
                .map(CompletableFuture::join)
                .filter(kind::isInstance)
                .count();
    }

    /** A ledger with a reservation that was extended, and the decision that did it. */
    private record Extended(MinerLedger ledger, LedgerDecision decision) {
        static Extended make() {
            BlockTable blocks = TestGrids.blocks(110);
            MinerLedger ledger = MinerLedger.unopened(TestGrids.MINER);
            ledger = ledger.apply(LedgerRules.decide(
                    ledger,
                    new LedgerCommand.State(
                            new CallId("m"), 1, 100, Map.of(TestGrids.GPU, new Claim(2, 2)), BlockSet.EMPTY, 7),
                    blocks,
                    1));
            for (String job : List.of("job-1", "job-2")) {
                ledger = ledger.apply(LedgerRules.decide(
                        ledger,
                        new LedgerCommand.Reserve(
                                new CallId("r-" + job),
                                1,
                                TestGrids.VALIDATOR,
                                TestGrids.GPU,
                                new JobId(job),
                                30_000_000_000L,
                                110,
                                130_000,
                                Optional.of(Set.of())),
                        blocks,
                        1));
            }
            LedgerDecision decision = LedgerRules.decide(
                    ledger,
                    new LedgerCommand.Extend(
                            new CallId("e"),
                            1,
                            ledger.activeBooking(new JobId("job-1"))
                                    .orElseThrow()
                                    .id(),
                            900_000),
                    blocks,
                    2);
            return new Extended(ledger.apply(decision), decision);
        }
    }

    @Test
    void whatIsExtendedGoesThroughItsBytesAndWhatIsNotKeepsTheFirstFormat() throws IOException {
        Extended extended = Extended.make();
        assertThat(Wires.through(extended.ledger(), LedgerWire::writeLedger, LedgerWire::readLedger))
                .isEqualTo(extended.ledger());
        assertThat(Wires.through(extended.decision(), LedgerWire::writeDecision, LedgerWire::readDecision))
                .isEqualTo(extended.decision());
        LedgerCommand command = new LedgerCommand.Extend(new CallId("e"), 5, 6, 7);
        assertThat(Wires.through(command, LedgerWire::writeCommand, LedgerWire::readCommand))
                .isEqualTo(command);
        assertThat(Wires.bytes(extended.ledger(), LedgerWire::writeLedger)[0]).isEqualTo((byte) 2);
        assertThat(Wires.bytes(MinerLedger.unopened(TestGrids.MINER), LedgerWire::writeLedger)[0])
                .isEqualTo((byte) 1);
    }

    /** The file is never changed: lines of bytes, each followed by what they say. */
    @Test
    void theFormatWithExtendedReservationsIsRead() throws IOException {
        List<String> lines;
        try (InputStream in = Objects.requireNonNull(ExtendTest.class.getResourceAsStream("/formats/ledger-2.txt"))) {
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
        Extended extended = Extended.make();
        assertThat(LedgerWire.readLedger(in(lines.get(0)))).isEqualTo(extended.ledger());
        assertThat(LedgerWire.readDecision(in(lines.get(1)))).isEqualTo(extended.decision());
        assertThat(LedgerWire.readCommand(in(lines.get(2))))
                .isEqualTo(new LedgerCommand.Extend(new CallId("e"), 5, 6, 7));
    }

    private static DataInputStream in(String hex) {
        return new DataInputStream(new ByteArrayInputStream(HexFormat.of().parseHex(hex)));
    }
}
