package io.quartermaster.node.grid;

import com.hazelcast.sql.SqlColumnType;
import io.quartermaster.api.BlacklistEntry;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.MinerIncident;
import io.quartermaster.api.Receipt;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.ledger.Account;
import io.quartermaster.node.ledger.Amounts;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.ledger.Statement;
import io.quartermaster.node.locks.LockBook;
import io.quartermaster.node.params.DynamicParameters;
import io.quartermaster.node.params.ParameterBook;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an operator can ask the books in SQL: a row for each thing that is in them, made from this replica's own copy when somebody
 * asks. The names of tables and columns are what queries are written with: they stay.
 */
final class SqlTable {
    private static final List<SqlTable> ALL = List.of(
            // One row for each class of a miner and each validator that has a stake at the newest block or has booked
            // something.
            new SqlTable(
                    "ledgers",
                    SqlTable::ledgers,
                    text("miner"),
                    text("validator"),
                    text("executor_class"),
                    whole("executors"),
                    whole("reserved_blocks"),
                    whole("spent_blocks"),
                    amount("minted_seconds"),
                    amount("free_seconds"),
                    amount("reserved_seconds"),
                    amount("spent_seconds"),
                    amount("invalidated_seconds"),
                    amount("expired_seconds")),
            new SqlTable(
                    "reservations",
                    SqlTable::reservations,
                    whole("id"),
                    text("job"),
                    text("miner"),
                    text("validator"),
                    text("executor_class"),
                    whole("first_block"),
                    whole("blocks"),
                    amount("seconds"),
                    time("deadline")),
            new SqlTable(
                    "blocks",
                    books -> records(books, RecordKind.BLOCKS).map(SqlTable::row),
                    whole("number"),
                    time("minted_at"),
                    text("hash"),
                    truth("finalised"),
                    amount("length_seconds"),
                    amount("multiplier"),
                    whole("validators")),
            new SqlTable(
                    "manifests",
                    books -> records(books, RecordKind.MANIFESTS)
                            .flatMap(miner -> miner.manifests().stream())
                            .map(SqlTable::row),
                    text("miner"),
                    text("executor_class"),
                    whole("block"),
                    whole("executors")),
            new SqlTable(
                    "incidents",
                    books -> records(books, RecordKind.INCIDENTS).map(SqlTable::row),
                    time("happened_at"),
                    text("type"),
                    text("miner"),
                    text("job"),
                    text("executor_class")),
            new SqlTable(
                    "receipts",
                    books -> records(books, RecordKind.RECEIPTS).map(signed -> row(signed.receipt())),
                    time("made_at"),
                    text("kind"),
                    text("job"),
                    text("miner"),
                    text("validator"),
                    text("executor_class"),
                    amount("cost_seconds"),
                    whole("blocks")),

            // In TAO as well as in wei: SQL's own numbers are too small for wei.
            new SqlTable(
                    "collateral",
                    books -> books.records(RecordKind.COLLATERAL).entrySet().stream()
                            .map(miner -> row(
                                    miner.getKey(),
                                    miner.getValue().toString(),
                                    miner.getValue().doubleValue() / 1e18)),
                    text("miner"),
                    text("wei"),
                    amount("tao")),
            new SqlTable(
                    "events",
                    books -> records(books, RecordKind.EVENTS)
                            .flatMap(batch -> batch.events().stream())
                            .map(SqlTable::row),
                    time("happened_at"),
                    text("type"),
                    text("miner"),
                    text("job"),
                    text("message"),
                    text("fields")),
            new SqlTable("parameters", SqlTable::parameters, text("name"), text("in_force"), text("default_value")),
            new SqlTable(
                    "blacklist",
                    books -> records(books, RecordKind.BLACKLIST).map(SqlTable::row),
                    text("miner"),
                    text("reason"),
                    text("details"),
                    time("since"),
                    time("until")),
            new SqlTable(
                    "locks",
                    books -> books.locks().entrySet().stream().map(lock -> row(lock.getKey(), lock.getValue())),
                    text("name"),
                    whole("token"),
                    text("owner"),
                    text("reason"),
                    time("since"),
                    time("until")));

    private final String name;
    private final Function<ReplicaBooks, Stream<@Nullable Object[]>> rows;
    private final List<Column> columns;

    private SqlTable(String name, Function<ReplicaBooks, Stream<@Nullable Object[]>> rows, Column... columns) {
        this.name = name;
        this.rows = rows;
        this.columns = List.of(columns);
    }

    record Column(String name, SqlColumnType type) {}

    private static Column text(String name) {
        return new Column(name, SqlColumnType.VARCHAR);
    }

    private static Column whole(String name) {
        return new Column(name, SqlColumnType.BIGINT);
    }

    private static Column amount(String name) {
        return new Column(name, SqlColumnType.DOUBLE);
    }

    private static Column truth(String name) {
        return new Column(name, SqlColumnType.BOOLEAN);
    }

    private static Column time(String name) {
        return new Column(name, SqlColumnType.TIMESTAMP_WITH_TIME_ZONE);
    }

    static List<SqlTable> all() {
        return ALL;
    }

    static Optional<SqlTable> named(String name) {
        return ALL.stream().filter(table -> table.name.equals(name)).findAny();
    }

    /** That of the map, where there is one. */
    String name() {
        return name;
    }

    List<Column> columns() {
        return columns;
    }

    /** The rows as of now, each made when it is asked for; a value for each column, in their order. */
    Stream<@Nullable Object[]> rows(ReplicaBooks books) {
        return rows.apply(books);
    }

    private static @Nullable Object[] row(@Nullable Object... values) {
        return values;
    }

    private static <V> Stream<V> records(ReplicaBooks books, RecordKind<V> kind) {
        return books.records(kind).values().stream();
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static OffsetDateTime time(long millis) {
        return time(Instant.ofEpochMilli(millis));
    }

    private static Stream<@Nullable Object[]> ledgers(ReplicaBooks books) {
        BlockTable blocks = books.blocks();
        if (blocks.isEmpty()) {
            return Stream.empty();
        }
        List<Hotkey> staked = blocks.record(blocks.newest())
                .map(newest -> newest.validators().validators())
                .orElse(List.of());
        return books.shelf().ledgers().stream()
                .flatMap(ledger -> ledger.classes().values().stream().flatMap(book -> {
                    Set<Hotkey> validators = new TreeSet<>(staked);
                    validators.addAll(book.accounts().keySet());
                    return validators.stream().map(validator -> row(ledger, book, validator, blocks));
                }));
    }

    private static @Nullable Object[] row(MinerLedger ledger, ClassBook book, Hotkey validator, BlockTable blocks) {
        Statement statement = Statement.of(book, validator, blocks.units(validator, ledger.miner()), blocks.newest());
        Account account = book.account(validator);
        return row(
                ledger.miner().value(),
                validator.value(),
                book.executorClass().name(),
                (long) book.executors(),
                (long) account.reserved().size(),
                (long) account.spent().size(),
                Amounts.seconds(statement.mintedNanos()),
                Amounts.seconds(statement.freeNanos()),
                Amounts.seconds(statement.reservedNanos()),
                Amounts.seconds(statement.spentNanos()),
                Amounts.seconds(statement.invalidatedNanos()),
                Amounts.seconds(statement.expiredNanos()));
    }

    private static Stream<@Nullable Object[]> reservations(ReplicaBooks books) {
        return books.shelf().ledgers().stream()
                .flatMap(ledger -> ledger.activeBookings().map(booking -> row(ledger, booking)));
    }

    private static @Nullable Object[] row(MinerLedger ledger, Booking booking) {
        long[] blocks = booking.blocks().toArray();
        return row(
                booking.id(),
                booking.job().value(),
                ledger.miner().value(),
                booking.validator().value(),
                booking.executorClass().name(),
                blocks.length == 0 ? null : (Long) blocks[0],
                (long) blocks.length,
                Amounts.seconds(booking.reservedNanos()),
                time(booking.deadlineMillis()));
    }

    private static @Nullable Object[] row(BlockRecord block) {
        return row(
                block.number(),
                time(block.timeMillis()),
                block.hash().orElse(null),
                block.finalised(),
                block.lengthMillis() / 1000.0,
                block.multiplier(),
                (long) block.validators().validators().size());
    }

    private static @Nullable Object[] row(Manifest manifest) {
        return row(manifest.miner().value(), manifest.executorClass().name(), manifest.block(), (long)
                manifest.executors());
    }

    private static @Nullable Object[] row(MinerIncident incident) {
        return row(
                time(incident.time()),
                incident.type().name(),
                incident.miner().value(),
                incident.job().value(),
                incident.executorClass().name());
    }

    private static @Nullable Object[] row(Receipt receipt) {
        Receipt.@Nullable Finished finished = receipt instanceof Receipt.Finished done ? done : null;
        return row(
                time(receipt.timestamp()),
                receipt.getClass().getSimpleName().toLowerCase(Locale.ROOT),
                receipt.job().value(),
                receipt.miner().value(),
                receipt.validator().value(),
                receipt instanceof Receipt.Started started
                        ? started.executorClass().name()
                        : null,
                finished == null ? null : (Double) finished.costSeconds(),
                finished == null ? null : (Long) (long) finished.blocks().size());
    }

    private static @Nullable Object[] row(SystemEvent event) {
        return row(
                time(event.time()),
                event.type().name(),
                event.fields().get(SystemEvent.MINER),
                event.fields().get(SystemEvent.JOB),
                event.message(),
                event.fields().entrySet().stream()
                        .map(field -> field.getKey() + "=" + field.getValue())
                        .collect(Collectors.joining(", ")));
    }

    private static Stream<@Nullable Object[]> parameters(ReplicaBooks books) {
        DynamicParameters inForce = records(books, RecordKind.PARAMETERS)
                .findAny()
                .orElse(ParameterBook.EMPTY)
                .inForce();
        return DynamicParameters.defaults().texts().entrySet().stream()
                .map(parameter ->
                        row(parameter.getKey(), inForce.texts().get(parameter.getKey()), parameter.getValue()));
    }

    private static @Nullable Object[] row(BlacklistEntry entry) {
        return row(
                entry.miner().value(),
                entry.reason().name(),
                entry.details(),
                time(entry.since()),
                entry.until().map(SqlTable::time).orElse(null));
    }

    private static @Nullable Object[] row(String name, LockBook lock) {
        LockBook.@Nullable Holder holder = lock.holder().orElse(null);
        return row(
                name,
                lock.token(),
                holder == null ? null : holder.owner(),
                holder == null ? null : holder.reason(),
                holder == null ? null : time(holder.sinceMillis()),
                holder == null ? null : time(holder.untilMillis()));
    }
}
