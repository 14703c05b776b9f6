package io.quartermaster.node.chain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.chain.Observation.BlockSeen;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecordedChainTest {
    private static final Instant FIRST = Instant.ofEpochMilli(1767225612000L);

    private final AtomicLong nanos = new AtomicLong();

    private RecordedChain chain(double speed) {
        return chain(RecordingReaderTest.small(), speed);
    }

    private RecordedChain chain(byte[] recording, double speed) {
        return new RecordedChain(
                RecordingReader.open(new ByteArrayInputStream(recording), "rec.jsonl"), speed, nanos::get);
    }

    private void pass(Duration real) {
        nanos.addAndGet(real.toNanos());
    }

    private static List<Observation> available(Chain chain) throws InterruptedException {
        List<Observation> all = new ArrayList<>();
        for (Optional<Observation> next = chain.next(Duration.ZERO);
                next.isPresent();
                next = chain.next(Duration.ZERO)) {
            all.add(next.get());
        }
        return all;
    }

    @Test
    void atInfiniteSpeedAllComesAtOnceInTheOrderOfTheFile() throws InterruptedException {
        try (RecordedChain chain = chain(Double.POSITIVE_INFINITY)) {
            assertThat(available(chain)).isEqualTo(RecordingReaderTest.read(RecordingReaderTest.small()));
            assertThat(chain.ended()).isTrue();
            assertThat(chain.clock().instant()).isEqualTo(FIRST.plusSeconds(84));
            assertThat(chain.head()).isEqualTo(1007);
        }
    }

    @Test
    void aBlockComesWhenTheClockReachesItsTime() throws InterruptedException {
        try (RecordedChain chain = chain(60)) {
            assertThat(available(chain)).hasSize(2);
            pass(Duration.ofMillis(199));
            assertThat(available(chain)).isEmpty();
            pass(Duration.ofMillis(1));
            assertThat(available(chain))
                    .extracting(seen -> ((BlockSeen) seen).block())
                    .containsExactly(1001L);
            assertThat(chain.clock().instant()).isEqualTo(FIRST.plusSeconds(12));
        }
    }

    @Test
    void aLateBlockAndWhatIsNoBlockComeWithTheBlockBefore() throws InterruptedException {
        try (RecordedChain chain = chain(1)) {
            assertThat(available(chain)).hasSize(2);
            pass(Duration.ofSeconds(36));
            assertThat(available(chain))
                    .extracting(seen -> ((BlockSeen) seen).block())
                    .containsExactly(1001L, 1003L, 1002L);
            pass(Duration.ofMillis(12_010));
            assertThat(available(chain)).hasSize(6);
            assertThat(chain.ended()).isFalse();
        }
    }

    @Test
    void theClockStandsUntilTheFirstLook() throws InterruptedException {
        try (RecordedChain chain = chain(1)) {
            pass(Duration.ofHours(1));
            assertThat(chain.clock().instant()).isEqualTo(FIRST);
            assertThat(available(chain)).hasSize(2);
            pass(Duration.ofSeconds(5));
            assertThat(chain.clock().instant()).isEqualTo(FIRST.plusSeconds(5));
        }
    }

    @Test
    void realTimeIsShorterByTheSpeed() {
        try (RecordedChain chain = chain(60)) {
            assertThat(chain.clock().realTime(Duration.ofSeconds(60))).isEqualTo(Duration.ofSeconds(1));
            assertThat(chain.clock().realTime(Duration.ofMillis(1))).isEqualTo(Duration.ofMillis(1));
            assertThat(chain.clock().realTime(Duration.ZERO)).isZero();
        }
    }

    @Test
    void blocksAlreadyPlayedCanBeFetchedTheLaterVersionOfDoubledOnes() throws InterruptedException {
        try (RecordedChain chain = chain(Double.POSITIVE_INFINITY)) {
            assertThat(chain.block(1000)).isEmpty();
            List<Observation> all = available(chain);
            assertThat(chain.block(1000)).contains((BlockSeen) all.get(1));
            assertThat(chain.block(1004).orElseThrow()).isSameAs(all.get(6));
            assertThat(chain.block(1005)).isEmpty();
            assertThat(chain.oldestReachable()).isEqualTo(1000);
        }
    }

    @Test
    void onlyWhatMayBeAskedForIsKept() throws InterruptedException {
        StringBuilder recording = new StringBuilder("""
                {"format":"recorded-chain/1","netuid":12,"validator":"5V","finality_lag":0,"params":{}}
                {"block":0,"time_ms":0,"neurons":[],"validators":[]}
                """);
        for (int block = 1; block <= 3000; block++) {
            recording.append("{\"block\":" + block + ",\"time_ms\":" + block * 12_000L + "}\n");
        }
        try (RecordedChain chain = chain(recording.toString().getBytes(UTF_8), Double.POSITIVE_INFINITY)) {
            available(chain);
            assertThat(chain.block(3000 - 2165)).isPresent();
            assertThat(chain.block(3000 - 2166)).isEmpty();
            assertThat(chain.oldestReachable()).isEqualTo(3000 - 2165);
        }
    }

    @Test
    void aWrongLineFailsOnceAllBeforeItWasPlayed() throws InterruptedException {
        byte[] small = RecordingReaderTest.small();
        try (RecordedChain chain = chain(Arrays.copyOf(small, small.length - 20), Double.POSITIVE_INFINITY)) {
            for (int i = 0; i < 11; i++) {
                assertThat(chain.next(Duration.ZERO)).isPresent();
                assertThat(chain.ended()).isFalse();
            }
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> chain.next(Duration.ZERO))
                        .isInstanceOf(RecordingException.class)
                        .hasMessage("rec.jsonl:13: the file is cut off here, in the middle of the line");
                assertThat(chain.ended()).isTrue();
            }
        }
    }

    @Test
    void aClosedChainHasEnded() throws InterruptedException {
        RecordedChain chain = chain(1);
        chain.close();

        assertThat(chain.next(Duration.ofHours(1))).isEmpty();
        assertThat(chain.ended()).isTrue();
    }

    @Test
    void aSpeedMustBeAboveZero() {
        assertThatThrownBy(() -> chain(0))
                .isInstanceOf(InvalidArgument.class)
                .hasMessage("speed is 0.0: must be above 0, such as 60 for sixty times as fast, or infinite");
        assertThatThrownBy(() -> chain(Double.NaN)).isInstanceOf(InvalidArgument.class);
    }
}
