package io.quartermaster.node.chain.subtensor;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.subtensor.CommitmentFetcher.Commitments;
import io.quartermaster.node.keys.Ss58;
import io.quartermaster.ops.standin.StandinFaults;
import io.quartermaster.ops.standin.StandinNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is published on a chain is read from a node, page after page. */
class CommitmentsOverASocketTest {
    private static Hotkey hotkey(int number) {
        return new Hotkey(
                Ss58.address(ByteBuffer.allocate(Ss58.KEY_BYTES).putInt(number).array()));
    }

    private static Commitments read(Map<Hotkey, String> published) throws Exception {
        try (SimulatedSubnet subnet = new SimulatedSubnet(SimulationSettings.defaults());
                StandinNode standin = StandinNode.start(subnet, 0, StandinFaults.NONE, () -> published);
                NodeClient node = new NodeClient(standin.uri(), Duration.ofSeconds(30))) {
            String hash = BlockFetcher.head(node)
                    .thenCompose(head -> BlockFetcher.hash(node, head))
                    .get(30, TimeUnit.SECONDS);
            return new CommitmentFetcher(subnet.info().netuid())
                    .fetch(node, hash)
                    .get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void allPagesAreRead() throws Exception {
        Map<Hotkey, String> published = new TreeMap<>();
        for (int number = 0; number < 2 * CommitmentFetcher.PAGE; number++) {
            published.put(hotkey(number), "<M:A" + number + ">");
        }
        published.put(hotkey(7), "x".repeat(300));

        Commitments commitments = read(published);

        assertThat(commitments.unreadable()).isZero();
        assertThat(commitments.byHotkey()).hasSameSizeAs(published);
        published.forEach((hotkey, words) -> assertThat(commitments.byHotkey().get(hotkey))
                .extracting(Layouts.Commitment::words)
                .isEqualTo(words));
    }

    @Test
    void whereNothingIsPublishedNothingIsFound() throws Exception {
        assertThat(read(Map.of()).byHotkey()).isEmpty();
    }
}
