package io.quartermaster.node.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.CallId;
import io.quartermaster.api.CannotSpend;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.ReceiptForged;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.api.SpendDetails;
import io.quartermaster.node.app.AuditReport.OfValidator;
import io.quartermaster.node.app.AuditReport.Reason;
import io.quartermaster.node.chain.ReceiptJson;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.grid.NeuronList;
import io.quartermaster.node.grid.TestGrids;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockSet;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.ValidatorStakes;
import io.quartermaster.node.params.DynamicParameters;
import io.quartermaster.node.receipts.ReceiptIndex;
import io.quartermaster.node.receipts.ReceiptSignatures;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Receipts of several validators, judged through three replicas of one grid. */
@SuppressWarnings("NullAway.Init") // set before all tests
class ForeignReceiptsTest {
    private static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");
    private static final KeyPair ROOT = KeyPair.ofSeed(new byte[32]);
    private static final KeyPair MINER = ROOT.derive("miner");
    private static final List<KeyPair> VALIDATORS =
            List.of(ROOT.derive("validator 1"), ROOT.derive("validator 2"), ROOT.derive("validator 3"));
    private static final long FIRST = 2_000;
    private static final long NEWEST = 2_100;
    private static final long DROP = 2_030;
    private static final long BEGAN_MILLIS = 1_699_990_000_000L;

    /** What a block yields to each validator: 12 s, two executors, a third of the stake. */
    private static final double YIELD = 8;

    private static TestGrids grids;
    private static final List<ForeignReceipts> REPLICAS = new ArrayList<>();
    private static final List<SystemEvent> EVENTS = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        grids = new TestGrids(3);
        for (Grid grid : grids.all()) {
            REPLICAS.add(new ForeignReceipts(grid, executorClass -> {}, DynamicParameters::defaults, EVENTS::add));
        }
        Grid grid = grids.grid(0);
        Neuron neuron =
                new Neuron(0, new Hotkey("5Cold"), new Miner(MINER.hotkey(), "10.0.0.1", 80, 4, Optional.empty()));
        grid.records()
                .neurons()
                .put("all", NeuronList.of(List.of(neuron)))
                .toCompletableFuture()
                .get(9, TimeUnit.SECONDS);
        ValidatorStakes stakes =
                ValidatorStakes.of(VALIDATORS.stream().map(KeyPair::hotkey).toList(), 50, 50, 50);
        for (long block = FIRST; block <= NEWEST; block++) {
            BlockRecord seen = BlockRecord.seen(block, millis(block), Optional.empty(), stakes, "all");
            grid.put(block == NEWEST ? seen : seen.finalisedBy(millis(block + 1), 1))
                    .toCompletableFuture()
                    .get(9, TimeUnit.SECONDS);
        }
        for (long block : new long[] {FIRST, DROP}) {
            int executors = block == FIRST ? 3 : 2;
            grid.submit(
                            MINER.hotkey(),
                            new LedgerCommand.State(
                                    new CallId("state-" + block),
                                    grid.sentMillis(),
                                    block,
                                    Map.of(GPU, new LedgerCommand.Claim(executors, executors)),
                                    BlockSet.EMPTY,
                                    1))
                    .toCompletableFuture()
                    .get(9, TimeUnit.SECONDS);
        }
        for (Grid other : grids.all()) {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> other.blocks().newest() == NEWEST
                            && other.blocks().record(FIRST).isPresent()
                            && other.shelf().newest(MINER.hotkey()).version() >= 2);
        }
    }

    @AfterAll
    static void stop() {
        grids.close();
    }

    private static long millis(long block) {
        return BEGAN_MILLIS + 12_000 * (block - FIRST);
    }

    /** The two receipts of a job that started at a block. */
    private record Job(SignedReceipt finished, SignedReceipt started) {
        private SpendDetails judgedBy(ForeignReceipts replica) {
            return replica.validate(finished, started);
        }

        private String verdict(ForeignReceipts replica) {
            try {
                return "paid " + judgedBy(replica);
            } catch (CannotSpend refusal) {
                return "not paid " + refusal.details();
            }
        }
    }

    private static Job job(KeyPair validator, String id, long startBlock, double cost, List<Long> blocks) {
        JobId job = new JobId(id);
        Instant start = Instant.ofEpochMilli(millis(startBlock) + 1_000);
        Receipt.Started started =
                new Receipt.Started(job, MINER.hotkey(), validator.hotkey(), start, GPU, true, Duration.ofSeconds(60));
        Receipt.Finished finished = new Receipt.Finished(
                job,
                MINER.hotkey(),
                validator.hotkey(),
                start.plusSeconds(15),
                start,
                Duration.ofSeconds(15),
                cost,
                blocks);
        return new Job(
                ReceiptSignatures.sign(finished, validator, MINER), ReceiptSignatures.sign(started, validator, MINER));
    }

    /** Receipts that are not what was signed, and whose signature is missed. */
    private record Forged(Job job, String kind, Hotkey signer) {}

    private static Forged forged(Job job, KeyPair other, int number) {
        Receipt.Finished end = (Receipt.Finished) job.finished().receipt();
        Receipt.Started start = (Receipt.Started) job.started().receipt();
        KeyPair stranger = other.hotkey().equals(end.validator()) ? MINER : other;
        Receipt.Finished cheaper = new Receipt.Finished(
                end.job(),
                end.miner(),
                end.validator(),
                end.timestamp(),
                end.timeStarted(),
                end.timeTook(),
                0.5,
                end.blocks());
        Receipt.Started earlier = new Receipt.Started(
                start.job(),
                start.miner(),
                start.validator(),
                start.timestamp().minusSeconds(1),
                start.executorClass(),
                start.organic(),
                start.ttl());
        return switch (number % 5) {
            case 0 ->
                new Forged(
                        new Job(
                                new SignedReceipt(
                                        end,
                                        signature(end, stranger),
                                        job.finished().minerSignature()),
                                job.started()),
                        "Finished",
                        end.validator());
            case 1 ->
                new Forged(
                        new Job(
                                new SignedReceipt(
                                        end,
                                        job.finished().validatorSignature(),
                                        job.started().minerSignature()),
                                job.started()),
                        "Finished",
                        end.miner());
            case 2 ->
                new Forged(
                        new Job(
                                new SignedReceipt(
                                        cheaper, job.finished().validatorSignature(), signature(cheaper, MINER)),
                                job.started()),
                        "Finished",
                        end.validator());
            case 3 ->
                new Forged(
                        new Job(
                                job.finished(),
                                new SignedReceipt(
                                        earlier,
                                        job.started().validatorSignature(),
                                        job.started().minerSignature())),
                        "Started",
                        end.validator());
            default ->
                new Forged(
                        new Job(
                                job.finished(),
                                new SignedReceipt(start, job.started().validatorSignature(), signature(start, ROOT))),
                        "Started",
                        end.miner());
        };
    }

    private static String signature(Receipt receipt, KeyPair key) {
        return "0x" + HexFormat.of().formatHex(key.sign(ReceiptJson.signedBytes(receipt)));
    }

    private static void expectRefused(Forged forged, Random random) {
        ForeignReceipts replica = REPLICAS.get(random.nextInt(REPLICAS.size()));
        assertThatThrownBy(() -> forged.job().judgedBy(replica))
                .isInstanceOf(ReceiptForged.class)
                .hasMessageContaining(forged.kind() + " receipt of job "
                        + forged.job().finished().receipt().job())
                .hasMessageEndingWith("is not signed by " + forged.signer());
    }

    @Test
    void everyBlockOfAValidatorPaysOnceWhicheverReplicaIsAskedAndWhatIsForgedSpendsNone() {
        Random random = new Random(3);
        Map<String, String> holders = new HashMap<>();
        List<Job> jobs = new ArrayList<>();
        List<String> said = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < 60; i++) {
            KeyPair validator = VALIDATORS.get(random.nextInt(VALIDATORS.size()));
            long start = DROP + 10 + random.nextInt(40);
            List<Long> blocks = new ArrayList<>();
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                blocks.add(DROP - 3 + random.nextInt(45));
            }
            String id = "random-" + i;
            long good = blocks.stream()
                    .distinct()
                    .filter(block -> block >= DROP && block <= start)
                    .filter(block -> holders.get(validator.hotkey() + "/" + block) == null)
                    .count();
            double cost = YIELD * (1 + random.nextInt(2));
            boolean pays = good * YIELD >= cost;
            Job job = job(validator, id, start, cost, blocks);
            // Spends nothing: what is really signed is judged as if there had been no other.
            expectRefused(forged(job, VALIDATORS.get(random.nextInt(VALIDATORS.size())), i), random);
            String verdict = job.verdict(REPLICAS.get(random.nextInt(REPLICAS.size())));
            assertThat(verdict).as("%s", job).startsWith(pays ? "paid" : "not paid");
            if (pays) {
                blocks.stream()
                        .filter(block -> block >= DROP && block <= start)
                        .forEach(block -> holders.putIfAbsent(validator.hotkey() + "/" + block, id));
            }
            refused += pays ? 0 : 1;
            jobs.add(job);
            said.add(verdict);
        }
        assertThat(refused).isBetween(10, 50);
        for (int i = 0; i < jobs.size(); i++) {
            assertThat(jobs.get(i).verdict(REPLICAS.get(i % REPLICAS.size()))).isEqualTo(said.get(i));
        }
    }

    @Test
    void aSecondJobWithTheSameBlockIsRefusedAndReported() {
        Job first = job(VALIDATORS.get(0), "first", 2_095, YIELD, List.of(2_090L));
        Job second = job(VALIDATORS.get(0), "second", 2_095, YIELD, List.of(2_090L, 3L, 2_010L, 2_096L));
        Job other = job(VALIDATORS.get(1), "other", 2_095, YIELD, List.of(2_090L));

        assertThat(first.judgedBy(REPLICAS.get(0)).spendable()).containsExactly(2_090L);
        assertThatThrownBy(() -> second.judgedBy(REPLICAS.get(1)))
                .isInstanceOfSatisfying(CannotSpend.class, refusal -> {
                    assertThat(refusal.details().alreadySpent()).containsExactly(2_090L);
                    assertThat(refusal.details().outsideRange()).containsExactly(3L, 2_096L);
                    assertThat(refusal.details().invalidated()).containsExactly(2_010L);
                    assertThat(refusal.details().spendable()).isEmpty();
                });
        assertThat(other.judgedBy(REPLICAS.get(2)).spendable()).containsExactly(2_090L);
        assertThat(EVENTS)
                .filteredOn(event -> event.type() == EventType.BLOCK_SPENT_TWICE)
                .anySatisfy(event -> assertThat(event.message()).contains("second", "first"));
    }

    @Test
    void whatIsNotSignedOrNotOfOneJobIsNotJudged() {
        Job good = job(VALIDATORS.get(0), "good", 2_095, 0, List.of());
        Job other = job(VALIDATORS.get(0), "another", 2_095, 0, List.of());
        SignedReceipt forged = new SignedReceipt(
                good.finished().receipt(),
                other.finished().validatorSignature(),
                good.finished().minerSignature());
        Job tooSoon = job(VALIDATORS.get(0), "too-soon", NEWEST, 0, List.of());
        Job tooOld = job(VALIDATORS.get(0), "too-old", FIRST - 1, 0, List.of());
        Job changed = job(VALIDATORS.get(0), "good", 2_095, 1, List.of(2_094L));
        ForeignReceipts replica = REPLICAS.get(0);

        assertThatThrownBy(() -> replica.validate(forged, good.started())).isInstanceOf(ReceiptForged.class);
        assertThatThrownBy(() -> replica.validate(good.finished(), other.started()))
                .isInstanceOf(InvalidArgument.class);
        assertThatThrownBy(() -> replica.validate(good.started(), good.finished()))
                .isInstanceOf(InvalidArgument.class);
        assertThatThrownBy(() -> tooSoon.judgedBy(replica)).isInstanceOf(GridUnavailable.class);
        assertThatThrownBy(() -> tooOld.judgedBy(replica)).isInstanceOf(InvalidArgument.class);
        assertThat(good.judgedBy(replica).spendable()).isEmpty();
        assertThatThrownBy(() -> changed.judgedBy(replica))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("judged before");
    }

    /** The first job to finish has the block, whichever receipt came first. */
    @Test
    void anAuditSaysTheSameInWhateverOrderReceiptsCame() {
        KeyPair validator = VALIDATORS.get(2);
        List<Job> jobs = new ArrayList<>(List.of(
                job(validator, "early", 2_085, YIELD, List.of(2_080L)),
                job(validator, "late", 2_087, YIELD, List.of(2_080L, 2_081L)),
                job(validator, "thief", 2_088, YIELD, List.of(2_080L)),
                job(validator, "before", 2_078, YIELD, List.of(2_077L)),
                job(validator, "again", 2_089, YIELD, List.of(2_077L))));
        List<AuditReport> reports = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            Collections.shuffle(jobs, new Random(round));
            ReceiptIndex index = new ReceiptIndex();
            jobs.forEach(job -> {
                index.add(job.finished());
                index.add(job.started());
            });
            reports.add(Audit.of(2_085, 2_095, grids.grid(0).blocks(), REPLICAS.get(0), index));
        }

        assertThat(reports).allMatch(report -> report.equals(reports.get(0)));
        OfValidator found = reports.get(0).validators().get(0);
        assertThat(found.jobs()).isEqualTo(4);
        assertThat(found.paidJobs()).isEqualTo(2);
        assertThat(found.rejected())
                .extracting(rejected -> rejected.job().value() + " " + rejected.reason())
                .containsExactly("thief " + Reason.CANNOT_SPEND, "again " + Reason.CANNOT_SPEND);
        assertThat(found.suspicious())
                .anySatisfy(suspicion -> assertThat(suspicion.jobs())
                        .containsExactly(new JobId("early"), new JobId("late"), new JobId("thief")))
                .anySatisfy(suspicion ->
                        assertThat(suspicion.jobs()).containsExactly(new JobId("before"), new JobId("again")));
    }
}
