package io.quartermaster.node.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.CallId;
import io.quartermaster.api.Fence;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.JobId;
import io.quartermaster.api.MinerIncident;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.locks.LockCommand;
import io.quartermaster.node.locks.LockOutcome;
import io.quartermaster.node.store.Durability;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several replicas as one grid, in one JVM; what needs processes of their own is in the fault test. */
class ReplicasTest {
    @Test
    void aMinorityRefusesSoonAndStillReads() throws Exception {
        try (TestGrids grids = new TestGrids(3)) {
            grids.prepare(grids.grid(0), 10);
            grids.leave(2);
            grids.leave(1);
            Grid last = grids.grid(0);
            // What is on its way when the majority goes may have been done; what comes later is not.
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThatThrownBy(() -> grids.submit(last, grids.reserve(last, "job-0", 24)))
                            .hasCauseInstanceOf(GridUnavailable.class));

            long began = System.nanoTime();
            assertThatThrownBy(() -> grids.submit(last, grids.reserve(last, "job-1", 24)))
                    .hasCauseInstanceOf(GridUnavailable.class)
                    .hasMessageContaining("2 of 3 replicas are needed, 1 are within reach of replica 1");
            assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(5));
            assertThat(last.shelf().ledger(TestGrids.MINER)).isPresent();
            assertThat(last.blocks().finalisedFrom(0)).hasSize(9);
        }
    }

    @Test
    void booksOutliveTheEndOfAllReplicas() throws Exception {
        try (TestGrids grids = new TestGrids(3)) {
            grids.prepare(grids.grid(0), 10);
            Booking booking = reserved(grids.submit(grids.grid(0), grids.reserve(grids.grid(0), "job-1", 24)));
            LedgerCommand.Spend spend = new LedgerCommand.Spend(
                    grids.grid(1).newCall(), grids.grid(1).sentMillis(), booking.id());
            assertThat(grids.submit(grids.grid(1), spend)).isEqualTo(new LedgerOutcome.Spent(booking.id()));
            for (int left = 3; left > 0; left--) {
                grids.leave(0);
            }

            for (int replica = 0; replica < 3; replica++) {
                grids.start(replica);
            }
            Grid again = grids.grid(2);
            TestGrids.awaitServing(again);

            assertThat(again.shelf()
                            .newest(TestGrids.MINER)
                            .booking(booking.id())
                            .orElseThrow()
                            .spent())
                    .isTrue();
            assertThat(grids.submit(again, spend.sentAgain(again.sentMillis())))
                    .as("the same call again is answered as before")
                    .isEqualTo(new LedgerOutcome.Spent(booking.id()));
        }
    }

    @Test
    void recordsOfAllKindsOutliveTheEndOfAllReplicas() throws Exception {
        try (TestGrids grids = new TestGrids(3)) {
            Grid grid = grids.grid(1);
            grids.prepare(grid, 300);
            Random random = new Random(1);
            Map<RecordKind<?>, Object> records = new HashMap<>();
            List<RecordKind<?>> kinds = new ArrayList<>(RecordKind.all());
            // Those are there in earnest.
            kinds.removeAll(List.of(RecordKind.BLOCKS, RecordKind.NEURONS));
            for (RecordKind<?> kind : kinds) {
                Object record = Records.random(random, kind);
                records.put(kind, record);
                answered(grid.submit(kind, kind.pageOf("7"), new RecordPage.Command.Put(grid.newCall(), "7", record)));
            }
            for (int left = 3; left > 0; left--) {
                grids.leave(0);
            }

            for (int replica = 0; replica < 3; replica++) {
                grids.start(replica);
            }
            Grid again = grids.grid(0);
            TestGrids.awaitServing(again);

            assertThat(again.records().incidents().get("7"))
                    .hasValue((MinerIncident) records.get(RecordKind.INCIDENTS));
            assertThat(again.records().receipts().get("7")).hasValue((SignedReceipt) records.get(RecordKind.RECEIPTS));
            assertThat(again.records().collateral().get("7")).hasValue((BigInteger) records.get(RecordKind.COLLATERAL));
            assertThat(again.records().manifests().get("7"))
                    .hasValue((MinerManifests) records.get(RecordKind.MANIFESTS));
            assertThat(again.blocks().finalisedFrom(100)).hasSize(299);
            assertThat(again.records().neurons().get("neurons")).isPresent();
        }
    }

    @Test
    void aReplicaShowsWhatItsOwnCallersWereTold() throws Exception {
        try (TestGrids grids = new TestGrids(3)) {
            grids.prepare(grids.grid(0), 200);
            for (int i = 0; i < 150; i++) {
                Grid asked = grids.grid(i % 3);
                Booking booking = reserved(grids.submit(asked, grids.reserve(asked, "job-" + i, 12)));

                assertThat(asked.shelf().newest(TestGrids.MINER).booking(booking.id()))
                        .as("job %d on replica %d", i, i % 3 + 1)
                        .isPresent();
            }
        }
    }

    /** Whatever replica is asked, and whichever has acknowledged: what came before the backup is in it. */
    @Test
    void aBackupHoldsAllThatWasAcknowledgedBefore() throws Exception {
        try (TestGrids grids = new TestGrids(3)) {
            grids.prepare(grids.grid(0), 200);
            for (int i = 0; i < 30; i++) {
                Grid asked = grids.grid(i % 3);
                Booking booking = reserved(grids.submit(asked, grids.reserve(asked, "job-" + i, 24)));

                BookJournal.Remembered backup = new BookJournal.Remembered(new BookMachine());
                for (Map.Entry<String, byte[]> entry :
                        grids.grid((i + 1) % 3).contents().entrySet()) {
                    backup.entry(entry.getKey(), entry.getValue());
                }
                Book.OfMiner book = (Book.OfMiner)
                        Objects.requireNonNull(backup.memory().entries().get(TestGrids.MINER.value()))
                                .state();
                assertThat(book.ledger().booking(booking.id())).as("job %d", i).isPresent();
            }
        }
    }

    @Test
    void aMinorityGivesNoBackup() {
        try (TestGrids grids = new TestGrids(3)) {
            grids.leave(2);
            grids.leave(1);
            Grid last = grids.grid(0);

            assertThatThrownBy(last::contents)
                    .isInstanceOf(GridUnavailable.class)
                    .hasMessageContaining("there is no backup now");
        }
    }

    private static <T> T answered(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void replicasThatAreAskedAtOnceNeverFillAMinerBeyondItsExecutors() throws Exception {
        try (TestGrids grids = new TestGrids(3)) {
            grids.prepare(grids.grid(0), 200);
            ExecutorService callers = Executors.newFixedThreadPool(12);
            List<Future<LedgerOutcome>> answers = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                Grid grid = grids.grid(i % 3);
                LedgerCommand.Reserve plain = grids.reserve(grid, "job-" + i, 30);
                LedgerCommand command = new LedgerCommand.Reserve(
                        plain.call(),
                        plain.sentMillis(),
                        plain.validator(),
                        plain.executorClass(),
                        plain.job(),
                        plain.requiredNanos(),
                        plain.startBlock(),
                        plain.ttlMillis(),
                        Optional.of(Set.of(new JobId("at-work"))));
                answers.add(callers.submit(() -> grids.submit(grid, command)));
            }

            int placed = 0;
            for (Future<LedgerOutcome> answer : answers) {
                placed += answer.get() instanceof LedgerOutcome.Reserved ? 1 : 0;
            }
            callers.shutdown();

            // The miner has two executors, and one job at work.
            assertThat(placed).isEqualTo(1);
        }
    }

    @Test
    void aLockIsHeldByOneReplicaAndStaleTokensAreRefused() throws Exception {
        try (TestGrids grids = new TestGrids(3)) {
            grids.prepare(grids.grid(0), 10);
            Grid anna = grids.grid(0);
            Grid bert = grids.grid(1);
            LockOutcome first = acquire(anna, "anna", 1000);
            assertThat(first).isInstanceOf(LockOutcome.Granted.class);
            assertThat(acquire(bert, "bert", 1000)).isInstanceOf(LockOutcome.Taken.class);

            await().until(() -> acquire(bert, "bert", 5000) instanceof LockOutcome.Granted);
            assertThat(grids.submit(bert, under(2, grids.reserve(bert, "job-1", 24))))
                    .isInstanceOf(LedgerOutcome.Reserved.class);

            assertThat(grids.submit(anna, under(1, grids.reserve(anna, "job-2", 24))))
                    .isEqualTo(new LedgerOutcome.StaleToken("test", 2));
            assertThat(anna.shelf().activeBooking(new JobId("job-2"))).isEmpty();
        }
    }

    private static LedgerCommand under(long token, LedgerCommand command) {
        return new LedgerCommand.Fenced(new Fence("test", token), command);
    }

    private static LockOutcome acquire(Grid grid, String owner, long leaseMillis) throws Exception {
        CallId call = grid.newCall();
        return grid.submit("test", new LockCommand.Acquire(call, owner, "a test", leaseMillis))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    @Test
    void aReplicaOfAnotherSubnetIsRefusedWithTheReasonAndCountsNowhere() {
        try (TestGrids grids = new TestGrids(3)) {
            grids.leave(2);

            Grid stranger = grids.start(grids.settings(2).agreeingOn("netuid", "13"));

            // Nobody else names a netuid in this test.
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> stranger.mustLeave().isPresent());
            assertThat(stranger.mustLeave().orElseThrow()).contains("its netuid is not set, here it is 13");
            assertThat(grids.grid(0).replicasPresent()).isEqualTo(2);
            assertThat(grids.grid(0).waitingFor()).isEmpty();
        }
    }

    @Test
    void aReplicaWithAnotherSecretIsRefused() {
        try (TestGrids grids = new TestGrids(3)) {
            grids.leave(2);

            Grid stranger = grids.start(grids.settings(2).withSecret("guessed"));

            await().atMost(Duration.ofSeconds(10))
                    .until(() -> stranger.mustLeave().isPresent());
            assertThat(stranger.mustLeave().orElseThrow()).contains("its join secret is not this replica's");
            assertThat(grids.grid(0).replicasPresent()).isEqualTo(2);
        }
    }

    @Test
    void aReplicaWithAnIdThatIsTakenIsRefused(@TempDir Path directory) {
        try (TestGrids grids = new TestGrids(3)) {
            grids.leave(2);

            Grid twin = grids.start(grids.settings(2).withReplica(1).withDirectory(directory, Durability.REPLICATED));

            await().atMost(Duration.ofSeconds(10)).until(() -> twin.mustLeave().isPresent());
            assertThat(twin.mustLeave().orElseThrow()).contains("it has the id of this replica, 1");
        }
    }

    private static Booking reserved(LedgerOutcome outcome) {
        assertThat(outcome).isInstanceOf(LedgerOutcome.Reserved.class);
        return ((LedgerOutcome.Reserved) outcome).booking();
    }
}
