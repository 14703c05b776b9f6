package io.quartermaster.node.app;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Fence;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.Neuron;
import io.quartermaster.api.Receipt;
import io.quartermaster.node.chain.Observation;
import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.chain.Observation.CollateralSeen;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.Observation.ReceiptSeen;
import io.quartermaster.node.chain.ObservationSink;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.grid.MinerManifests;
import io.quartermaster.node.grid.NeuronList;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockSet;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerCommand.Claim;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.Limits;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.ledger.ValidatorStakes;
import io.quartermaster.node.locks.LockCommand;
import io.quartermaster.node.locks.LockOutcome;
import io.quartermaster.node.manifest.ExecutorClasses;
import io.quartermaster.node.manifest.ManifestSync;
import io.quartermaster.node.manifest.ManifestTrouble;
import io.quartermaster.node.manifest.MinerManifest;
import io.quartermaster.node.params.DynamicParameters;
import io.quartermaster.node.params.ParameterSource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/** Turns what is seen of the chain into changes of the books. Called by one thread at a time: the follower's. */
final class Ingest implements ObservationSink {
    /** Ledgers are tidied seldom: an evicted block yields nothing anyway, since the table has left it out. */
    private static final long EVICT_LEDGERS_EVERY_BLOCKS = 100;

    /** An incident that is reported again after it was forgotten counts anew, so they are kept beyond the window. */
    private static final int INCIDENTS_KEPT_WINDOWS = 2;

    private static final int MOST_REFUSED_REMEMBERED = 10_000;

    private static final String MINER_NUMBERS = "miner-numbers";

    private final Grid grid;
    private final ExecutorClasses classes;
    private final ParameterSource parameters;
    private final GridReceipts receipts;
    private final EventLog events;
    private final LongConsumer blockNanos;
    private final Hooks hooks;

    private List<Neuron> lastNeurons = List.of();
    private String lastDigest = "";
    private ValidatorStakes lastStakes = ValidatorStakes.NONE;
    private long ledgersEvictedAt = -1;
    private final Set<Long> refused = new HashSet<>();

    /** The lock under which this is done, if several replicas could do it. */
    private volatile Optional<Fence> fence = Optional.empty();

    /** Made with whom to tell how many nanoseconds a block took to be taken in. */
    Ingest(
            Grid grid,
            ExecutorClasses classes,
            ParameterSource parameters,
            GridReceipts receipts,
            EventLog events,
            LongConsumer blockNanos,
            Hooks hooks) {
        this.grid = grid;
        this.classes = classes;
        this.parameters = parameters;
        this.receipts = receipts;
        this.events = events;
        this.blockNanos = blockNanos;
        this.hooks = hooks;
    }

    /** What else is to be done with what is seen. */
    interface Hooks {
        /** A block is about to be taken in. */
        default void beforeBlock(long block, ValidatorStakes stakes) {}

        /** Manifests were taken in. */
        default void afterManifests() {}

        /** A receipt is about to be taken in. */
        default void beforeReceipt(Receipt receipt) {}

        /** What is old is being forgotten. */
        default void evict() {}
    }

    /** From now on every change of a ledger shows this token. */
    void under(Fence newFence) {
        fence = Optional.of(newFence);
    }

    @Override
    public boolean has(long block) {
        BlockTable blocks = grid.blocks();
        // One that was never finalised, although others follow, is looked at again.
        return blocks.record(block)
                .map(record -> record.finalised() || block == blocks.newest())
                .orElse(false);
    }

    @Override
    public long newestBlock() {
        return grid.blocks().newest();
    }

    @Override
    public void ingest(Observation observation) {
        if (observation instanceof BlockSeen block) {
            try {
                block(block);
            } catch (InvalidArgument e) {
                tellOnce(block.block(), e);
                throw e;
            }
        } else if (observation instanceof ManifestsSeen manifests) {
            manifests(manifests);
        } else if (observation instanceof CollateralSeen collateral) {
            InFlight done = inFlight();
            collateral
                    .wei()
                    .forEach((miner, wei) ->
                            done.send(() -> grid.records().collateral().put(miner.value(), wei)));
            done.await();
        } else if (observation instanceof ReceiptSeen seen) {
            hooks.beforeReceipt(seen.receipt().receipt());
            GridAllowance.await(grid.newCall(), receipts.take(seen.receipt()));
        }
    }

    private void block(BlockSeen seen) {
        long began = System.nanoTime();
        BlockTable before = grid.blocks();
        ValidatorStakes stakes = stakes(seen);
        BlockRecord record =
                BlockRecord.seen(seen.block(), seen.timeMillis(), seen.hash(), stakes, digest(seen.neurons()));
        List<BlockRecord> changes =
                before.changesFor(record, parameters.current().blockAllowanceMultiplier());
        if (changes.isEmpty()) {
            return;
        }
        if (grid.records().neurons().get(lastDigest).isEmpty()) {
            GridAllowance.await(
                    grid.newCall(), grid.records().neurons().put(lastDigest, NeuronList.of(seen.neurons())));
        }
        hooks.beforeBlock(seen.block(), stakes);
        InFlight done = inFlight();
        changes.forEach(change -> done.send(() -> grid.put(change)));
        done.await();
        lastStakes = stakes;
        changes.forEach(change -> warnOfStall(change, before));
        BlockTable after = grid.blocks();
        if (after.newest() >= ledgersEvictedAt + EVICT_LEDGERS_EVERY_BLOCKS) {
            ledgersEvictedAt = after.newest();
            evict(after);
        }
        blockNanos.accept(System.nanoTime() - began);
    }

    /** One that is refused may be shown or fetched again and again. */
    private void tellOnce(long block, InvalidArgument why) {
        if (refused.contains(block)) {
            return;
        }
        if (refused.size() == MOST_REFUSED_REMEMBERED) {
            refused.clear();
        }
        refused.add(block);
        events.record(new SystemEvent(
                now(),
                EventType.BLOCK_REFUSED,
                Map.of("block", Long.toString(block)),
                "block " + block + " was not taken in: " + why.getMessage()));
    }

    private ValidatorStakes stakes(BlockSeen seen) {
        return ValidatorStakes.of(
                lastStakes,
                seen.validators().stream().map(Observation.Validator::hotkey).toList(),
                seen.validators().stream()
                        .mapToDouble(Observation.Validator::stake)
                        .toArray());
    }

    private void warnOfStall(BlockRecord change, BlockTable before) {
        long successorMillis = grid.blocks()
                .record(change.number() + 1)
                .map(BlockRecord::timeMillis)
                .orElse(change.timeMillis());
        long measured = successorMillis - change.timeMillis();
        boolean finalisedNow = change.finalised()
                && !before.record(change.number()).map(BlockRecord::finalised).orElse(false);
        if (finalisedNow && measured > Limits.LONGEST_BLOCK_MILLIS) {
            events.record(new SystemEvent(
                    now(),
                    EventType.BLOCK_LENGTH_CAPPED,
                    Map.of("block", Long.toString(change.number())),
                    "block " + change.number() + " took " + measured / 1000.0 + " s and counts as "
                            + change.lengthMillis() / 1000.0 + " s"));
        }
    }

    /** Leaves out what only concerns blocks that are no longer kept. */
    private void evict(BlockTable blocks) {
        InFlight done = inFlight();
        for (MinerLedger ledger : grid.shelf().ledgers()) {
            done.send(() -> submit(
                    ledger.miner(),
                    new LedgerCommand.Evict(
                            grid.newCall(), grid.sentMillis(), blocks.newest() - Limits.BLOCK_EVICTION_THRESHOLD)));
        }
        Set<String> used = new HashSet<>();
        for (long block = blocks.oldest(); block <= blocks.newest(); block++) {
            blocks.record(block).map(BlockRecord::neurons).ifPresent(used::add);
        }
        List<String> unused = grid.records().neurons().entries().keySet().stream()
                .filter(digest -> !used.contains(digest))
                .toList();
        done.send(() -> grid.forgetBlocksBefore(blocks.oldest()));
        done.send(() -> grid.records().neurons().remove(unused));
        done.send(() -> grid.records().incidents().remove(oldIncidents()));
        done.send(() -> receipts.forgetBefore(blocks));
        done.await();
        hooks.evict();
    }

    private List<String> oldIncidents() {
        Duration kept = parameters.current().routingReliabilityWindow().multipliedBy(INCIDENTS_KEPT_WINDOWS);
        Instant before = now().minus(kept);
        return grid.records().incidents().entries().entrySet().stream()
                .filter(incident -> incident.getValue().time().isBefore(before))
                .map(Map.Entry::getKey)
                .toList();
    }

    private void manifests(ManifestsSeen seen) {
        BlockTable blocks = grid.blocks();
        if (!blocks.isEmpty() && seen.block() > blocks.newest() + Limits.BLOCK_EVICTION_THRESHOLD) {
            throw new InvalidArgument(
                    "block of a manifest sync",
                    seen.block(),
                    "at most " + (blocks.newest() + Limits.BLOCK_EVICTION_THRESHOLD) + ": the newest block is "
                            + blocks.newest());
        }
        DynamicParameters current = parameters.current();
        List<Hotkey> neurons = blocks.record(blocks.newest())
                .flatMap(record -> grid.records().neurons().get(record.neurons()))
                .orElse(NeuronList.NONE)
                .hotkeys();
        ManifestSync.Outcome sync = new ManifestSync(classes, current.minerMaxExecutorsPerClass())
                .of(seen.block(), seen.counts(), seen.failed(), neurons, this::statedClasses);
        sync.troubles().forEach(this::report);
        BlockSet frozen = BlockSet.of(blocks.finalisedFrom(seen.block()));
        Map<Hotkey, Integer> unnumbered = new HashMap<>();
        for (MinerManifest manifest : sync.manifests()) {
            if (grid.shelf().ledger(manifest.miner()).isEmpty()) {
                unnumbered.putIfAbsent(manifest.miner(), unnumbered.size());
            }
        }
        int number = firstNumberFor(unnumbered.size());
        InFlight done = inFlight();
        for (MinerManifest manifest : sync.manifests()) {
            done.send(() -> state(manifest, frozen, number + unnumbered.getOrDefault(manifest.miner(), 0)));
        }
        done.await();
        showManifests(sync.manifests());
        hooks.afterManifests();
    }

    private CompletionStage<?> state(MinerManifest manifest, BlockSet frozen, int numberIfNew) {
        Map<ExecutorClass, Claim> claims = new HashMap<>();
        manifest.claims().forEach((executorClass, claim) -> {
            claims.put(executorClass, new Claim(claim.said(), claim.stored()));
            reportDrop(manifest, executorClass, claim);
        });
        return submit(
                        manifest.miner(),
                        new LedgerCommand.State(
                                grid.newCall(), grid.sentMillis(), manifest.block(), claims, frozen, numberIfNew))
                .thenAccept(outcome -> {
                    if (!(outcome instanceof LedgerOutcome.Done)) {
                        throw GridAllowance.tooLate();
                    }
                });
    }

    /** Numbers that no miner has been given and none will be: nobody draws them again. */
    private int firstNumberFor(int miners) {
        if (miners == 0) {
            return 1;
        }
        CallId call = grid.newCall();
        LockOutcome drawn = GridAllowance.await(call, grid.submit(MINER_NUMBERS, new LockCommand.Draw(call, miners)));
        return Math.toIntExact(((LockOutcome.Granted) drawn).token()) - miners + 1;
    }

    private CompletionStage<LedgerOutcome> submit(Hotkey miner, LedgerCommand command) {
        return grid.submit(miner, command, fence);
    }

    private void reportDrop(MinerManifest manifest, ExecutorClass executorClass, MinerManifest.Claim claim) {
        int before = grid.shelf()
                .ledger(manifest.miner())
                .map(ledger -> ledger.book(executorClass))
                .map(book -> book.stated().at(manifest.block()))
                .orElse(0);
        if (claim.said() < before) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put(SystemEvent.MINER, manifest.miner().value());
            fields.put("class", executorClass.name());
            fields.put("block", Long.toString(manifest.block()));
            events.record(new SystemEvent(
                    now(),
                    EventType.MANIFEST_DROP,
                    fields,
                    "miner " + manifest.miner() + " dropped from " + before + " to " + claim.said() + " executors of "
                            + executorClass + " at block " + manifest.block() + ": its older blocks are invalid"));
        }
    }

    private void report(ManifestTrouble trouble) {
        EventType type = switch (trouble.kind()) {
            case MANIFEST_TIMEOUT -> EventType.MANIFEST_TIMEOUT;
            case MANIFEST_ERROR -> EventType.MANIFEST_ERROR;
            case UNKNOWN_EXECUTOR_CLASS -> EventType.UNKNOWN_EXECUTOR_CLASS;
        };
        events.record(SystemEvent.ofMiner(now(), type, trouble.miner(), trouble.detail()));
    }

    private void showManifests(List<MinerManifest> changed) {
        InFlight done = inFlight();
        for (MinerManifest manifest : changed) {
            grid.shelf().ledger(manifest.miner()).ifPresent(ledger -> {
                List<Manifest> newest = ledger.classes().values().stream()
                        .map(book -> new Manifest(
                                ledger.miner(), book.executorClass(), book.manifestBlock(), book.executors()))
                        .sorted(Comparator.comparing(Manifest::executorClass))
                        .toList();
                done.send(() -> grid.records().manifests().put(ledger.miner().value(), new MinerManifests(newest)));
            });
        }
        done.await();
    }

    private Set<ExecutorClass> statedClasses(Hotkey miner) {
        return grid.shelf()
                .ledger(miner)
                .map(ledger -> ledger.classes().values().stream()
                        .map(ClassBook::executorClass)
                        .collect(Collectors.toSet()))
                .orElse(Set.of());
    }

    /** Names a list of neurons by its contents; block after block it is mostly the same object. */
    @SuppressWarnings("ReferenceEquality")
    private String digest(List<Neuron> neurons) {
        if (neurons != lastNeurons || lastDigest.isEmpty()) {
            MessageDigest sha = sha256();
            neurons.forEach(neuron -> sha.update((neuron + "\n").getBytes(StandardCharsets.UTF_8)));
            lastDigest = HexFormat.of().formatHex(sha.digest(), 0, 16);
            lastNeurons = neurons;
        }
        return lastDigest;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private Instant now() {
        return Instant.ofEpochMilli(grid.nowMillis());
    }

    private InFlight inFlight() {
        return new InFlight(grid::newCall);
    }
}
