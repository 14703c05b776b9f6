package io.quartermaster.node.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.CallId;
import io.quartermaster.api.CannotSpend;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.api.SpendDetails;
import io.quartermaster.api.Triplet;
import io.quartermaster.node.chain.ReceiptJson;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.receipts.ReceiptSignatures;
import io.quartermaster.node.receipts.ReceiptSignatures.Flaw;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Spendings of many validators, good and bad ones, beside a slow and plain model that shares no code with the ledger. Every tenth
 * one is stated by a receipt, and every fourth of these is forged. The long form: {@code -Dquartermaster.spendings=1000000}.
 */
class ForeignSpendingTest {
    private static final int SPENDINGS = Integer.getInteger("quartermaster.spendings", 20_000);
    private static final int MINERS = Math.max(4, SPENDINGS / 5_000);
    private static final int VALIDATORS = 20;
    private static final int BLOCKS = 2_000;
    private static final long FIRST = 5_000;
    private static final int LOWER = 15;
    private static final int TOGETHER = 2_000;
    private static final KeyPair ROOT = KeyPair.ofSeed(new byte[32]);
    private static final List<ExecutorClass> CLASSES =
            List.of(new ExecutorClass("always_on.gpu-24gb"), new ExecutorClass("always_on.test"));

    private record Spending(Triplet triplet, String job, Instant time, List<Long> offered, double seconds) {}

    private record Said(
            boolean pays,
            double spendableSeconds,
            List<Long> spendable,
            List<Long> outsideRange,
            List<Long> alreadySpent,
            List<Long> invalidated) {}

    /** A subnet and its history: random, and as plain lists. */
    private static final class World {
        private final Random random = new Random(11);
        private final Map<Hotkey, KeyPair> keys = new HashMap<>();
        private final List<Hotkey> validators = new ArrayList<>();
        private final double[] stakes = new double[VALIDATORS];
        private final long[] times = new long[BLOCKS];
        private final Map<Hotkey, Map<ExecutorClass, TreeMap<Long, Integer>>> manifests = new HashMap<>();
        private final List<Hotkey> miners = new ArrayList<>();
        private final Map<Hotkey, MinerLedger> ledgers = new HashMap<>();
        private final BlockTable blocks;

        private World() {
            for (int i = 0; i < VALIDATORS; i++) {
                validators.add(key("validator " + i).hotkey());
                stakes[i] = 100 + random.nextInt(10_000);
            }
            for (int i = 0; i < MINERS; i++) {
                miners.add(key("miner " + i).hotkey());
            }
            times[0] = 1_700_000_000_000L;
            for (int i = 1; i < BLOCKS; i++) {
                times[i] = times[i - 1] + (random.nextInt(50) == 0 ? 13_000 : 11_800 + random.nextInt(500));
            }
            Set<Hotkey> neurons = new HashSet<>(miners);
            List<BlockRecord> records = new ArrayList<>();
            for (int i = 0; i < BLOCKS; i++) {
                BlockRecord seen = BlockRecord.seen(
                        FIRST + i, times[i], Optional.empty(), ValidatorStakes.of(validators, stakes), "all");
                records.add(i + 1 < BLOCKS ? seen.finalisedBy(times[i + 1], 1.0) : seen);
            }
            blocks = BlockTable.over(list -> neurons).with(records);
            miners.forEach(this::state);
        }

        private KeyPair key(String name) {
            KeyPair key = ROOT.derive(name);
            keys.put(key.hotkey(), key);
            return key;
        }

        private KeyPair key(Hotkey hotkey) {
            return Objects.requireNonNull(keys.get(hotkey));
        }

        private void state(Hotkey miner) {
            MinerLedger ledger = MinerLedger.unopened(miner);
            for (long block = FIRST; block < FIRST + BLOCKS; block += 1 + random.nextInt(400)) {
                Map<ExecutorClass, LedgerCommand.Claim> claims = new HashMap<>();
                for (ExecutorClass executorClass : CLASSES) {
                    int count = 2 + random.nextInt(6);
                    claims.put(executorClass, new LedgerCommand.Claim(count, count));
                    manifests
                            .computeIfAbsent(miner, key -> new HashMap<>())
                            .computeIfAbsent(executorClass, key -> new TreeMap<>())
                            .put(block, count);
                }
                LedgerCommand command = new LedgerCommand.State(
                        new CallId("state-" + block), 0, block, claims, BlockSet.EMPTY, 1 + miners.indexOf(miner));
                ledger = ledger.apply(LedgerRules.decide(ledger, command, blocks, 0));
            }
            ledgers.put(miner, ledger);
        }

        private NavigableMap<Long, Integer> history(Triplet triplet) {
            return Objects.requireNonNull(
                    Objects.requireNonNull(manifests.get(triplet.miner())).get(triplet.executorClass()));
        }

        private long jobBlock(Instant time) {
            int newest = 0;
            for (int i = 0; i < BLOCKS; i++) {
                newest = times[i] <= time.toEpochMilli() ? i : newest;
            }
            return FIRST + newest;
        }

        private double amount(Triplet triplet, long block) {
            int i = (int) (block - FIRST);
            if (i < 0 || i + 1 >= BLOCKS) {
                return 0;
            }
            double all = 0;
            for (double stake : stakes) {
                all += stake;
            }
            double length = (times[i + 1] - times[i]) / 1000.0;
            Map.Entry<Long, Integer> manifest = history(triplet).floorEntry(block);
            return (manifest == null ? 0 : manifest.getValue())
                    * stakes[validators.indexOf(triplet.validator())]
                    / all
                    * (length > 12.5 ? 12.0 : length);
        }

        private boolean invalidatedBy(Triplet triplet, long block, long jobBlock) {
            int before = 0;
            for (Map.Entry<Long, Integer> manifest : history(triplet).entrySet()) {
                if (manifest.getValue() < before && manifest.getKey() > block && manifest.getKey() <= jobBlock) {
                    return true;
                }
                before = manifest.getValue();
            }
            return false;
        }

        /** Good ones mostly; some name blocks too old, too new, twice, another job's, or fewer than the job cost. */
        private Spending spending(int number, List<Spending> before) {
            int kind = random.nextInt(10);
            if (kind == 0 && !before.isEmpty()) {
                return before.get(random.nextInt(before.size()));
            }
            Triplet triplet = new Triplet(
                    validators.get(random.nextInt(VALIDATORS)),
                    miners.get(random.nextInt(MINERS)),
                    CLASSES.get(random.nextInt(CLASSES.size())));
            int start = random.nextInt(BLOCKS - 1);
            Instant time = Instant.ofEpochMilli(times[start] + random.nextInt(11_000));
            List<Long> offered = new ArrayList<>();
            long from = FIRST + start - random.nextInt(722) - (kind == 1 ? 30 : 0);
            for (int i = 0; i < 1 + random.nextInt(8); i++) {
                offered.add(Math.max(0, from + (random.nextInt(20) == 0 ? random.nextInt(900) : i)));
            }
            if (kind == 2 && !before.isEmpty()) {
                Spending other = before.get(random.nextInt(before.size()));
                triplet = other.triplet();
                offered.addAll(other.offered());
            }
            if (kind == 3) {
                offered.add(FIRST + start + 1 + random.nextInt(3));
            }
            double sum = 0;
            for (long block : new LinkedHashSet<>(offered)) {
                sum += amount(triplet, block);
            }
            // As exact as a receipt states it.
            double seconds = Math.floor(sum * (0.3 + random.nextInt(8) / 10.0) * 1e6) / 1e6;
            return new Spending(triplet, "job-" + number, time, offered, seconds);
        }
    }

    /** Who has which block: the first who came. */
    private static final class Model {
        private final World world;
        private final Map<Triplet, Map<Long, String>> holders = new HashMap<>();

        private Model(World world) {
            this.world = world;
        }

        private Said judge(Spending spending) {
            Map<Long, String> held = holders.computeIfAbsent(spending.triplet(), key -> new HashMap<>());
            long jobBlock = world.jobBlock(spending.time());
            List<Long> spendable = new ArrayList<>();
            List<Long> outside = new ArrayList<>();
            List<Long> spent = new ArrayList<>();
            List<Long> invalid = new ArrayList<>();
            double sum = 0;
            for (long block : spending.offered()) {
                if (spendable.contains(block)
                        || outside.contains(block)
                        || spent.contains(block)
                        || invalid.contains(block)) {
                    continue;
                }
                String holder = held.get(block);
                if (block < jobBlock - 722 - LOWER || block > jobBlock) {
                    outside.add(block);
                } else if (holder != null && !holder.equals(spending.job())) {
                    spent.add(block);
                } else if (world.invalidatedBy(spending.triplet(), block, jobBlock)) {
                    invalid.add(block);
                } else {
                    spendable.add(block);
                    sum += world.amount(spending.triplet(), block);
                }
            }
            boolean pays = sum >= spending.seconds() - 1e-6;
            if (pays) {
                spendable.forEach(block -> held.put(block, spending.job()));
            }
            return new Said(pays, sum, spendable, outside, spent, invalid);
        }
    }

    private static void assertSame(Said expected, OfferedBlocks said, Spending spending) {
        boolean same = expected.pays() == said.pays()
                && expected.spendable().equals(said.spendable())
                && expected.outsideRange().equals(said.outsideRange())
                && expected.alreadySpent().equals(said.alreadySpent())
                && expected.invalidated().equals(said.invalidated())
                && Math.abs(expected.spendableSeconds() - said.details().spendableSeconds())
                        <= 1e-6 * Math.max(1, expected.spendableSeconds());
        assertThat(same)
                .as("%s: expected %s, said %s", spending, expected, said)
                .isTrue();
    }

    /** A receipt, and what is wrong with it. */
    private record Presented(SignedReceipt receipt, Optional<Flaw> flaw) {}

    private static Receipt.Finished receipt(Spending spending) {
        return new Receipt.Finished(
                new JobId(spending.job()),
                spending.triplet().miner(),
                spending.triplet().validator(),
                spending.time().plusSeconds(30),
                spending.time(),
                Duration.ofSeconds(30),
                spending.seconds(),
                spending.offered());
    }

    private static String signature(Receipt receipt, KeyPair key) {
        return "0x" + HexFormat.of().formatHex(key.sign(ReceiptJson.signedBytes(receipt)));
    }

    /** Signed as it should be; every fourth is forged, in as many ways as there are cases. */
    private static Presented presented(int number, Spending spending, World world) {
        KeyPair validator = world.key(spending.triplet().validator());
        KeyPair miner = world.key(spending.triplet().miner());
        Receipt.Finished stated = receipt(spending);
        SignedReceipt good = new SignedReceipt(stated, signature(stated, validator), signature(stated, miner));
        if (number % 4 != 0) {
            return new Presented(good, Optional.empty());
        }
        KeyPair stranger = world.key(world.validators.get(
                (world.validators.indexOf(validator.hotkey()) + 1 + number / 4 % (VALIDATORS - 1)) % VALIDATORS));
        Receipt.Finished dearer = new Receipt.Finished(
                stated.job(),
                stated.miner(),
                stated.validator(),
                stated.timestamp(),
                stated.timeStarted(),
                stated.timeTook(),
                stated.costSeconds() + 1,
                stated.blocks());
        List<Long> more = new ArrayList<>(stated.blocks());
        more.add(FIRST + number % BLOCKS);
        Receipt.Finished richer =
                receipt(new Spending(spending.triplet(), spending.job(), spending.time(), more, spending.seconds()));
        return switch (number / 4 % 6) {
            case 0 ->
                new Presented(
                        new SignedReceipt(stated, signature(stated, stranger), good.minerSignature()),
                        Optional.of(Flaw.VALIDATOR_SIGNATURE));
            case 1 ->
                new Presented(
                        new SignedReceipt(stated, good.validatorSignature(), signature(stated, stranger)),
                        Optional.of(Flaw.MINER_SIGNATURE));
            case 2 ->
                new Presented(
                        new SignedReceipt(dearer, good.validatorSignature(), signature(dearer, miner)),
                        Optional.of(Flaw.VALIDATOR_SIGNATURE));
            case 3 ->
                new Presented(
                        new SignedReceipt(richer, signature(richer, validator), good.minerSignature()),
                        Optional.of(Flaw.MINER_SIGNATURE));
            case 4 ->
                new Presented(
                        new SignedReceipt(stated, flipped(good.validatorSignature(), number), good.minerSignature()),
                        Optional.of(Flaw.VALIDATOR_SIGNATURE));
            default ->
                new Presented(
                        new SignedReceipt(stated, good.minerSignature(), good.validatorSignature()),
                        Optional.of(Flaw.VALIDATOR_SIGNATURE));
        };
    }

    /** One bit of it is another one. */
    private static String flipped(String signature, int number) {
        byte[] bytes = HexFormat.of().parseHex(signature, 2, signature.length());
        bytes[number / 24 % bytes.length] ^= (byte) (1 << number / 24 % 8);
        return "0x" + HexFormat.of().formatHex(bytes);
    }

    /** What is left of some spendings once those are out whose receipts are forged: what is wrong must be found. */
    private static List<Spending> withoutForged(int from, List<Spending> spendings, World world) {
        List<Integer> stated = IntStream.range(0, spendings.size())
                .filter(i -> (from + i) % 10 == 0)
                .boxed()
                .toList();
        List<Presented> presented = stated.parallelStream()
                .map(i -> presented((from + i) / 10, spendings.get(i), world))
                .toList();
        List<Optional<Flaw>> flaws = ReceiptSignatures.flaws(
                presented.stream().map(Presented::receipt).toList());
        List<Spending> left = new ArrayList<>(spendings);
        for (int i = presented.size() - 1; i >= 0; i--) {
            assertThat(flaws.get(i))
                    .as("%s", presented.get(i))
                    .isEqualTo(presented.get(i).flaw());
            if (flaws.get(i).isPresent()) {
                left.remove((int) stated.get(i));
            }
        }
        return left;
    }

    @Test
    void everyVerdictOfALedgerIsThatOfTheModelAndWhatIsForgedCostsNothing() {
        World world = new World();
        Model model = new Model(world);
        List<Spending> all = new ArrayList<>();
        int judged = 0;
        int paid = 0;
        for (int from = 0; from < SPENDINGS; from += TOGETHER) {
            List<Spending> some = new ArrayList<>();
            for (int i = from; i < Math.min(SPENDINGS, from + TOGETHER); i++) {
                some.add(world.spending(i, all));
                all.add(some.get(i - from));
            }
            for (Spending spending : withoutForged(from, some, world)) {
                MinerLedger ledger = Objects.requireNonNull(
                        world.ledgers.get(spending.triplet().miner()));
                LedgerDecision decision = LedgerRules.decide(
                        ledger, charge(judged, spending, world.blocks), world.blocks, judged, judged);
                OfferedBlocks said = ((LedgerOutcome.Charged) decision.outcome()).blocks();
                assertSame(model.judge(spending), said, spending);
                world.ledgers.put(ledger.miner(), ledger.apply(decision));
                judged++;
                paid += said.pays() ? 1 : 0;
            }
        }
        assertThat(SPENDINGS - judged).as("forged").isEqualTo(SPENDINGS / 40);
        assertThat(paid).isGreaterThan(SPENDINGS / 10);
        assertThat(judged - paid).isGreaterThan(SPENDINGS / 10);
    }

    private static LedgerCommand charge(int i, Spending spending, BlockTable blocks) {
        return new LedgerCommand.Charge(
                new CallId("call-" + i),
                i,
                spending.triplet().validator(),
                spending.triplet().executorClass(),
                new JobId(spending.job()),
                Amounts.nanos(spending.seconds()),
                spending.offered(),
                SpendingWindow.of(blocks, blocks.oldest(), blocks.newest() + 1, spending.time(), LOWER, 0));
    }

    @Test
    void everyVerdictOfTemporaryBooksIsThatOfTheModel() {
        World world = new World();
        Model model = new Model(world);
        TemporaryBooks books =
                TemporaryBooks.open(world.blocks, world.ledgers::get, FIRST + 1_052, FIRST + BLOCKS, LOWER, 0);
        for (int i = 0; i < SPENDINGS; i++) {
            Spending spending = world.spending(i, List.of());
            OfferedBlocks said =
                    books.judge(spending.triplet(), spending.time(), spending.offered(), spending.seconds());
            assertSame(model.judge(spending), said, spending);
        }
    }

    @Test
    void temporaryBooksKnowTheirBlocksOnly() {
        World world = new World();
        long start = FIRST + 1_500;
        TemporaryBooks books = TemporaryBooks.open(world.blocks, world.ledgers::get, start, start + 100, LOWER, 0);
        Triplet triplet = new Triplet(world.validators.get(0), world.miners.get(0), CLASSES.get(0));
        Instant oldest = Instant.ofEpochMilli(world.times[1_500 - 330 - 722]);
        Instant newest = Instant.ofEpochMilli(world.times[1_500 + 99]);

        assertThat(books.spend(triplet, oldest, List.of(start - 330 - 722), 0).spendable())
                .hasSize(1);
        assertThatThrownBy(() -> books.spend(triplet, oldest.minusMillis(1), List.of(), 0))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("block " + (start - 330 - 722));
        assertThat(books.spend(triplet, newest.minusMillis(1), List.of(), 0).spendable())
                .isEmpty();
        assertThatThrownBy(() -> books.spend(triplet, newest, List.of(), 0)).isInstanceOf(InvalidArgument.class);
        assertThatThrownBy(() -> TemporaryBooks.open(world.blocks, world.ledgers::get, 7, 7, LOWER, 0))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("endBlock");
        assertThatThrownBy(() -> TemporaryBooks.open(world.blocks, world.ledgers::get, 7, 8, LOWER, 0))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("known blocks: they are " + FIRST);
    }

    @Test
    void aRefusalNamesEveryBlockAndSpendsNothing() {
        World world = new World();
        TemporaryBooks books =
                TemporaryBooks.open(world.blocks, world.ledgers::get, FIRST + 1_052, FIRST + BLOCKS, LOWER, 0);
        Triplet triplet = new Triplet(world.validators.get(0), world.miners.get(0), CLASSES.get(0));
        Instant time = Instant.ofEpochMilli(world.times[1_900]);
        long block = FIRST + 1_900;
        double amount = world.amount(triplet, block);

        SpendDetails paid = books.spend(triplet, time, List.of(block), amount / 2);
        assertThatThrownBy(() -> books.spend(triplet, time, List.of(block, block - 1, block + 1, 3L), 9_999))
                .isInstanceOfSatisfying(CannotSpend.class, refusal -> {
                    assertThat(refusal.details().alreadySpent()).containsExactly(block);
                    assertThat(refusal.details().outsideRange()).containsExactly(block + 1, 3L);
                    assertThat(refusal.details().requiredSeconds()).isEqualTo(9_999);
                });
        SpendDetails again = books.spend(triplet, time, List.of(block - 1), 0);

        assertThat(paid.spendable()).containsExactly(block);
        assertThat(again.alreadySpent()).isEmpty();
    }
}
