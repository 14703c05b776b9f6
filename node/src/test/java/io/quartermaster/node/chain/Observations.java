package io.quartermaster.node.chain;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.CollateralSeen;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.Observation.ReceiptSeen;
import io.quartermaster.node.chain.Observation.Validator;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Any observation that a recording can hold. */
final class Observations {
    private Observations() {}

    static BlockSeen block(long number) {
        return new BlockSeen(number, 1_000_000 + 12_000 * number, Optional.empty(), List.of(), List.of());
    }

    static Arbitrary<Observation> any() {
        return Arbitraries.oneOf(blocks(), manifests(), collateral(), receipts());
    }

    private static Arbitrary<Hotkey> hotkeys() {
        return Arbitraries.integers().between(0, 5).map(i -> new Hotkey("5Neuron" + i));
    }

    private static Arbitrary<Long> numbers() {
        return Arbitraries.longs().between(0, Long.MAX_VALUE);
    }

    private static Arbitrary<Observation> blocks() {
        Arbitrary<Miner> miners = Combinators.combine(
                        hotkeys(),
                        Arbitraries.of("0.0.0.0", "10.0.0.1", "2001:db8::1", "miner.example"),
                        Arbitraries.integers().between(0, 65_535),
                        Arbitraries.of("shield.example", "zażółć").optional())
                .as((hotkey, ip, port, shield) -> new Miner(hotkey, ip, port, ip.contains(":") ? 6 : 4, shield));
        Arbitrary<Neuron> neurons = Combinators.combine(Arbitraries.integers().between(0, 255), hotkeys(), miners)
                .as(Neuron::new);
        Arbitrary<Validator> validators = Combinators.combine(
                        hotkeys(),
                        Arbitraries.integers().between(0, 255),
                        Arbitraries.doubles().between(0, Double.MAX_VALUE))
                .as(Validator::new);
        return Combinators.combine(
                        numbers(),
                        numbers(),
                        Arbitraries.of("0xab", "\"quoted\"\n").optional(),
                        neurons.list().ofMaxSize(3),
                        validators.list().ofMaxSize(3))
                .as(BlockSeen::new);
    }

    private static Arbitrary<Observation> manifests() {
        Arbitrary<ExecutorClass> classes =
                Arbitraries.of("always_on.test", "always_on.gpu-24gb").map(ExecutorClass::new);
        return Combinators.combine(
                        numbers(),
                        Arbitraries.maps(
                                        hotkeys(),
                                        Arbitraries.maps(
                                                        classes,
                                                        Arbitraries.integers().between(0, Integer.MAX_VALUE))
                                                .ofMaxSize(2))
                                .ofMaxSize(3),
                        Arbitraries.maps(hotkeys(), Arbitraries.of("timeout", "malformed"))
                                .ofMaxSize(3))
                .as(ManifestsSeen::new);
    }

    private static Arbitrary<Observation> collateral() {
        Arbitrary<BigInteger> wei = Arbitraries.bigIntegers()
                .between(BigInteger.ZERO, BigInteger.TWO.pow(256).subtract(BigInteger.ONE));
        return Combinators.combine(numbers(), Arbitraries.maps(hotkeys(), wei).ofMaxSize(3))
                .as(CollateralSeen::new);
    }

    private static Arbitrary<Observation> receipts() {
        Arbitrary<Instant> instants = Arbitraries.longs()
                .between(0, 4_000_000_000_000_000L)
                .map(micros -> Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
        Arbitrary<Duration> ttls = Arbitraries.longs().between(0, 100_000).map(Duration::ofSeconds);
        Arbitrary<JobId> jobs =
                Arbitraries.of("job-1", "8d8a5c1e-1f0a-4f3e-9b52-1f1a52b5f6d1").map(JobId::new);
        Arbitrary<ExecutorClass> classes = Arbitraries.of("always_on.test").map(ExecutorClass::new);
        Arbitrary<Receipt> started = Combinators.combine(
                        jobs, hotkeys(), hotkeys(), instants, classes, Arbitraries.of(true, false), ttls)
                .as(Receipt.Started::new);
        Arbitrary<Receipt> accepted = Combinators.combine(jobs, hotkeys(), hotkeys(), instants, instants, ttls)
                .as(Receipt.Accepted::new);
        Arbitrary<Receipt> finished = Combinators.combine(
                        jobs,
                        hotkeys(),
                        hotkeys(),
                        instants,
                        instants,
                        Arbitraries.longs().between(0, 1L << 40).map(micros -> Duration.of(micros, ChronoUnit.MICROS)),
                        Arbitraries.doubles().between(0, Double.MAX_VALUE),
                        numbers().list().ofMaxSize(3))
                .as(Receipt.Finished::new);
        Arbitrary<String> signatures = Arbitraries.of("", "0xab", "0x" + "12".repeat(64));
        return Combinators.combine(Arbitraries.oneOf(started, accepted, finished), signatures, signatures)
                .as((receipt, validator, miner) -> new ReceiptSeen(new SignedReceipt(receipt, validator, miner)));
    }
}
