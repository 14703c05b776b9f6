package io.quartermaster.node.grid;

import static org.awaitility.Awaitility.await;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Miner;
import io.quartermaster.api.MinerIncident;
import io.quartermaster.api.Neuron;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockSet;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerCommand.Claim;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.ValidatorStakes;
import io.quartermaster.node.store.Durability;
import java.io.IOException;
import java.math.BigInteger;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Real grids of one or several members in this JVM, on the loopback, with a clock that the test sets. */
public final class TestGrids implements AutoCloseable {
    static final Hotkey MINER = new Hotkey("5Miner");
    static final Hotkey VALIDATOR = new Hotkey("5Validator");
    static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");

    private final AtomicLong nowMillis = new AtomicLong(1_700_000_000_000L);
    private final List<Grid> grids = new ArrayList<>();
    private final List<String> addresses;
    private final String name = "test-" + UUID.randomUUID();
    private final Path directory = temporary();

    private final Supplier<GridListeners> listeners;

    public TestGrids(int replicas) {
        this(replicas, NoListeners::new);
    }

    /** Grids of which each has listeners of its own. */
    public TestGrids(int replicas, Supplier<GridListeners> listeners) {
        this.listeners = listeners;
        this.addresses = replicas == 1 ? List.of() : freeAddresses(replicas);
        IntStream.range(0, replicas).forEach(this::start);
        grids.forEach(TestGrids::awaitServing);
    }

    public static void awaitServing(Grid grid) {
        await().atMost(Duration.ofSeconds(20)).until(() -> grid.waitingFor().isEmpty());
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("quartermaster-grid");
        } catch (IOException e) {
            throw new IllegalStateException("No temporary directory", e);
        }
    }

    /**
     * Addresses where nobody listens, with ports below those that the system gives to connections (from 32768 on Linux). Among those,
     * whoever calls a replica that is away may be given the very port that it calls; TCP then connects it with itself, and the engine
     * takes itself for the other.
     */
    public static List<String> freeAddresses(int count) {
        Set<Integer> ports = new LinkedHashSet<>();
        while (ports.size() < count) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_768);
            try (ServerSocket socket = new ServerSocket(port)) {
                ports.add(socket.getLocalPort());
            } catch (IOException taken) {
                // Another one, then.
            }
        }
        return ports.stream().map(port -> "127.0.0.1:" + port).toList();
    }

    public Grid start(int replica) {
        return start(settings(replica));
    }

    GridSettings settings(int replica) {
        return addresses.isEmpty()
                ? GridSettings.alone()
                : GridSettings.of(
                                name,
                                replica + 1,
                                "127.0.0.1",
                                Integer.parseInt(addresses.get(replica).split(":", 2)[1]),
                                addresses)
                        .withSecret("secret of " + name)
                        .withDirectory(directory.resolve("replica-" + (replica + 1)), Durability.REPLICATED);
    }

    Grid start(GridSettings settings) {
        InstantSource clock = () -> Instant.ofEpochMilli(nowMillis.get());
        Grid grid = Grid.start(settings, clock, duration -> duration, listeners.get());
        grids.add(grid);
        return grid;
    }

    public Grid grid(int replica) {
        return grids.get(replica);
    }

    public List<Grid> all() {
        return Collections.unmodifiableList(grids);
    }

    public void leave(int replica) {
        grids.remove(replica).close();
    }

    public void passMillis(long millis) {
        nowMillis.addAndGet(millis);
    }

    /** Blocks of 12 s with one validator, all but the newest finalised; a manifest of two executors at the first. */
    public void prepare(Grid grid, int blocks) throws Exception {
        NeuronList neurons = NeuronList.of(
                List.of(new Neuron(0, new Hotkey("5Cold"), new Miner(MINER, "10.0.0.1", 8000, 4, Optional.empty()))));
        grid.records().neurons().put("neurons", neurons).toCompletableFuture().get(10, TimeUnit.SECONDS);
        for (long number = 100; number < 100 + blocks; number++) {
            BlockRecord seen = BlockRecord.seen(
                    number, number * 12_000, Optional.empty(), ValidatorStakes.of(List.of(VALIDATOR), 1000), "neurons");
            for (BlockRecord change : grid.blocks().changesFor(seen, 1.0)) {
                grid.put(change).toCompletableFuture().get(10, TimeUnit.SECONDS);
            }
        }
        LedgerOutcome stated = submit(
                grid,
                new LedgerCommand.State(
                        grid.newCall(), grid.sentMillis(), 100, Map.of(GPU, new Claim(2, 2)), BlockSet.EMPTY, 1));
        if (!(stated instanceof LedgerOutcome.Done)) {
            throw new IllegalStateException("Stating a manifest was answered with " + stated);
        }
    }

    /** Blocks of 12 s with one validator and one miner, from 100 on. */
    static BlockTable blocks(long newest) {
        BlockTable blocks = BlockTable.over(neurons -> Set.of(MINER));
        for (long number = 100; number <= newest; number++) {
            blocks = blocks.with(blocks.changesFor(
                    BlockRecord.seen(
                            number,
                            number * 12_000,
                            Optional.empty(),
                            ValidatorStakes.of(List.of(VALIDATOR), 1000),
                            "neurons"),
                    1.0));
        }
        return blocks;
    }

    public LedgerCommand.Reserve reserve(Grid grid, String job, int seconds) {
        return new LedgerCommand.Reserve(
                grid.newCall(),
                grid.sentMillis(),
                VALIDATOR,
                GPU,
                new JobId(job),
                seconds * 1_000_000_000L,
                110,
                seconds * 1_000L + 100_000,
                Optional.empty());
    }

    public LedgerOutcome submit(Grid grid, LedgerCommand command) throws Exception {
        return grid.submit(MINER, command).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        grids.forEach(Grid::close);
    }

    public static class NoListeners implements GridListeners {
        @Override
        public void incident(MinerIncident incident) {}

        @Override
        public void incidentForgotten(MinerIncident incident) {}

        @Override
        public void receipt(SignedReceipt receipt) {}

        @Override
        public void receiptForgotten(SignedReceipt receipt) {}

        @Override
        public void collateral(String miner, BigInteger wei) {}
    }
}
