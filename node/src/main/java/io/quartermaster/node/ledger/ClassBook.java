package io.quartermaster.node.ledger;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import java.util.List;
import java.util.stream.Stream;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * A miner's executors of one class, and what validators have booked of them. Immutable.
 *
 * @param executorClass the class
 * @param stated the stored counts, by the block of the manifest that stated them; the last one is the newest
 * @param counted the counts that blocks yield by: as stated, except that a manifest never changes a block that was finalised
 *     before it came
 * @param drops the blocks at which a manifest stated less than the one before, ascending
 * @param accounts what each validator has booked
 * @param activeJobs the jobs that have an active reservation, with its id
 */
public record ClassBook(
        ExecutorClass executorClass,
        CountRuns stated,
        CountRuns counted,
        List<Long> drops,
        PMap<Hotkey, Account> accounts,
        PMap<JobId, Long> activeJobs) {

    /**
     * A book before the first manifest.
     *
     * @param executorClass the class
     * @return an empty book
     */
    static ClassBook open(ExecutorClass executorClass) {
        return new ClassBook(
                executorClass, CountRuns.NONE, CountRuns.NONE, List.of(), HashTreePMap.empty(), HashTreePMap.empty());
    }

    /**
     * How many executors the newest manifest states.
     *
     * @return at least 0
     */
    public int executors() {
        return stated.size() == 0 ? 0 : stated.count(stated.size() - 1);
    }

    /**
     * The block of the newest manifest.
     *
     * @return -1 before the first
     */
    public long manifestBlock() {
        return stated.size() == 0 ? -1 : stated.start(stated.size() - 1);
    }

    /**
     * What a validator has booked.
     *
     * @param validator its hotkey
     * @return an empty account if it has booked nothing
     */
    public Account account(Hotkey validator) {
        return accounts.getOrDefault(validator, Account.EMPTY);
    }

    /**
     * The first block that no drop has invalidated: a drop invalidates all blocks before it, for good.
     *
     * @return 0 if there was no drop
     */
    public long firstValidBlock() {
        return drops.isEmpty() ? 0 : drops.get(drops.size() - 1);
    }

    /**
     * The drop that invalidated a block: the earliest one after it.
     *
     * @param block the block's number
     * @return the drop's block; -1 if the block is valid
     */
    public long invalidatedAt(long block) {
        return drops.stream().filter(drop -> drop > block).findFirst().orElse(-1L);
    }

    /** The book after a manifest that was taken at {@code block}; {@code frozen} are the blocks from there on that are finalised. */
    ClassBook state(long block, int count, boolean drop, BlockSet frozen) {
        // A manifest that comes late counts only until the next one that is already known.
        CountRuns newCounted = counted.with(block, stated.nextStartAfter(block), count);
        for (long fixed : frozen.toArray()) {
            newCounted = newCounted.with(fixed, fixed + 1, counted.at(fixed));
        }
        return new ClassBook(
                executorClass,
                stated.withStart(block, count),
                newCounted,
                drop ? with(drops, block) : drops,
                accounts,
                activeJobs);
    }

    private static List<Long> with(List<Long> drops, long block) {
        return Stream.concat(drops.stream(), Stream.of(block))
                .sorted()
                .distinct()
                .toList();
    }

    ClassBook withAccount(Hotkey validator, Account account, PMap<JobId, Long> newActiveJobs) {
        return new ClassBook(
                executorClass,
                stated,
                counted,
                drops,
                account.isEmpty() ? accounts.minus(validator) : accounts.plus(validator, account),
                newActiveJobs);
    }

    /** The book without the blocks up to {@code last}. The newest manifest always stays. */
    ClassBook evict(long last) {
        PMap<Hotkey, Account> fewer = accounts;
        for (Hotkey validator : accounts.keySet()) {
            Account account = account(validator).evict(last);
            fewer = account.isEmpty() ? fewer.minus(validator) : fewer.plus(validator, account);
        }
        return new ClassBook(
                executorClass,
                stated.from(last + 1),
                counted.from(last + 1),
                drops.stream().filter(drop -> drop > last).toList(),
                fewer,
                activeJobs);
    }
}
