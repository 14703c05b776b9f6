package io.quartermaster.node.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.sql.HazelcastSqlException;
import com.hazelcast.sql.SqlResult;
import com.hazelcast.sql.SqlRow;
import io.quartermaster.api.BlacklistEntry;
import io.quartermaster.api.BlacklistReason;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.events.EventBatch;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.ledger.Amounts;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The books as tables, asked by a client as Management Center's SQL browser is. */
class ManagementSqlTest {
    private static List<List<@Nullable Object>> ask(HazelcastInstance client, String query) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        try (SqlResult result = client.getSql().execute(query)) {
            for (SqlRow row : result) {
                List<@Nullable Object> values = new ArrayList<>();
                for (int i = 0; i < row.getMetadata().getColumnCount(); i++) {
                    values.add(row.getObject(i));
                }
                rows.add(values);
            }
        }
        return rows;
    }

    private static void awaitTables(HazelcastInstance client) {
        await().atMost(Duration.ofMinutes(1))
                .until(() ->
                        ask(client, "SHOW MAPPINGS").size() == SqlTable.all().size());
    }

    private static void put(CompletionStage<Boolean> putting) throws Exception {
        assertThat(putting.toCompletableFuture().get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aPersonReadsLedgersReservationsEventsAndTheBlacklist() throws Exception {
        int port = ManagementCenterTest.freePort();
        try (TestGrids grids = new TestGrids(0)) {
            Grid grid =
                    grids.start(GridSettings.alone().withManagementCenter(port).withManagementSql());
            TestGrids.awaitServing(grid);
            grids.prepare(grid, 20);
            LedgerOutcome first = grids.submit(grid, grids.reserve(grid, "job-1", 30));
            grids.submit(grid, grids.reserve(grid, "job-2", 60));
            grids.submit(
                    grid,
                    new LedgerCommand.Spend(
                            grid.newCall(),
                            grid.sentMillis(),
                            ((LedgerOutcome.Reserved) first).booking().id()));
            Instant now = Instant.parse("2026-01-02T03:04:05Z");
            put(grid.records()
                    .events()
                    .put(
                            "1-a",
                            EventBatch.ofFirst(List.of(
                                    SystemEvent.ofMiner(now, EventType.MANIFEST_TIMEOUT, TestGrids.MINER, "No answer"),
                                    SystemEvent.of(now, EventType.MANIFEST_ERROR, "It's garbage")))));
            put(grid.records()
                    .blacklist()
                    .put(
                            "5Miner/MANUAL",
                            new BlacklistEntry(
                                    TestGrids.MINER, BlacklistReason.MANUAL, "lies", now, Optional.empty())));

            HazelcastInstance client = ManagementCenterTest.connect("quartermaster", port, Duration.ofSeconds(20));
            try {
                awaitTables(client);
                readsTheLedger(client, grid);
                assertThat(ask(client, "SELECT job, miner, blocks, seconds FROM reservations"))
                        .containsExactly(List.of("job-2", "5Miner", 3L, 72.0));
                assertThat(ask(client, "SELECT type, COUNT(*) FROM events GROUP BY type ORDER BY type"))
                        .containsExactly(List.of("MANIFEST_ERROR", 1L), List.of("MANIFEST_TIMEOUT", 1L));
                assertThat(ask(client, "SELECT miner, message FROM events WHERE miner = '5Miner'"))
                        .containsExactly(List.of("5Miner", "No answer"));
                assertThat(ask(client, "SELECT reason, details FROM blacklist WHERE until IS NULL"))
                        .containsExactly(List.of("MANUAL", "lies"));
                assertThat(ask(client, "SELECT COUNT(*), SUM(length_seconds) FROM blocks WHERE finalised"))
                        .containsExactly(List.of(19L, 228.0));
                assertThat(
                                ask(
                                        client,
                                        "SELECT in_force FROM parameters WHERE name = 'DYNAMIC_ROUTING_RELIABILITY_SEPARATION'"))
                        .containsExactly(List.of("5.0"));
                for (SqlTable table : SqlTable.all()) {
                    String columns =
                            table.columns().stream().map(SqlTable.Column::name).collect(Collectors.joining(", "));
                    // None is a word that SQL has taken.
                    ask(client, "SELECT " + columns + " FROM " + table.name() + " ORDER BY " + columns);
                }
                changesNothing(client);
            } finally {
                client.shutdown();
            }
        }
    }

    private static void readsTheLedger(HazelcastInstance client, Grid grid) {
        Statement statement = Statement.of(
                Objects.requireNonNull(grid.shelf().newest(TestGrids.MINER).book(TestGrids.GPU)),
                TestGrids.VALIDATOR,
                grid.blocks().units(TestGrids.VALIDATOR, TestGrids.MINER),
                grid.blocks().newest());
        assertThat(ask(
                        client,
                        "SELECT miner, validator, executor_class, executors, reserved_blocks, spent_blocks, minted_seconds,"
                                + " free_seconds, reserved_seconds, spent_seconds FROM ledgers WHERE spent_blocks > 0"))
                .containsExactly(List.of(
                        "5Miner",
                        "5Validator",
                        TestGrids.GPU.name(),
                        2L,
                        3L,
                        2L,
                        Amounts.seconds(statement.mintedNanos()),
                        Amounts.seconds(statement.freeNanos()),
                        72.0,
                        48.0));
        assertThat(ask(client, "SELECT SUM(spent_seconds) FROM ledgers WHERE miner = '5Nobody'"))
                .containsExactly(Collections.singletonList(null));
    }

    private static void changesNothing(HazelcastInstance client) {
        for (String wrong : List.of(
                "DELETE FROM blacklist",
                "INSERT INTO locks (name) VALUES ('mine')",
                "CREATE MAPPING prices TYPE Quartermaster",
                "CREATE OR REPLACE MAPPING locks (name VARCHAR) TYPE Quartermaster")) {
            assertThatThrownBy(() -> ask(client, wrong)).as(wrong).isInstanceOf(HazelcastSqlException.class);
        }
    }

    @Test
    void itIsSwitchedOnReplicaByReplicaWhileTheGridWorks() throws Exception {
        try (TestGrids grids = new TestGrids(2)) {
            grids.prepare(grids.grid(0), 20);
            grids.leave(1);
            int port = ManagementCenterTest.freePort();
            Grid first =
                    grids.start(grids.settings(1).withManagementCenter(port).withManagementSql());
            TestGrids.awaitServing(first);
            grids.submit(first, grids.reserve(first, "job-1", 30));

            grids.leave(0);
            Grid second = grids.start(grids.settings(0)
                    .withManagementCenter(ManagementCenterTest.freePort())
                    .withManagementSql());
            TestGrids.awaitServing(second);
            HazelcastInstance client =
                    ManagementCenterTest.connect(grids.settings(1).name(), port, Duration.ofSeconds(20));
            try {
                awaitTables(client);
                assertThat(ask(client, "SELECT job, blocks FROM reservations")).containsExactly(List.of("job-1", 2L));
                grids.leave(grids.all().indexOf(second));
                TestGrids.awaitServing(grids.start(0));
                // One replica doesn't know SQL: the question is refused, not answered in part.
                await().untilAsserted(
                                () -> assertThatThrownBy(() -> ask(client, "SELECT job, blocks FROM reservations"))
                                        .isInstanceOf(HazelcastSqlException.class));
            } finally {
                client.shutdown();
            }
        }
    }

    @Test
    void itNeedsManagementCentersPort() {
        assertThatThrownBy(() -> GridSettings.alone().withManagementSql())
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("SQL for Management Center");
    }
}
