package io.quartermaster.ops.bench;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.MinerAllowance;
import io.quartermaster.node.ledger.AllowanceFinder;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockSet;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerCommand.Claim;
import io.quartermaster.node.ledger.LedgerDecision;
import io.quartermaster.node.ledger.LedgerRules;
import io.quartermaster.node.ledger.LedgerShelf;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.ledger.ValidatorStakes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** The pure core alone: 256 miners, 2,166 blocks, no grid. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class LedgerBenchmark {
    private static final ExecutorClass GPU = new ExecutorClass("gpu");
    private static final Hotkey OWN = new Hotkey("V");
    private static final int BLOCKS = 2_166;
    private static final int MINERS = 256;

    private final LedgerShelf shelf = new LedgerShelf();
    private final AllowanceFinder finder = new AllowanceFinder(shelf, OWN);
    private final List<Hotkey> miners =
            IntStream.range(0, MINERS).mapToObj(i -> new Hotkey("M" + i)).toList();
    private final List<MinerLedger> ledgers = new ArrayList<>();
    private BlockTable blocks = BlockTable.over(list -> Set.of());
    private int calls;

    /**
     * Runs all of them, in a process of their own.
     *
     * @throws RunnerException if they can't be run
     */
    public static void run() throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(LedgerBenchmark.class.getSimpleName())
                        .build())
                .run();
    }

    /** Fills the table and the ledgers. */
    @Setup
    public void fill() {
        Set<Hotkey> neurons = miners.stream().collect(Collectors.toSet());
        blocks = BlockTable.over(list -> neurons);
        for (long block = 1; block <= BLOCKS; block++) {
            blocks = blocks.with(blocks.changesFor(
                    BlockRecord.seen(
                            block, block * 12_000, Optional.empty(), ValidatorStakes.of(List.of(OWN), 1), "list"),
                    1));
        }
        for (int i = 0; i < MINERS; i++) {
            MinerLedger opened = MinerLedger.unopened(miners.get(i));
            ledgers.add(opened.apply(LedgerRules.decide(
                    opened,
                    new LedgerCommand.State(
                            call(), nowMillis(), 1, Map.of(GPU, new Claim(3, 3)), BlockSet.EMPTY, i + 1),
                    blocks,
                    nowMillis())));
            shelf.put(ledgers.get(i));
        }
    }

    /**
     * Reserves for a minute and undoes it: two commands, decided and applied.
     *
     * @return the ledger
     */
    @Benchmark
    public MinerLedger reserveAndUndo() {
        MinerLedger reserved = reserve(ledgers.get(0));
        long id = reserved.deadlines().firstEntry().getValue();
        return decided(reserved, new LedgerCommand.Undo(call(), nowMillis(), id));
    }

    /**
     * Finds among 256 miners of which one has changed.
     *
     * @return the miners
     */
    @Benchmark
    public List<MinerAllowance> findAfterOneChange() {
        int miner = calls % MINERS;
        MinerLedger reserved = reserve(ledgers.get(miner));
        long id = reserved.deadlines().firstEntry().getValue();
        ledgers.set(miner, decided(reserved, new LedgerCommand.Undo(call(), nowMillis(), id)));
        shelf.put(ledgers.get(miner));
        return finder.find(60_000_000_000L, GPU, BLOCKS, blocks, miners);
    }

    private MinerLedger reserve(MinerLedger ledger) {
        return decided(
                ledger,
                new LedgerCommand.Reserve(
                        call(),
                        nowMillis(),
                        OWN,
                        GPU,
                        new JobId("job"),
                        60_000_000_000L,
                        BLOCKS,
                        160_000,
                        Optional.of(Set.of())));
    }

    private MinerLedger decided(MinerLedger ledger, LedgerCommand command) {
        LedgerDecision decision = LedgerRules.decide(ledger, command, blocks, nowMillis());
        return ledger.apply(decision);
    }

    /** Twenty calls a millisecond, so that old answers are forgotten as they are in life. */
    private long nowMillis() {
        return calls / 20;
    }

    private CallId call() {
        return new CallId("call-" + calls++);
    }
}
