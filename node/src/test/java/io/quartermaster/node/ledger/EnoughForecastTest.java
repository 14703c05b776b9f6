package io.quartermaster.node.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.quartermaster.api.AllowanceForecast;
import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.NotEnoughAllowance;
import io.quartermaster.node.ledger.LedgerCommand.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** A refusal foretells the block at which the same question is answered, if nothing else happens. */
class EnoughForecastTest {
    private static final ExecutorClass GPU = new ExecutorClass("gpu");
    private static final Hotkey OWN = new Hotkey("V");
    private static final long FIRST_BLOCK = 1000;

    private final LedgerShelf shelf = new LedgerShelf();
    private final AllowanceFinder finder = new AllowanceFinder(shelf, OWN);
    private final List<Hotkey> miners = new ArrayList<>();
    private BlockTable blocks = BlockTable.over(list -> Set.copyOf(miners));
    private int calls;

    private void mint(int many) {
        for (int i = 0; i < many; i++) {
            long number = blocks.isEmpty() ? FIRST_BLOCK : blocks.newest() + 1;
            ValidatorStakes stakes = ValidatorStakes.of(List.of(OWN, new Hotkey("W")), 1, 3);
            blocks = blocks.with(blocks.changesFor(
                    BlockRecord.seen(number, number * 12_000, Optional.empty(), stakes, "neurons"), 1));
        }
    }

    private void miner(String name, int executors) {
        Hotkey miner = new Hotkey(name);
        miners.add(miner);
        submit(
                miner,
                new LedgerCommand.State(
                        call(),
                        1,
                        FIRST_BLOCK,
                        Map.of(GPU, new Claim(executors, executors)),
                        BlockSet.EMPTY,
                        miners.size()));
    }

    private void reserve(String miner, double seconds) {
        LedgerOutcome outcome = submit(
                new Hotkey(miner),
                new LedgerCommand.Reserve(
                        call(),
                        1,
                        OWN,
                        GPU,
                        new JobId("job-" + calls),
                        Amounts.nanos(seconds),
                        blocks.newest(),
                        10_000_000,
                        Optional.empty()));
        assertThat(outcome).isInstanceOf(LedgerOutcome.Reserved.class);
    }

    private LedgerOutcome submit(Hotkey miner, LedgerCommand command) {
        LedgerDecision decision = LedgerRules.decide(shelf.newest(miner), command, blocks, 1);
        shelf.put(shelf.newest(miner).apply(decision));
        return decision.outcome();
    }

    private CallId call() {
        return new CallId("call-" + calls++);
    }

    private boolean enough(double seconds) {
        try {
            return !finder.find(Amounts.nanos(seconds), GPU, blocks.newest(), blocks, miners)
                    .isEmpty();
        } catch (NotEnoughAllowance refusal) {
            return false;
        }
    }

    private Optional<AllowanceForecast> forecast(double seconds) {
        return catchThrowableOfType(
                        NotEnoughAllowance.class,
                        () -> finder.find(Amounts.nanos(seconds), GPU, blocks.newest(), blocks, miners))
                .enough();
    }

    @Test
    void theMinerThatGainsMostHasEnoughFirst() {
        miner("anna", 1);
        miner("bert", 4);
        mint(11);

        // Ten blocks of 12 s have yielded a quarter of that for each executor: 120 s to bert, 12 s more with each
        // block.
        assertThat(forecast(200)).hasValueSatisfying(forecast -> {
            assertThat(forecast.miner()).isEqualTo(new Hotkey("bert"));
            assertThat(forecast.block()).isEqualTo(blocks.newest() + 7);
            assertThat(forecast.fromNow()).hasSeconds(7 * 12);
        });
    }

    @Test
    void whatIsReservedCountsAsGone() {
        miner("anna", 4);
        mint(11);
        reserve("anna", 60);

        assertThat(forecast(120))
                .hasValueSatisfying(forecast -> assertThat(forecast.block()).isEqualTo(blocks.newest() + 5));
    }

    @Test
    void moreThanAWholeWindowYieldsIsNeverThere() {
        miner("anna", 1);
        miner("bert", 0);
        mint(11);

        assertThat(forecast(723 * 3.0)).isEmpty();
        assertThat(forecast(722 * 3.0))
                .hasValueSatisfying(forecast -> assertThat(forecast.block()).isEqualTo(FIRST_BLOCK + 722));
    }

    @Test
    void nobodyWithExecutorsIsNobodyWhoWillHaveEnough() {
        mint(3);
        assertThat(forecast(1)).isEmpty();
    }

    /** Old blocks leave the window while new ones come: the forecast knows of both. */
    @Property(tries = 60)
    void theForetoldBlockIsTheFirstAtWhichThereIsEnough(
            @ForAll @IntRange(min = 1, max = 5) int executors,
            @ForAll @IntRange(min = 2, max = 760) int minted,
            @ForAll @IntRange(min = 0, max = 90) int partReserved,
            @ForAll @IntRange(min = 1, max = 3600) int seconds) {
        EnoughForecastTest world = new EnoughForecastTest();
        world.miner("anna", executors);
        world.mint(minted);
        double yielded = Math.min(minted - 1, 722) * 3.0 * executors;
        double reserved = Math.min(3600, yielded * partReserved / 100);
        if (reserved > 0) {
            world.reserve("anna", reserved);
        }
        if (world.enough(seconds)) {
            return;
        }
        Optional<AllowanceForecast> forecast = world.forecast(seconds);
        for (int more = 0; more < 723 && !world.enough(seconds); more++) {
            world.mint(1);
        }
        if (world.enough(seconds)) {
            assertThat(forecast.map(AllowanceForecast::block)).contains(world.blocks.newest());
        } else {
            assertThat(forecast).isEmpty();
        }
    }
}
