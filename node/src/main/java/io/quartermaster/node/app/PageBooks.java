package io.quartermaster.node.app;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.collateral.CollateralBook;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.ledger.Amounts;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.ledger.Statement;
import io.quartermaster.node.ledger.UnitSeries;
import io.quartermaster.node.receipts.OngoingJobs;
import io.quartermaster.node.routing.DecisionLog;
import io.quartermaster.node.routing.Incidents;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a person wants to see of the books, read from this replica's own copies: nothing here asks another replica or changes
 * anything. Safe for use by several threads.
 */
public final class PageBooks {
    private final Grid grid;
    private final GridAllowance allowance;
    private final Hotkey validator;
    private final int self;
    private final int configured;
    private final Sources sources;

    /**
     * What else is read.
     *
     * @param decisions the newest routing decisions of this replica
     * @param incidents the miners' incidents
     * @param ongoing which jobs occupy executors
     * @param collateral the miners' collateral
     * @param parameters the parameters in force
     */
    record Sources(
            DecisionLog decisions,
            Incidents incidents,
            OngoingJobs ongoing,
            CollateralBook collateral,
            GridParameters parameters) {}

    PageBooks(Grid grid, GridAllowance allowance, Hotkey validator, int self, int configured, Sources sources) {
        this.grid = grid;
        this.allowance = allowance;
        this.validator = validator;
        this.self = self;
        this.configured = configured;
        this.sources = sources;
    }

    /**
     * A replica of the grid, as this one sees it.
     *
     * @param replica its id
     * @param self whether it is this one
     * @param present whether it is within reach
     * @param inView whether it decides about a part of the books in the view that this replica is in
     */
    public record Member(int replica, boolean self, boolean present, boolean inView) {}

    /**
     * The replicas of the grid.
     *
     * @return all that are configured, by id
     */
    public List<Member> members() {
        Set<Integer> present = grid.present();
        Set<Integer> deciders = grid.deciders();
        return IntStream.rangeClosed(1, configured)
                .mapToObj(id -> new Member(id, id == self, present.contains(id), deciders.contains(id)))
                .toList();
    }

    /**
     * The heat map of a class.
     *
     * @param executorClass the class
     * @param before an earlier one, of which is kept what has not changed
     * @return the map as of now
     */
    public HeatMap heatMap(ExecutorClass executorClass, Optional<HeatMap> before) {
        return HeatMap.of(executorClass, validator, grid.shelf().ledgers(), grid.blocks(), before);
    }

    /**
     * A miner's executors of one class, and how it does.
     *
     * @param miner the miner
     * @param current whether it is among the subnet's neurons at the newest block
     * @param executors how many executors its newest manifest states
     * @param busy how many of them are at work or reserved
     * @param incidents how many incidents of the class lie within the reliability window
     * @param reliability 0 is best: minus the incidents for each executor
     * @param collateralWei its collateral, in digits: a number in JSON may not hold it
     * @param freeSeconds executor-seconds that can be reserved now
     * @param reservedSeconds executor-seconds that active reservations hold
     * @param spentSeconds executor-seconds that jobs have used up
     */
    public record MinerRow(
            Hotkey miner,
            boolean current,
            int executors,
            int busy,
            int incidents,
            double reliability,
            String collateralWei,
            double freeSeconds,
            double reservedSeconds,
            double spentSeconds) {}

    /**
     * The miners of a heat map.
     *
     * @param map the map
     * @return a row for each of its rows
     */
    public List<MinerRow> miners(HeatMap map) {
        Instant now = Instant.ofEpochMilli(grid.nowMillis());
        Duration window = sources.parameters().current().routingReliabilityWindow();
        Instant since = now.minus(window);
        Set<Hotkey> current = allowance.neurons(grid.blocks()).byHotkey().keySet();
        return map.rows().stream()
                .map(row -> minerRow(row, map.executorClass(), current.contains(row.miner()), now, since))
                .toList();
    }

    private MinerRow minerRow(
            HeatMap.Row row, ExecutorClass executorClass, boolean current, Instant now, Instant since) {
        @Nullable ClassBook book = row.ledger().book(executorClass);
        int executors = book == null ? 0 : book.executors();
        int incidents = sources.incidents().count(row.miner(), executorClass, since);
        Statement statement = row.statement();
        return new MinerRow(
                row.miner(),
                current,
                executors,
                busy(row.miner(), book, now),
                incidents,
                incidents == 0 ? 0 : -(double) incidents / Math.max(1, executors),
                sources.collateral().wei(row.miner()).toString(),
                Amounts.seconds(statement.freeNanos()),
                Amounts.seconds(statement.reservedNanos()),
                Amounts.seconds(statement.spentNanos()));
    }

    /** As routing counts: jobs with a receipt and active reservations, each job once. */
    private int busy(Hotkey miner, @Nullable ClassBook book, Instant now) {
        if (book == null) {
            return 0;
        }
        Set<JobId> ongoing = sources.ongoing().ongoing(miner, book.executorClass(), now);
        if (book.activeJobs().isEmpty()) {
            return ongoing.size();
        }
        Set<JobId> busy = new HashSet<>(ongoing);
        busy.addAll(book.activeJobs().keySet());
        return busy.size();
    }

    /**
     * The active reservations of this validator.
     *
     * @return by deadline
     */
    public List<Reservation> reservations() {
        return grid.shelf().ledgers().stream()
                .flatMap(ledger -> ledger.activeBookings()
                        .filter(booking -> booking.validator().equals(validator))
                        .map(booking -> GridAllowance.reservation(ledger.miner(), booking)))
                .sorted(Comparator.comparing(Reservation::deadline).thenComparing(Reservation::id))
                .toList();
    }

    /**
     * The newest routing decisions of this replica.
     *
     * @param limit how many at most
     * @return newest first
     */
    public List<RoutingDecision> decisions(int limit) {
        return sources.decisions().newest(limit);
    }

    /**
     * What a block is to a miner's executors of a class.
     *
     * @param block the block's number
     * @param part what it is
     * @param amountSeconds what it yields, in executor-seconds
     * @param executors how many executors count for it
     * @param invalidatedAt the drop that invalidated it, where one did
     * @param booking who holds it or has spent it; a booking that has ended longest ago may be forgotten
     */
    public record Cell(
            long block,
            Statement.Part part,
            double amountSeconds,
            int executors,
            Optional<Long> invalidatedAt,
            Optional<CellBooking> booking) {}

    /**
     * A booking that holds a block.
     *
     * @param reservation the reservation's id, in digits
     * @param job the job
     * @param spent whether it is spent
     * @param deadline until when it can be spent
     */
    public record CellBooking(String reservation, JobId job, boolean spent, Instant deadline) {}

    /**
     * Looks at one cell of the heat map.
     *
     * @param miner the miner
     * @param executorClass the class
     * @param block the block's number
     * @return empty if no manifest of the miner has named the class
     */
    public Optional<Cell> cell(Hotkey miner, ExecutorClass executorClass, long block) {
        BlockTable blocks = grid.blocks();
        return grid.shelf().ledger(miner).flatMap(ledger -> {
            @Nullable ClassBook book = ledger.book(executorClass);
            return book == null
                    ? Optional.empty()
                    : Optional.of(cell(ledger, book, blocks.units(validator, miner), blocks.newest(), block));
        });
    }

    private Cell cell(MinerLedger ledger, ClassBook book, UnitSeries units, long newest, long block) {
        Statement.Part part = Statement.part(book, validator, units, newest, block);
        boolean booked = part == Statement.Part.RESERVED || part == Statement.Part.SPENT;
        return new Cell(
                block,
                part,
                Amounts.seconds(book.counted().at(block) * units.at(block)),
                book.counted().at(block),
                part == Statement.Part.INVALIDATED ? Optional.of(book.invalidatedAt(block)) : Optional.empty(),
                booked ? booking(ledger, book.executorClass(), block) : Optional.empty());
    }

    private Optional<CellBooking> booking(MinerLedger ledger, ExecutorClass executorClass, long block) {
        for (Booking booking : ledger.bookings().values()) {
            if (booking.executorClass().equals(executorClass)
                    && booking.validator().equals(validator)
                    && booking.blocks().contains(block)) {
                return Optional.of(new CellBooking(
                        Long.toString(booking.id()),
                        booking.job(),
                        booking.spent(),
                        Instant.ofEpochMilli(booking.deadlineMillis())));
            }
        }
        return Optional.empty();
    }
}
