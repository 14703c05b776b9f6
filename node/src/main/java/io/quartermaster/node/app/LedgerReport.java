package io.quartermaster.node.app;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Reservation;
import io.quartermaster.node.ledger.Amounts;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.ledger.Statement;
import io.quartermaster.node.ledger.UnitSeries;
import java.util.Comparator;
import java.util.List;

/**
 * A miner's ledger for people: what became of its allowance, and who holds some now.
 *
 * @param miner the miner
 * @param number the grid's number for it
 * @param version how often its ledger has changed
 * @param current whether it is among the subnet's neurons at the newest block
 * @param classes its classes, in order
 * @param reservations the active reservations of this validator, by deadline
 */
public record LedgerReport(
        Hotkey miner,
        int number,
        long version,
        boolean current,
        List<ClassReport> classes,
        List<Reservation> reservations) {

    /**
     * One class. The parts add up to what was minted. In executor-seconds, over all blocks that are kept.
     *
     * @param executorClass the class
     * @param executors how many executors the newest manifest states
     * @param manifestBlock the block of that manifest
     * @param drops the blocks at which a manifest stated less than the one before
     * @param mintedSeconds all that the kept blocks have yielded
     * @param freeSeconds what a job that starts now could reserve
     * @param reservedSeconds what active reservations hold
     * @param spentSeconds what jobs have used up
     * @param invalidatedSeconds what drops have made invalid
     * @param expiredSeconds what has become too old
     */
    public record ClassReport(
            ExecutorClass executorClass,
            int executors,
            long manifestBlock,
            List<Long> drops,
            double mintedSeconds,
            double freeSeconds,
            double reservedSeconds,
            double spentSeconds,
            double invalidatedSeconds,
            double expiredSeconds) {}

    static LedgerReport of(MinerLedger ledger, Hotkey validator, BlockTable blocks, boolean current) {
        return new LedgerReport(
                ledger.miner(),
                ledger.number(),
                ledger.version(),
                current,
                ledger.classes().values().stream()
                        .sorted(Comparator.comparing(ClassBook::executorClass))
                        .map(book ->
                                classReport(book, validator, blocks.units(validator, ledger.miner()), blocks.newest()))
                        .toList(),
                ledger.activeBookings()
                        .filter(booking -> booking.validator().equals(validator))
                        .sorted(Comparator.comparingLong(Booking::deadlineMillis)
                                .thenComparing(Booking::id))
                        .map(booking -> GridAllowance.reservation(ledger.miner(), booking))
                        .toList());
    }

    private static ClassReport classReport(ClassBook book, Hotkey validator, UnitSeries units, long block) {
        Statement statement = Statement.of(book, validator, units, block);
        return new ClassReport(
                book.executorClass(),
                book.executors(),
                book.manifestBlock(),
                book.drops(),
                Amounts.seconds(statement.mintedNanos()),
                Amounts.seconds(statement.freeNanos()),
                Amounts.seconds(statement.reservedNanos()),
                Amounts.seconds(statement.spentNanos()),
                Amounts.seconds(statement.invalidatedNanos()),
                Amounts.seconds(statement.expiredNanos()));
    }
}
