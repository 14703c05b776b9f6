package io.quartermaster.node.ledger;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.MinerAllowance;
import io.quartermaster.api.NotEnoughAllowance;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the miners with enough allowance, best first, for one validator.
 *
 * <p>The order of the miners does not depend on how much is asked for, so it is kept, for the classes and start blocks that
 * are asked for, and a call looks at a miner's books again only if they have changed since the last one. It costs a glance
 * at each miner, and work only for those that have changed. Safe for use by several threads; nothing waits.
 */
public final class AllowanceFinder {
    /** Callers ask for the newest block, and some for the one before; a few more are kept for those that look back. */
    private static final int ORDERS_KEPT = 32;

    private static final Comparator<Row> BEST_FIRST = Comparator.comparing(Row::standing);

    private final LedgerShelf shelf;
    private final Hotkey validator;
    private final Map<Question, Order> orders = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Order> eldest) {
            return size() > ORDERS_KEPT;
        }
    });

    /**
     * Makes a finder.
     *
     * @param shelf the ledgers to look at
     * @param validator whose allowance
     */
    public AllowanceFinder(LedgerShelf shelf, Hotkey validator) {
        this.shelf = shelf;
        this.validator = validator;
    }

    private record Question(ExecutorClass executorClass, long startBlock) {}

    /** A miner, as it stood with the given ledger. */
    private record Row(LedgerShelf.Slot slot, MinerLedger ledger, Standing standing, MinerAllowance allowance) {}

    /** All miners in order, as of the given blocks and list of miners. */
    private record Order(BlockTable blocks, List<Hotkey> miners, List<Row> rows) {}

    /**
     * Finds the miners with enough allowance.
     *
     * @param requiredNanos what is needed, above 0
     * @param executorClass the class of executors
     * @param startBlock the job's start block
     * @param blocks the blocks that are known
     * @param miners the miners to choose from; hand in the same list object while it is the same
     * @return at least one miner, best first
     * @throws NotEnoughAllowance if no miner has enough
     */
    public List<MinerAllowance> find(
            long requiredNanos, ExecutorClass executorClass, long startBlock, BlockTable blocks, List<Hotkey> miners) {
        List<Row> rows = order(new Question(executorClass, startBlock), blocks, miners).rows;
        List<MinerAllowance> found = new ArrayList<>(rows.size());
        for (Row row : rows) {
            if (row.standing.availableNanos() >= requiredNanos) {
                found.add(row.allowance);
            }
        }
        if (found.isEmpty()) {
            throw notEnough(rows, requiredNanos, executorClass, startBlock, blocks);
        }
        return found;
    }

    /**
     * What all miners together have, in the window of a job that starts at a block. In nanoseconds of executor time.
     *
     * @param availableNanos what is free and valid
     * @param totalNanos what is free, reserved or spent, and valid
     */
    public record Allowance(long availableNanos, long totalNanos) {}

    /**
     * Adds up what all miners have.
     *
     * @param executorClass the class of executors
     * @param startBlock the job's start block
     * @param blocks the blocks that are known
     * @param miners the miners; hand in the same list object while it is the same
     * @return the sums
     */
    public Allowance allowance(ExecutorClass executorClass, long startBlock, BlockTable blocks, List<Hotkey> miners) {
        long available = 0;
        long total = 0;
        for (Row row : order(new Question(executorClass, startBlock), blocks, miners).rows) {
            available += row.standing.availableNanos();
            total += row.standing.totalNanos();
        }
        return new Allowance(available, total);
    }

    // A table and a list of miners are replaced, never changed.
    @SuppressWarnings("ReferenceEquality")
    private Order order(Question question, BlockTable blocks, List<Hotkey> miners) {
        Order known = orders.get(question);
        if (known == null || known.blocks != blocks || known.miners != miners) {
            return keep(question, blocks, miners, sorted(question, blocks, miners));
        }
        List<Row> changed = changedRows(question, known);
        if (changed.isEmpty()) {
            return known;
        }
        return keep(question, blocks, miners, merged(known.rows, changed));
    }

    private Order keep(Question question, BlockTable blocks, List<Hotkey> miners, List<Row> rows) {
        Order order = new Order(blocks, miners, rows);
        orders.put(question, order);
        return order;
    }

    private List<Row> sorted(Question question, BlockTable blocks, List<Hotkey> miners) {
        return miners.stream()
                .map(miner -> row(question, shelf.slot(miner), blocks))
                .sorted(BEST_FIRST)
                .toList();
    }

    // Ledgers are immutable, so that a ledger is unchanged exactly if it is the same object.
    @SuppressWarnings("ReferenceEquality")
    private List<Row> changedRows(Question question, Order known) {
        List<Row> changed = List.of();
        for (Row row : known.rows) {
            if (row.slot.ledger() != row.ledger) {
                if (changed.isEmpty()) {
                    changed = new ArrayList<>();
                }
                changed.add(row(question, row.slot, known.blocks));
            }
        }
        return changed;
    }

    private Row row(Question question, LedgerShelf.Slot slot, BlockTable blocks) {
        MinerLedger ledger = slot.ledger();
        Standing standing = Standing.of(
                ledger.miner(),
                ledger.book(question.executorClass),
                validator,
                question.startBlock,
                blocks.units(validator, ledger.miner()));
        return new Row(
                slot,
                ledger,
                standing,
                new MinerAllowance(standing.miner(), Amounts.seconds(standing.availableNanos())));
    }

    /** Puts changed rows into their new places; the others keep their order. */
    private static List<Row> merged(List<Row> rows, List<Row> changed) {
        changed.sort(BEST_FIRST);
        Set<LedgerShelf.Slot> moving = new HashSet<>();
        changed.forEach(row -> moving.add(row.slot));
        List<Row> merged = new ArrayList<>(rows.size());
        int next = 0;
        for (Row row : rows) {
            if (moving.contains(row.slot)) {
                continue;
            }
            while (next < changed.size() && BEST_FIRST.compare(changed.get(next), row) < 0) {
                merged.add(changed.get(next++));
            }
            merged.add(row);
        }
        merged.addAll(changed.subList(next, changed.size()));
        return merged;
    }

    private NotEnoughAllowance notEnough(
            List<Row> rows, long requiredNanos, ExecutorClass executorClass, long startBlock, BlockTable blocks) {
        @Nullable Standing available = null;
        @Nullable Standing unspent = null;
        for (Row row : rows) {
            Standing standing = row.standing;
            if (standing.availableNanos() > (available == null ? 0 : available.availableNanos())) {
                available = standing;
            }
            if (standing.unspentNanos() > (unspent == null ? 0 : unspent.unspentNanos())) {
                unspent = standing;
            }
        }
        return new NotEnoughAllowance(
                executorClass,
                Amounts.seconds(requiredNanos),
                available == null ? 0 : Amounts.seconds(available.availableNanos()),
                Optional.ofNullable(available).map(Standing::miner),
                unspent == null ? 0 : Amounts.seconds(unspent.unspentNanos()),
                Optional.ofNullable(unspent).map(Standing::miner),
                new EnoughForecast(requiredNanos, executorClass, validator, startBlock, blocks)
                        .of(
                                rows.stream().map(Row::ledger).toList(),
                                rows.stream().map(Row::standing).toList()));
    }
}
