package io.quartermaster.node.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.node.ledger.Amounts;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockSet;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerCommand.Claim;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.LedgerRules;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.ledger.Statement;
import io.quartermaster.node.ledger.ValidatorStakes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What a reader of the bytes sees is what the books say, whether it reads the whole or what has changed. */
class HeatMapTest {
    private static final ExecutorClass GPU = new ExecutorClass("gpu");
    private static final ExecutorClass CPU = new ExecutorClass("cpu");
    private static final Hotkey VALIDATOR = new Hotkey("V");
    private static final List<Hotkey> MINERS =
            List.of(new Hotkey("A"), new Hotkey("B"), new Hotkey("C"), new Hotkey("D"));
    private static final long FIRST_BLOCK = 5_000;

    @Property(tries = 60)
    void changesMakeTheNextMapOfTheOneBefore(@ForAll long seed) {
        World world = new World(seed);
        HeatMap map = world.map(Optional.empty());
        Reader reader = new Reader(map.bytes(1));
        for (int generation = 1; generation < 40; generation++) {
            world.step();
            HeatMap next = world.map(Optional.of(map));
            Optional<byte[]> changes = next.changesFrom(map, generation, generation + 1);
            if (changes.isPresent()) {
                reader.apply(changes.get());
            } else {
                reader = new Reader(next.bytes(generation + 1));
            }
            map = next;
            world.expectShown(reader);
            assertThat(new Reader(map.bytes(7)).rows).isEqualTo(reader.rows);
        }
    }

    @Test
    void withoutBlocksThereIsNothingToShow() {
        HeatMap map = HeatMap.of(GPU, VALIDATOR, List.of(), BlockTable.over(list -> Set.of()), Optional.empty());
        assertThat(new Reader(map.bytes(1)).rows).isEmpty();
    }

    @Test
    void oneMoreBlockOfManyMinersIsToldInAFewBytes() {
        World world = new World(1);
        List<MinerLedger> ledgers = new ArrayList<>();
        world.blocks(FIRST_BLOCK, 800);
        for (int i = 0; i < 1_000; i++) {
            Hotkey miner = new Hotkey("miner-" + i);
            world.neurons.add(miner);
            MinerLedger ledger = MinerLedger.unopened(miner);
            ledgers.add(ledger.apply(LedgerRules.decide(
                    ledger,
                    new LedgerCommand.State(
                            world.call(), 0, FIRST_BLOCK, Map.of(GPU, new Claim(2, 2)), BlockSet.EMPTY, i + 1),
                    world.blocks,
                    0)));
        }
        world.blocks = world.blocks.afresh();
        HeatMap before = HeatMap.of(GPU, VALIDATOR, ledgers, world.blocks, Optional.empty());
        world.blocks(FIRST_BLOCK + 800, 1);
        HeatMap after = HeatMap.of(GPU, VALIDATOR, ledgers, world.blocks, Optional.of(before));
        byte[] changes = after.changesFrom(before, 1, 2).orElseThrow();
        assertThat(changes).hasSizeLessThan(40);
        Reader reader = new Reader(before.bytes(1));
        reader.apply(changes);
        assertThat(reader.rows).isEqualTo(new Reader(after.bytes(2)).rows);
    }

    /** Ledgers to which things happen. */
    private static final class World {
        private final Random random;
        private final Map<Hotkey, MinerLedger> ledgers = new LinkedHashMap<>();
        private final Set<Hotkey> neurons = new HashSet<>(MINERS);
        private final List<Long> reservations = new ArrayList<>();
        private BlockTable blocks = BlockTable.over(list -> list.equals("all") ? neurons() : Set.of());
        private int calls;

        private World(long seed) {
            random = new Random(seed);
        }

        private Set<Hotkey> neurons() {
            return neurons;
        }

        private CallId call() {
            return new CallId("call-" + calls++);
        }

        private HeatMap map(Optional<HeatMap> before) {
            return HeatMap.of(GPU, VALIDATOR, ledgers.values(), blocks, before);
        }

        private void step() {
            switch (random.nextInt(5)) {
                case 0 ->
                    blocks(
                            blocks.isEmpty() ? FIRST_BLOCK : blocks.newest() + 1 + random.nextInt(3),
                            1 + random.nextInt(500));
                case 1 -> blocks(Math.max(0, (blocks.isEmpty() ? FIRST_BLOCK : blocks.oldest()) - 20), 20);
                case 2 -> state();
                case 3 -> reserve();
                default -> settle();
            }
        }

        private void blocks(long from, int many) {
            for (long block = from; block < from + many; block++) {
                String list = block % 97 == 0 ? "none" : "all";
                BlockRecord seen = BlockRecord.seen(
                        block,
                        block * 12_000,
                        Optional.empty(),
                        ValidatorStakes.of(List.of(VALIDATOR), new double[] {block % 53 == 0 ? 0 : 10}),
                        list);
                blocks = blocks.with(blocks.changesFor(seen, 1));
            }
        }

        private void state() {
            Hotkey miner = MINERS.get(random.nextInt(MINERS.size()));
            int count = random.nextInt(3);
            long block = Math.max(0, blocks.newest() - random.nextInt(300));
            submit(
                    miner,
                    new LedgerCommand.State(
                            call(),
                            0,
                            block,
                            Map.of(random.nextInt(6) == 0 ? CPU : GPU, new Claim(count, count)),
                            BlockSet.of(blocks.finalisedFrom(block)),
                            1 + MINERS.indexOf(miner)));
        }

        private void reserve() {
            if (blocks.isEmpty()) {
                return;
            }
            Hotkey miner = MINERS.get(random.nextInt(MINERS.size()));
            LedgerOutcome outcome = submit(
                    miner,
                    new LedgerCommand.Reserve(
                            call(),
                            0,
                            VALIDATOR,
                            GPU,
                            new JobId("job-" + calls),
                            Amounts.nanos(1 + random.nextInt(200)),
                            blocks.newest(),
                            100_000,
                            Optional.empty()));
            if (outcome instanceof LedgerOutcome.Reserved reserved) {
                reservations.add(reserved.booking().id());
            }
        }

        private void settle() {
            if (reservations.isEmpty()) {
                return;
            }
            long id = reservations.remove(random.nextInt(reservations.size()));
            Hotkey miner = MINERS.get((int) (id >>> 40) - 1);
            submit(
                    miner,
                    random.nextBoolean()
                            ? new LedgerCommand.Spend(call(), 0, id)
                            : new LedgerCommand.Undo(call(), 0, id));
        }

        private LedgerOutcome submit(Hotkey miner, LedgerCommand command) {
            MinerLedger before = ledgers.getOrDefault(miner, MinerLedger.unopened(miner));
            var decision = LedgerRules.decide(before, command, blocks, 0);
            MinerLedger after = before.apply(decision);
            if (after.version() > 0) {
                ledgers.put(miner, after);
            }
            return decision.outcome();
        }

        private void expectShown(Reader reader) {
            for (MinerLedger ledger : ledgers.values()) {
                ClassBook book = ledger.book(GPU);
                assertThat(reader.rows.containsKey(ledger.miner().value())).isEqualTo(book != null);
                if (book == null) {
                    continue;
                }
                List<Byte> row =
                        Objects.requireNonNull(reader.rows.get(ledger.miner().value()));
                for (int i = 0; i < row.size(); i++) {
                    long block = blocks.oldest() + i;
                    assertThat(row.get(i))
                            .as("block %d of %s", block, ledger.miner())
                            .isEqualTo(Statement.part(
                                            book,
                                            VALIDATOR,
                                            blocks.units(VALIDATOR, ledger.miner()),
                                            blocks.newest(),
                                            block)
                                    .code());
                }
            }
        }
    }

    /** Reads as the page does, and as plainly as can be. */
    private static final class Reader {
        private final Map<String, List<Byte>> rows = new LinkedHashMap<>();
        private byte[] bytes;
        private int at;
        private long first;
        private int length;

        private Reader(byte[] whole) {
            bytes = whole;
            assertThat(number()).isEqualTo(HeatMap.FORMAT);
            number();
            first = number();
            length = (int) number();
            for (long left = number(); left > 0; left--) {
                int keyLength = (int) number();
                String miner = new String(bytes, at, keyLength, StandardCharsets.UTF_8);
                at += keyLength;
                long end = number() + at;
                List<Byte> row = new ArrayList<>();
                while (at < end) {
                    long run = number();
                    row.addAll(Collections.nCopies((int) (run >>> 3), (byte) (run & 7)));
                }
                rows.put(miner, row);
            }
            assertThat(at).isEqualTo(bytes.length);
        }

        private void apply(byte[] changes) {
            bytes = changes;
            at = 0;
            assertThat(number()).isEqualTo(HeatMap.FORMAT);
            number();
            number();
            long newFirst = number();
            int newLength = (int) number();
            rows.replaceAll((miner, row) -> moved(row, newFirst, newLength));
            first = newFirst;
            length = newLength;
            List<List<Byte>> inOrder = List.copyOf(rows.values());
            for (long groups = number(); groups > 0; groups--) {
                List<long[]> patches = new ArrayList<>();
                long block = 0;
                for (long left = number(); left > 0; left--) {
                    block += number();
                    long run = number();
                    patches.add(new long[] {block, run >>> 3, run & 7});
                    block += run >>> 3;
                }
                int row = 0;
                for (long spans = number(); spans > 0; spans--) {
                    row += (int) number();
                    for (long left = number(); left > 0; left--, row++) {
                        for (long[] patch : patches) {
                            for (int i = 0; i < patch[1]; i++) {
                                inOrder.get(row).set((int) patch[0] + i, (byte) patch[2]);
                            }
                        }
                    }
                }
            }
            assertThat(at).isEqualTo(bytes.length);
        }

        private List<Byte> moved(List<Byte> row, long newFirst, int newLength) {
            List<Byte> moved = new ArrayList<>();
            for (long block = newFirst; block < newFirst + newLength; block++) {
                moved.add(block >= first && block < first + length ? row.get((int) (block - first)) : 0);
            }
            return moved;
        }

        private long number() {
            long value = 0;
            int bits = 0;
            byte read;
            do {
                read = bytes[at++];
                value |= (long) (read & 0x7f) << bits;
                bits += 7;
            } while (read < 0);
            return value;
        }
    }
}
