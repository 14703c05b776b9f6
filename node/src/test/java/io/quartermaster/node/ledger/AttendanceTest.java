package io.quartermaster.node.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.Hotkey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What a block yields to a miner depends on whether it was there, whatever came and went, in whatever order it is heard of. */
class AttendanceTest {
    private static final Hotkey VALIDATOR = new Hotkey("5Validator");
    private static final List<Hotkey> MINERS =
            IntStream.range(0, 6).mapToObj(i -> new Hotkey("5Miner" + i)).toList();

    @Property(tries = 300)
    void aMinerGetsNothingWhereItWasNotOnTheList(@ForAll long seed) {
        Random random = new Random(seed);
        Map<String, Set<Hotkey>> lists = new HashMap<>();
        for (int i = 0; i < 8; i++) {
            Set<Hotkey> list = new HashSet<>(MINERS);
            list.removeIf(miner -> random.nextInt(4) == 0);
            lists.put("list-" + i, list);
        }
        Map<String, Set<Hotkey>> heard = new HashMap<>();
        BlockTable table = BlockTable.over(list -> heard.getOrDefault(list, Set.of()));
        for (int step = 0; step < 60; step++) {
            if (random.nextInt(4) == 0) {
                String name = "list-" + random.nextInt(8);
                heard.put(name, lists.get(name));
                table = table.afresh();
            } else {
                table = table.with(block(100 + random.nextInt(40), random));
            }
            if (random.nextInt(5) == 0 && !table.isEmpty()) {
                for (Hotkey miner : MINERS) {
                    expectWhereItWas(table, miner, heard);
                }
            }
        }
    }

    private static BlockRecord block(int number, Random random) {
        return BlockRecord.seen(
                        number,
                        number * 12_000L,
                        Optional.empty(),
                        ValidatorStakes.of(List.of(VALIDATOR), 1000),
                        "list-" + random.nextInt(8))
                .finalisedBy((number + 1) * 12_000L, 1.0);
    }

    private static void expectWhereItWas(BlockTable table, Hotkey miner, Map<String, Set<Hotkey>> heard) {
        UnitSeries units = table.units(VALIDATOR, miner);
        for (long block = table.oldest(); block <= table.newest(); block++) {
            long yields = table.record(block)
                    .filter(record ->
                            heard.getOrDefault(record.neurons(), Set.of()).contains(miner))
                    .map(record -> record.unitNanos(VALIDATOR))
                    .orElse(0L);
            assertThat(units.at(block)).as("%s at block %d", miner, block).isEqualTo(yields);
        }
    }
}
