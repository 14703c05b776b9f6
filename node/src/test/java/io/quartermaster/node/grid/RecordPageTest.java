package io.quartermaster.node.grid;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.CallId;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

class RecordPageTest {
    private static final CallId CALL = new CallId("call");

    private static RecordPage page(int records) {
        PMap<String, Object> wei = HashTreePMap.empty();
        for (int i = 0; i < records; i++) {
            wei = wei.plus("miner-" + i, BigInteger.valueOf(i));
        }
        return new RecordPage(RecordKind.COLLATERAL, wei);
    }

    private static RecordPage after(RecordPage page, RecordPage.Command command) {
        return page.apply(page.decide(command));
    }

    private static RecordPage.Command.Put put(String key, int wei) {
        return new RecordPage.Command.Put(CALL, key, BigInteger.valueOf(wei));
    }

    @Test
    void ofALargePageOnlyWhatADecisionHasChangedIsLookedAt() {
        RecordPage large = page(5000);
        RecordPage next = after(large, put("miner-7", 70));
        assertThat(next.changedSince(large)).containsExactly("miner-7");

        RecordPage last = after(next, new RecordPage.Command.Remove(CALL, List.of("miner-8", "nobody", "miner-9")));
        assertThat(last.changedSince(next)).containsExactlyInAnyOrder("miner-8", "miner-9");

        assertThat(last.changedSince(large))
                .as("two decisions lie between them")
                .contains("miner-7", "miner-8", "miner-9");
        assertThat(last).isEqualTo(new RecordPage(RecordKind.COLLATERAL, last.records()));
    }

    /** Zero removes. */
    @Provide
    Arbitrary<List<Map.Entry<Integer, Integer>>> changes() {
        return Arbitraries.entries(
                        Arbitraries.integers().between(0, 5),
                        Arbitraries.integers().between(0, 3))
                .list()
                .ofMaxSize(30);
    }

    /** Who is behind has not seen some pages, and has got others as they were read from the network. */
    @Property
    void whateverDiffersFromAnyEarlierPageIsNamed(
            @ForAll("changes") List<Map.Entry<Integer, Integer>> changes, @ForAll Random random) {
        List<RecordPage> pages = new ArrayList<>(List.of(page(3)));
        for (Map.Entry<Integer, Integer> change : changes) {
            String key = "miner-" + change.getKey();
            RecordPage newest = pages.get(pages.size() - 1);
            RecordPage.Command command = change.getValue() == 0
                    ? new RecordPage.Command.Remove(CALL, List.of(key))
                    : put(key, change.getValue());
            RecordPage next = after(newest, command);
            RecordPage seen = pages.get(random.nextInt(pages.size()));

            Map<String, Object> copy = new HashMap<>(seen.records());
            for (String touched : next.changedSince(seen)) {
                copy.compute(touched, (name, known) -> next.records().get(name));
            }
            assertThat(copy).isEqualTo(next.records());
            pages.add(random.nextBoolean() ? next : new RecordPage(next.kind(), next.records()));
        }
    }
}
