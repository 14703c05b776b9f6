package io.quartermaster.node.grid;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.Miner;
import io.quartermaster.api.MinerIncident;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.Neuron;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.ValidatorStakes;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Records of each kind, as random as they can be. */
final class Records {
    private Records() {}

    static Object random(Random random, RecordKind<?> kind) {
        if (kind == RecordKind.BLOCKS) {
            ValidatorStakes stakes = ValidatorStakes.of(
                    List.of(TestGrids.VALIDATOR, new Hotkey("5Other")), random.nextDouble(), random.nextInt(9));
            BlockRecord seen =
                    BlockRecord.seen(random.nextInt(1000), random.nextInt(99_999), text(random), stakes, "neurons");
            return random.nextBoolean() ? seen : seen.finalisedBy(seen.timeMillis() + 12_000, 1.5);
        }
        if (kind == RecordKind.NEURONS) {
            return NeuronList.of(List.of(new Neuron(
                    random.nextInt(256),
                    new Hotkey("5Cold"),
                    new Miner(TestGrids.MINER, "10.0.0.1", 1 + random.nextInt(65_535), 4, text(random)))));
        }
        if (kind == RecordKind.MANIFESTS) {
            return new MinerManifests(
                    List.of(new Manifest(TestGrids.MINER, TestGrids.GPU, random.nextInt(1000), random.nextInt(9))));
        }
        if (kind == RecordKind.INCIDENTS) {
            MinerIncidentType[] types = MinerIncidentType.values();
            return new MinerIncident(
                    types[random.nextInt(types.length)],
                    TestGrids.MINER,
                    new JobId("job-" + random.nextInt(9)),
                    TestGrids.GPU,
                    Instant.ofEpochMilli(random.nextInt()));
        }
        return kind == RecordKind.RECEIPTS ? receipt(random) : new BigInteger(200, random);
    }

    private static Optional<String> text(Random random) {
        return random.nextBoolean() ? Optional.empty() : Optional.of("text " + random.nextInt(9));
    }

    private static SignedReceipt receipt(Random random) {
        JobId job = new JobId("job-" + random.nextInt(9));
        Instant time = Instant.ofEpochSecond(1_700_000_000, 1000L * random.nextInt(1_000_000));
        Duration span = Duration.ofNanos(1000L * random.nextInt());
        Receipt receipt = switch (random.nextInt(3)) {
            case 0 ->
                new Receipt.Started(
                        job,
                        TestGrids.MINER,
                        TestGrids.VALIDATOR,
                        time,
                        TestGrids.GPU,
                        random.nextBoolean(),
                        span.abs());
            case 1 -> new Receipt.Accepted(job, TestGrids.MINER, TestGrids.VALIDATOR, time, time, span.abs());
            default ->
                new Receipt.Finished(
                        job,
                        TestGrids.MINER,
                        TestGrids.VALIDATOR,
                        time,
                        time,
                        span.abs(),
                        random.nextInt(90),
                        List.of(5L, (long) (6 + random.nextInt(7))));
        };
        return new SignedReceipt(receipt, "0x11", "0x22");
    }
}
