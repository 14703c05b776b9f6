package io.quartermaster.node.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(20)
class FollowerTest {
    private final InMemorySink sink = new InMemorySink();

    private FollowerProgress followed(Chain chain) {
        return followed(chain, sink, Optional.empty());
    }

    private static FollowerProgress followed(Chain chain, ObservationSink sink, Optional<RecordingWriter> recording) {
        try (Follower follower = new Follower(chain, sink, recording)) {
            follower.start();
            await().pollInterval(Duration.ofMillis(2))
                    .until(() -> follower.progress().ended());
            return follower.progress();
        }
    }

    private static List<Long> range(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    private static RecordedChain small() {
        return recorded(RecordingReaderTest.small());
    }

    private static RecordedChain recorded(byte[] bytes) {
        return new RecordedChain(
                RecordingReader.open(new ByteArrayInputStream(bytes), "rec.jsonl"), Double.POSITIVE_INFINITY);
    }

    @Test
    void aBlockIsHeldBackUntilItIsFinal() {
        FollowerProgress progress =
                followed(new ScriptedChain(5, 1000).show(range1(1000, 1010)).ending());

        assertThat(sink.blocks.keySet()).containsExactlyElementsOf(range(1000, 1005));
        assertThat(progress.head()).isEqualTo(1010);
        assertThat(progress.newest()).isEqualTo(1005);
        assertThat(progress.missing()).isEmpty();
    }

    private static long[] range1(long from, long to) {
        return LongStream.rangeClosed(from, to).toArray();
    }

    @Test
    void aBlockThatIsLostAfterItWasTakenInIsFetchedAgain() {
        InMemorySink forgetful = new InMemorySink() {
            @Override
            public void ingest(Observation observation) {
                super.ingest(observation);
                if (observation instanceof BlockSeen block && block.block() == 1004) {
                    blocks.remove(1002L);
                }
            }
        };

        ScriptedChain chain =
                new ScriptedChain(0, 1000).show(range1(1000, 1010)).ending();
        chain.fetchable.add(1002L);
        followed(chain, forgetful, Optional.empty());

        assertThat(forgetful.blocks.keySet()).containsExactlyElementsOf(range(1000, 1010));
    }

    @Test
    void theLaterVersionOfABlockThatIsNotFinalCounts() {
        BlockSeen later = new BlockSeen(1001, 5, Optional.of("0xlater"), List.of(), List.of());
        ScriptedChain chain = new ScriptedChain(2, 1000).show(1000, 1001, 1002);
        chain.toShow.add(later);
        chain.show(1003, 1004).ending();

        followed(chain);

        assertThat(sink.blocks.get(1001L)).isEqualTo(later);
        assertThat(sink.taken).hasSize(3);
    }

    @Test
    void whatIsNoBlockPassesAtOnce() {
        ManifestsSeen manifests = new ManifestsSeen(995, Map.of(), Map.of());
        ScriptedChain chain = new ScriptedChain(5, 995).show(1000);
        chain.toShow.add(manifests);
        chain.show(1001).ending();

        followed(chain);

        assertThat(sink.taken).contains(manifests);
        assertThat(sink.taken.stream().takeWhile(taken -> !taken.equals(manifests)))
                .doesNotContain(Observations.block(996));
    }

    @Test
    void theLastHundredBlocksAreRepairedNewestFirstAndThenTheOlderOnes() {
        ScriptedChain chain = new ScriptedChain(0, 0).show(5000);
        chain.fetchable.addAll(range(0, 5000));
        try (Follower follower = new Follower(chain, sink)) {
            follower.start();
            await().pollInterval(Duration.ofMillis(2))
                    .until(() -> follower.progress().backfillDone());

            assertThat(chain.askedFor)
                    .startsWith(4999L, 4998L)
                    .isSortedAccordingTo((a, b) -> Long.compare(b, a))
                    .doesNotHaveDuplicates()
                    .endsWith(5000L - 1444);
            assertThat(sink.blocks.keySet()).containsExactlyElementsOf(range(5000 - 1444, 5000));
            assertThat(follower.progress().backfillTarget()).isEqualTo(5000 - 1444);
            assertThat(follower.progress().inWords())
                    .startsWith("head 5000, taken in up to 5000, back-filled to 3556, 1445 blocks and 0 other");
        }
    }

    /** The first node that answers may be hundreds of blocks behind the next one. */
    @Test
    void noBlockIsLeftOutWhenTheHeadLeaps() {
        ScriptedChain chain = new ScriptedChain(5, 4000).show(range1(4700, 4705));
        chain.fetchable.addAll(range(4000, 5200));
        try (Follower follower = new Follower(chain, sink)) {
            follower.start();
            await().pollInterval(Duration.ofMillis(2))
                    .until(() -> follower.progress().backfillDone());
            chain.show(5105);

            await().pollInterval(Duration.ofMillis(2)).until(() -> sink.has(4701));
            await().until(() -> follower.progress().missing().isEmpty());

            assertThat(sink.blocks.keySet()).containsExactlyElementsOf(range(4000, 5100));
        }
    }

    @Test
    void whatCanNoLongerBeHadIsSaid() {
        List<String> warnings = warned(() -> {
            ScriptedChain chain = new ScriptedChain(0, 1000).show(1000, 1004);
            chain.clock = new ChainClock(0, 1, System::nanoTime);
            try (Follower follower = new Follower(chain, sink)) {
                follower.start();
                await().pollInterval(Duration.ofMillis(2)).until(() -> chain.askedFor.contains(1001L));
                chain.oldestReachable = 1003;
                chain.show(1005);
                await().pollInterval(Duration.ofMillis(2)).until(() -> sink.has(1005));
                assertThat(follower.progress().missing()).containsExactly(1003L);
            }
        });

        assertThat(warnings)
                .contains("Blocks 1001 to 1002 are given up, 2 in all: they were missing, and can no longer be had");
    }

    @Test
    void theBackfillStopsAtTheOldestReachableBlock() {
        ScriptedChain chain = new ScriptedChain(0, 4700).show(5000).ending();
        chain.fetchable.addAll(range(0, 5000));

        FollowerProgress progress = followed(chain);

        assertThat(sink.blocks.firstKey()).isEqualTo(4700);
        assertThat(progress.backfillTarget()).isEqualTo(4700);
    }

    @Test
    void blocksThatAreThereAreNotFetchedAgain() {
        range(3000, 4990).forEach(block -> sink.blocks.put(block, Observations.block(block)));
        ScriptedChain chain = new ScriptedChain(0, 0).show(5000).ending();
        chain.fetchable.addAll(range(0, 5000));

        followed(chain);

        assertThat(chain.askedFor)
                .containsExactlyElementsOf(LongStream.iterate(4999, block -> block > 4990, block -> block - 1)
                        .boxed()
                        .toList());
    }

    @Test
    void aNewHeadIsTakenInBetweenTwoFetches() {
        ScriptedChain chain = new ScriptedChain(0, 0).show(range1(5000, 5009));
        chain.fetchable.addAll(range(0, 5000));
        chain.ending();

        followed(chain);

        // Ten heads were waiting, and of a thousand blocks no more than a small batch was fetched before each of them.
        int newestHead = sink.taken.indexOf(Observations.block(5009));
        assertThat(newestHead).isLessThan(60);
    }

    /** Where nodes answer slowly or not at all, that is no reason to fall behind the chain. */
    @Test
    void slowFetchesDoNotDelayWhatIsNew() {
        ScriptedChain chain = new ScriptedChain(0, 0).show(range1(5000, 5020));
        try (Follower follower = new Follower(chain, sink)) {
            follower.start();

            await().pollInterval(Duration.ofMillis(2)).until(() -> !chain.askedFor.isEmpty());
            assertThat(sink.newestBlock()).isEqualTo(5020);
        }
    }

    @Test
    void aHoleIsAskedForAgainUntilItIsHad() {
        ScriptedChain chain = new ScriptedChain(0, 1000).show(1000, 1002);
        try (Follower follower = new Follower(chain, sink)) {
            follower.start();
            await().pollInterval(Duration.ofMillis(2))
                    .until(() -> chain.askedFor.stream()
                                    .filter(asked -> asked == 1001)
                                    .count()
                            >= 4);
            assertThat(follower.progress().missing()).containsExactly(1001L);
            assertThat(follower.progress().missingInLookback()).isEqualTo(1);
            assertThat(follower.progress().inWords()).contains("missing 1 of the last 100 and 0 older");

            chain.fetchable.add(1001L);

            await().pollInterval(Duration.ofMillis(2)).until(() -> sink.has(1001));
            await().until(() -> follower.progress().missing().isEmpty());
        }
    }

    @Test
    void aHoleIsWarnedAboutOnce() {
        List<String> warnings = warned(() -> {
            ScriptedChain chain = new ScriptedChain(0, 1000).show(1000, 1002);
            try (Follower follower = new Follower(chain, sink)) {
                follower.start();
                await().pollInterval(Duration.ofMillis(2)).until(() -> chain.askedFor.size() >= 5);
                chain.show(1004).ending();
                await().pollInterval(Duration.ofMillis(2))
                        .until(() -> follower.progress().ended());
            }
        });

        assertThat(warnings)
                .containsExactly(
                        "Block 1001 is missing: it can't be had so far",
                        "Block 1003 is missing: it can't be had so far");
    }

    /** What the follower warns of meanwhile. */
    private static List<String> warned(Runnable meanwhile) {
        Logger log = (Logger) LoggerFactory.getLogger(Follower.class);
        ListAppender<ILoggingEvent> warnings = new ListAppender<>();
        warnings.start();
        log.addAppender(warnings);
        try {
            meanwhile.run();
        } finally {
            log.detachAppender(warnings);
        }
        return warnings.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void aBlockThatAnotherReplicaFetchedIsNotAskedForAgain() {
        ScriptedChain chain = new ScriptedChain(0, 1000).show(1000, 1002);
        try (Follower follower = new Follower(chain, sink)) {
            follower.start();
            await().pollInterval(Duration.ofMillis(2)).until(() -> !chain.askedFor.isEmpty());

            sink.blocks.put(1001L, Observations.block(1001));

            await().pollInterval(Duration.ofMillis(2))
                    .until(() -> follower.progress().missing().isEmpty());
        }
    }

    @Test
    void aHoleThatLeavesTheLookBackIsNotForgotten() {
        ScriptedChain chain = new ScriptedChain(0, 1000)
                .show(1000, 1002)
                .show(range1(1003, 1200))
                .ending();

        FollowerProgress progress = followed(chain);

        assertThat(progress.missing()).containsExactly(1001L);
        assertThat(progress.missingInLookback()).isZero();
        assertThat(progress.missingInArchive()).isEqualTo(1);
    }

    @Test
    void whatTheSinkRefusesIsCountedAndDoesNotStopTheFollower() {
        sink.refusedForGood.add(1001L);

        FollowerProgress progress =
                followed(new ScriptedChain(0, 1000).show(1000, 1001, 1002).ending());

        assertThat(sink.blocks.keySet()).containsExactly(1000L, 1002L);
        assertThat(progress.refused()).isEqualTo(1);
        assertThat(progress.missing()).containsExactly(1001L);
        assertThat(progress.error()).isEmpty();
        assertThat(progress.inWords()).contains("1 refused").endsWith("the chain has ended");
    }

    @Test
    void aHeadThatWasRefusedIsFetchedWithoutWaitingForAnother() {
        sink.refusals.put(1000L, 1);
        ScriptedChain chain = new ScriptedChain(0, 1000).show(1000);
        chain.fetchable.add(1000L);
        try (Follower follower = new Follower(chain, sink)) {
            follower.start();
            await().pollInterval(Duration.ofMillis(2)).until(() -> sink.has(1000));
        }
    }

    @Test
    void aRecordingThatIsWrongEndsTheFollowerWithItsError() {
        byte[] bytes = RecordingReaderTest.small();

        FollowerProgress progress = followed(recorded(Arrays.copyOf(bytes, bytes.length - 20)));

        assertThat(progress.ended()).isTrue();
        assertThat(progress.error()).contains("rec.jsonl:13: the file is cut off here, in the middle of the line");
        assertThat(progress.inWords()).endsWith("stopped: " + progress.error().orElseThrow());
        assertThat(progress.newest()).isEqualTo(1004);
    }

    @Test
    void aChainThatFailsForAWhileIsAskedAgain() {
        ScriptedChain chain = new ScriptedChain(0, 1000);
        chain.fails = true;
        try (Follower follower = new Follower(chain, sink)) {
            follower.start();
            chain.show(1000);
            await().pollInterval(Duration.ofMillis(2)).until(() -> sink.has(1000));
            chain.show(1001);
            await().pollInterval(Duration.ofMillis(2)).until(() -> sink.has(1001));
            assertThat(follower.progress().ended()).isFalse();
        }
    }

    @Test
    void nothingIsLostWhileTheGridIsUnavailable() {
        AtomicInteger unavailable = new AtomicInteger(2);
        ObservationSink busy = new ObservationSink() {
            @Override
            public void ingest(Observation observation) {
                if (unavailable.getAndDecrement() > 0) {
                    throw new GridUnavailable("waiting for a majority");
                }
                sink.ingest(observation);
            }

            @Override
            public boolean has(long block) {
                return sink.has(block);
            }

            @Override
            public long newestBlock() {
                return sink.newestBlock();
            }
        };

        followed(new ScriptedChain(0, 1000).show(1000, 1001).ending(), busy, Optional.empty());

        assertThat(sink.blocks.keySet()).containsExactly(1000L, 1001L);
    }

    @Test
    void aStoppedFollowerGoesOnWhereItWas() {
        ScriptedChain chain = new ScriptedChain(0, 1000).show(1000);
        Follower follower = new Follower(chain, sink);
        follower.stop();
        follower.start();
        follower.start();
        await().pollInterval(Duration.ofMillis(2)).until(() -> sink.has(1000));
        follower.stop();
        chain.show(1001);
        assertThat(sink.has(1001)).isFalse();

        follower.start();
        await().pollInterval(Duration.ofMillis(2)).until(() -> sink.has(1001));
        follower.close();
        follower.close();

        assertThatThrownBy(follower::start).isInstanceOf(IllegalStateException.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("follower");
    }

    @Test
    void drainingTakesAWholeRecordingInOnTheCallingThread() {
        Thread caller = Thread.currentThread();
        ObservationSink here = new ObservationSink() {
            @Override
            public void ingest(Observation observation) {
                assertThat(Thread.currentThread()).isSameAs(caller);
                sink.ingest(observation);
            }

            @Override
            public boolean has(long block) {
                return sink.has(block);
            }

            @Override
            public long newestBlock() {
                return sink.newestBlock();
            }
        };
        try (RecordedChain chain = small()) {
            FollowerProgress progress = Follower.drain(chain, here);

            assertThat(sink.taken).isEqualTo(RecordingReaderTest.read(RecordingReaderTest.small()));
            assertThat(progress.ended()).isTrue();
            assertThat(progress.blocks()).isEqualTo(7);
            assertThat(progress.observations()).isEqualTo(12);
            assertThat(progress.missing()).containsExactly(1006L, 1005L);
            assertThat(progress.perSecond()).isPositive();
        }
    }

    @Test
    void whatWasTakenInIsRecorded(@TempDir Path folder) {
        SimulationSettings settings = SimulationSettings.defaults()
                .withStart(Instant.parse("2026-01-01T00:00:00Z"))
                .withSpeed(Double.POSITIVE_INFINITY)
                .withBlocks(200, 200);
        Path file = folder.resolve("rec.jsonl.gz");
        try (SimulatedSubnet subnet = new SimulatedSubnet(settings)) {
            RecordingWriter writer = RecordingWriter.create(file, subnet.info().finalised());
            FollowerProgress progress = followed(subnet, sink, Optional.of(writer));
            assertThat(progress.missing()).isEmpty();
        }

        InMemorySink again = new InMemorySink();
        try (RecordedChain chain = RecordedChain.open(file, Double.POSITIVE_INFINITY)) {
            FollowerProgress progress = Follower.drain(chain, again);
            assertThat(progress.error()).isEmpty();
        }
        assertThat(again.taken).isEqualTo(List.copyOf(sink.taken));
        assertThat(again.blocks.keySet()).containsExactlyElementsOf(range(4_999_800, 5_000_194));
    }
}
