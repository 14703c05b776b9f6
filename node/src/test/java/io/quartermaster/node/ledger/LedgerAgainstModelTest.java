package io.quartermaster.node.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.MinerAllowance;
import io.quartermaster.api.NotEnoughAllowance;
import io.quartermaster.node.ledger.BruteForceModel.Found;
import io.quartermaster.node.ledger.BruteForceModel.Hold;
import io.quartermaster.node.ledger.BruteForceModel.Sighting;
import io.quartermaster.node.ledger.LedgerCommand.Claim;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Random histories, through the ledger and through a brute-force model of the same rules: blocks in any order, twice and with
 * gaps; manifests and drops in any order relative to blocks; miners that come and go; reservations that are spent, undone and
 * expire. After each step both must tell the same, and the laws of the books must hold.
 */
class LedgerAgainstModelTest {
    private static final List<ExecutorClass> CLASSES = List.of(new ExecutorClass("gpu"), new ExecutorClass("cpu"));
    private static final List<Hotkey> MINERS = List.of(new Hotkey("A"), new Hotkey("B"), new Hotkey("C"));
    private static final Hotkey OWN = new Hotkey("V");
    private static final Hotkey OTHER = new Hotkey("W");
    private static final long FIRST_BLOCK = 1000;

    @Property(tries = 250)
    void theLedgerTellsWhatTheModelTells(@ForAll long seed) {
        World world = new World(seed);
        for (int step = 0; step < 120; step++) {
            world.step();
            world.check();
        }
    }

    /** Both sides, and what happens to them. */
    private static final class World {
        private final Random random;
        private final BruteForceModel model = new BruteForceModel(CLASSES, OWN);
        private final LedgerShelf shelf = new LedgerShelf();
        private final AllowanceFinder finder = new AllowanceFinder(shelf, OWN);
        private final Map<Hotkey, MinerLedger> ledgers = new HashMap<>();
        private final Map<String, Set<Hotkey>> neuronLists = new HashMap<>();
        private final List<Long> lengthsMillis = new ArrayList<>();
        private final Map<Long, Map<Hotkey, Map<ExecutorClass, Long>>> firstAmounts = new HashMap<>();
        private BlockTable blocks = BlockTable.over(list -> neuronLists.getOrDefault(list, Set.of()));
        private long nowMillis = 10_000_000;
        private int jobs;
        private int calls;

        World(long seed) {
            random = new Random(seed);
            for (int i = 0; i < 900; i++) {
                lengthsMillis.add(
                        random.nextInt(10) == 0 ? 12_501L + random.nextInt(90_000) : 11_000L + random.nextInt(1_500));
            }
        }

        void step() {
            switch (random.nextInt(9)) {
                case 0, 1, 2 -> blocks();
                case 3 -> manifest();
                case 4, 5 -> reserve();
                case 6 -> settle();
                case 7 -> extend();
                default -> passTime();
            }
        }

        private long timeMillis(long block) {
            long time = FIRST_BLOCK * 12_000;
            for (long before = FIRST_BLOCK; before < block; before++) {
                time += lengthsMillis.get((int) (before - FIRST_BLOCK));
            }
            return time;
        }

        /** A few blocks, somewhere: some are known, some leave gaps, and at times the chain is far ahead. */
        private void blocks() {
            long at = FIRST_BLOCK + random.nextInt(random.nextInt(5) == 0 ? 860 : 40);
            for (int i = random.nextInt(12); i >= 0; i--) {
                long block = at + i;
                Random ofBlock = new Random(block * 31);
                Map<Hotkey, Double> stakes = new HashMap<>(Map.of(OTHER, 1.0 + ofBlock.nextInt(5)));
                if (ofBlock.nextInt(12) != 0) {
                    stakes.put(OWN, (double) ofBlock.nextInt(4));
                }
                Set<Hotkey> neurons = new HashSet<>(MINERS);
                if (ofBlock.nextInt(4) == 0) {
                    neurons.remove(MINERS.get(ofBlock.nextInt(MINERS.size())));
                }
                String list = "list-" + new TreeSet<>(neurons);
                neuronLists.put(list, neurons);
                List<Hotkey> validators = stakes.keySet().stream().sorted().toList();
                BlockRecord seen = BlockRecord.seen(
                        block,
                        timeMillis(block),
                        Optional.empty(),
                        ValidatorStakes.of(
                                validators,
                                validators.stream().mapToDouble(stakes::get).toArray()),
                        list);
                blocks = blocks.with(blocks.changesFor(seen, 1));
                model.block(block, new Sighting(timeMillis(block) / 1000.0, stakes, neurons));
            }
        }

        private void manifest() {
            Hotkey miner = MINERS.get(random.nextInt(MINERS.size()));
            long block = FIRST_BLOCK - 5 + random.nextInt(random.nextInt(3) == 0 ? 870 : 50);
            Map<ExecutorClass, Integer> counts = new HashMap<>();
            Map<ExecutorClass, Claim> claims = new HashMap<>();
            for (ExecutorClass executorClass : CLASSES) {
                int count = random.nextInt(4);
                counts.put(executorClass, count);
                claims.put(executorClass, new Claim(count, count));
            }
            model.manifest(miner, block, counts);
            submit(
                    miner,
                    new LedgerCommand.State(
                            call(),
                            nowMillis,
                            block,
                            claims,
                            BlockSet.of(blocks.finalisedFrom(block)),
                            1 + MINERS.indexOf(miner)));
        }

        private void reserve() {
            Hotkey miner = MINERS.get(random.nextInt(MINERS.size()));
            ExecutorClass executorClass = CLASSES.get(random.nextInt(CLASSES.size()));
            long start = FIRST_BLOCK + random.nextInt(870);
            double seconds = (1 + random.nextInt(400)) / 10.0;
            String job = "job-" + jobs++;
            model.passTo(nowMillis / 1000.0);
            List<Long> expected = model.take(miner, executorClass, seconds, start);
            LedgerOutcome outcome = submit(
                    miner,
                    new LedgerCommand.Reserve(
                            call(),
                            nowMillis,
                            OWN,
                            executorClass,
                            new JobId(job),
                            Amounts.nanos(seconds),
                            start,
                            Math.round(seconds * 1000) + 100_000,
                            Optional.empty()));
            if (expected == null) {
                assertThat(outcome).isInstanceOf(LedgerOutcome.NotEnough.class);
                assertThat(Amounts.seconds(((LedgerOutcome.NotEnough) outcome).availableNanos()))
                        .isCloseTo(model.find(miner, executorClass, start).available(), within(1e-6));
                return;
            }
            assertThat(outcome).isInstanceOf(LedgerOutcome.Reserved.class);
            Booking booking = ((LedgerOutcome.Reserved) outcome).booking();
            assertThat(Arrays.stream(booking.blocks().toArray()).boxed().toList())
                    .isEqualTo(expected);
            model.held.put(
                    booking.id(), new Hold(miner, executorClass, job, expected, booking.deadlineMillis() / 1000.0));
        }

        private void settle() {
            model.passTo(nowMillis / 1000.0);
            List<Long> ids = new ArrayList<>(model.held.keySet());
            ids.addAll(model.spent.keySet());
            if (ids.isEmpty()) {
                return;
            }
            long id = ids.get(random.nextInt(ids.size()));
            boolean spend = random.nextBoolean();
            Hold hold = model.held.get(id);
            Hotkey miner = (hold != null ? hold : Objects.requireNonNull(model.spent.get(id))).miner();
            LedgerOutcome outcome = submit(
                    miner,
                    spend
                            ? new LedgerCommand.Spend(call(), nowMillis, id)
                            : new LedgerCommand.Undo(call(), nowMillis, id));
            if (hold == null) {
                assertThat(outcome).isEqualTo(new LedgerOutcome.AlreadySpent(id));
            } else if (spend) {
                assertThat(outcome).isEqualTo(new LedgerOutcome.Spent(id));
                model.spent.put(id, hold);
            } else {
                assertThat(outcome).isEqualTo(new LedgerOutcome.Undone(id));
            }
            model.held.remove(id);
        }

        private void extend() {
            model.passTo(nowMillis / 1000.0);
            if (model.held.isEmpty()) {
                return;
            }
            List<Long> ids = new ArrayList<>(model.held.keySet());
            long id = ids.get(random.nextInt(ids.size()));
            Hold hold = Objects.requireNonNull(model.held.get(id));
            long ttlMillis = 1L + random.nextInt(200_000);
            LedgerOutcome outcome = submit(hold.miner(), new LedgerCommand.Extend(call(), nowMillis, id, ttlMillis));
            double deadline = Math.max(hold.deadlineSeconds(), (nowMillis + ttlMillis) / 1000.0);
            assertThat(outcome).isInstanceOf(LedgerOutcome.Extended.class);
            assertThat(((LedgerOutcome.Extended) outcome).booking().deadlineMillis() / 1000.0)
                    .isEqualTo(deadline);
            model.held.put(id, new Hold(hold.miner(), hold.executorClass(), hold.job(), hold.blocks(), deadline));
        }

        private void passTime() {
            nowMillis += random.nextInt(40_000);
            for (Hotkey miner : MINERS) {
                submit(miner, new LedgerCommand.Expire(call(), nowMillis));
            }
            model.passTo(nowMillis / 1000.0);
        }

        private LedgerOutcome submit(Hotkey miner, LedgerCommand command) {
            MinerLedger before = ledgers.getOrDefault(miner, MinerLedger.unopened(miner));
            LedgerDecision decision = LedgerRules.decide(before, command, blocks, nowMillis);
            assertThat(LedgerRules.decide(before, command, blocks, nowMillis)).isEqualTo(decision);
            MinerLedger after = before.apply(decision);
            assertThat(before.apply(decision)).isEqualTo(after);
            // The same call once more: the same answer, and nothing changes.
            LedgerDecision again = LedgerRules.decide(after, command, blocks, nowMillis);
            if (after.number() != 0 && !(decision.outcome() instanceof LedgerOutcome.Done)) {
                assertThat(again.outcome()).isEqualTo(decision.outcome());
                assertThat(after.apply(again)).isEqualTo(after);
            }
            ledgers.put(miner, after);
            shelf.put(after);
            return decision.outcome();
        }

        private CallId call() {
            return new CallId("call-" + calls++);
        }

        void check() {
            if (blocks.isEmpty()) {
                return;
            }
            for (Hotkey miner : MINERS) {
                MinerLedger ledger = ledgers.get(miner);
                if (ledger != null) {
                    ledger.classes().values().forEach(book -> checkBook(ledger, book));
                }
            }
            checkFind();
        }

        private void checkBook(MinerLedger ledger, ClassBook book) {
            UnitSeries units = blocks.units(OWN, ledger.miner());
            Statement statement = Statement.of(book, OWN, units, blocks.newest());
            assertThat(statement.freeNanos()
                            + statement.reservedNanos()
                            + statement.spentNanos()
                            + statement.invalidatedNanos()
                            + statement.expiredNanos())
                    .isEqualTo(statement.mintedNanos());
            assertThat(Amounts.seconds(statement.mintedNanos()))
                    .isCloseTo(model.minted(ledger.miner(), book.executorClass()), within(1e-5));
            assertThat(Amounts.seconds(statement.spentNanos()))
                    .isCloseTo(model.sum(model.spent, ledger.miner(), book.executorClass()), within(1e-5));
            theRowSaysOfEachBlockWhatItIs(book, units);
            noBlockIsBookedTwice(ledger, book);
            whatABlockYieldsNeverChanges(ledger, book, units);
        }

        private void theRowSaysOfEachBlockWhatItIs(ClassBook book, UnitSeries units) {
            byte[] parts = Statement.parts(book, OWN, units, blocks.newest());
            for (int i = 0; i < parts.length; i++) {
                assertThat(parts[i])
                        .isEqualTo(Statement.part(book, OWN, units, blocks.newest(), units.first() + i)
                                .code());
            }
        }

        private void noBlockIsBookedTwice(MinerLedger ledger, ClassBook book) {
            Set<Long> booked = new HashSet<>();
            ledger.bookings().values().stream()
                    .filter(booking -> booking.executorClass().equals(book.executorClass()))
                    .flatMap(
                            booking -> Arrays.stream(booking.blocks().toArray()).boxed())
                    .forEach(block -> assertThat(booked.add(block)).isTrue());
            Account account = book.account(OWN);
            assertThat(account.reserved().size() + account.spent().size()).isEqualTo(booked.size());
        }

        private void whatABlockYieldsNeverChanges(MinerLedger ledger, ClassBook book, UnitSeries units) {
            for (long block : blocks.finalisedFrom(FIRST_BLOCK)) {
                long amount = book.counted().at(block) * units.at(block);
                long first = firstAmounts
                        .computeIfAbsent(block, key -> new HashMap<>())
                        .computeIfAbsent(ledger.miner(), key -> new HashMap<>())
                        .computeIfAbsent(book.executorClass(), key -> amount);
                assertThat(amount).isEqualTo(first);
            }
        }

        private void checkFind() {
            ExecutorClass executorClass = CLASSES.get(random.nextInt(CLASSES.size()));
            long start = FIRST_BLOCK + random.nextInt(900);
            double seconds = 1 + random.nextInt(60);
            model.passTo(nowMillis / 1000.0);
            for (Hotkey miner : MINERS) {
                submit(miner, new LedgerCommand.Expire(call(), nowMillis));
            }
            List<Found> expected = model.findAll(MINERS, executorClass, seconds, start);
            try {
                List<MinerAllowance> found = finder.find(Amounts.nanos(seconds), executorClass, start, blocks, MINERS);
                assertThat(found.stream().map(MinerAllowance::miner))
                        .isEqualTo(expected.stream().map(Found::miner).toList());
                for (int i = 0; i < found.size(); i++) {
                    assertThat(found.get(i).availableSeconds())
                            .isCloseTo(expected.get(i).available(), within(1e-6));
                }
                assertThat(new AllowanceFinder(shelf, OWN)
                                .find(Amounts.nanos(seconds), executorClass, start, blocks, MINERS))
                        .isEqualTo(found);
            } catch (NotEnoughAllowance notEnough) {
                assertThat(expected).isEmpty();
                double highest = MINERS.stream()
                        .mapToDouble(
                                miner -> model.find(miner, executorClass, start).available())
                        .max()
                        .orElse(0);
                assertThat(notEnough.highestAvailableSeconds()).isCloseTo(highest, within(1e-6));
            }
        }
    }
}
