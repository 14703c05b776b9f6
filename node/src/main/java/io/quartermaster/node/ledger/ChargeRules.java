package io.quartermaster.node.ledger;

import io.quartermaster.api.JobId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a ledger judges the blocks of a receipt. Whoever comes first has a block, since a block can't be in two bookings: of two
 * jobs that name the same one, the second is refused, in whichever order they come.
 */
final class ChargeRules {
    private ChargeRules() {}

    static LedgerOutcome charge(
            MinerLedger ledger,
            LedgerCommand.Charge command,
            BlockTable blocks,
            long nowMillis,
            List<LedgerDecision.Change> changes) {
        ClassBook book = ledger.book(command.executorClass());
        Account account = book == null ? Account.EMPTY : book.account(command.validator());
        UnitSeries units = blocks.units(command.validator(), ledger.miner());
        List<Booking> others = new ArrayList<>();
        BlockSet held = BlockSet.EMPTY;
        // Bookings are many, and the blocks of most receipts are in none.
        if (command.offered().stream().anyMatch(block -> block >= 0 && account.booked(block))) {
            for (Booking booking : ledger.bookings().values()) {
                boolean sameTriplet = booking.validator().equals(command.validator())
                        && booking.executorClass().equals(command.executorClass());
                if (sameTriplet && booking.job().equals(command.job())) {
                    held = held.with(booking.blocks().toArray());
                } else if (sameTriplet) {
                    others.add(booking);
                }
            }
        }
        BlockSet own = held;
        OfferedBlocks sorted = OfferedBlocks.sort(
                command.offered(), command.requiredNanos(), command.window(), new OfferedBlocks.Books() {
                    @Override
                    public boolean taken(long block) {
                        return account.booked(block) && !own.contains(block);
                    }

                    @Override
                    public boolean held(long block) {
                        return own.contains(block);
                    }

                    @Override
                    public long invalidatedAt(long block) {
                        return book == null ? -1 : book.invalidatedAt(block);
                    }

                    @Override
                    public long nanos(long block) {
                        return book == null ? 0 : book.counted().at(block) * units.at(block);
                    }
                });
        long[] more = sorted.spendable().stream()
                .filter(block -> !own.contains(block))
                .mapToLong(Long::longValue)
                .toArray();
        // A class that no manifest has named yields nothing, and there is nothing to spend of it.
        if (sorted.pays() && more.length > 0 && book != null) {
            Booking booking = Booking.made(
                    ledger.nextReservationId(),
                    command.job(),
                    command.validator(),
                    command.executorClass(),
                    BlockSet.of(more),
                    command.requiredNanos(),
                    sorted.spendableNanos(),
                    nowMillis);
            changes.add(new LedgerDecision.Charged(booking.spend(command.call())));
        }
        return new LedgerOutcome.Charged(sorted, holders(others, sorted.alreadySpent()));
    }

    private static Set<JobId> holders(List<Booking> bookings, List<Long> blocks) {
        return bookings.stream()
                .filter(booking -> blocks.stream().anyMatch(booking.blocks()::contains))
                .map(Booking::job)
                .collect(Collectors.toSet());
    }
}
