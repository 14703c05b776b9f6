package io.quartermaster.ops.chaos;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.SimulationSettings.MinerMix;
import io.quartermaster.node.chain.SimulationSettings.Misbehaviour;
import io.quartermaster.node.cycle.SlotBook;
import io.quartermaster.node.grid.Experiment;
import io.quartermaster.node.grid.GridSettings;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockSet;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.Booking;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.ledger.Statement;
import io.quartermaster.node.params.Parameter;
import io.quartermaster.node.routing.RoutingSettings;
import io.quartermaster.node.store.Durability;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A replica with callers of its own, told by its standard input what to do. Started by the fault test. */
@Command(name = "chaos-replica", hidden = true, description = "A replica of the fault test; started by qm chaos.")
public final class ChaosReplicaCommand implements Callable<Integer> {
    /** Older blocks may still be fetched when a run is over. */
    private static final int LOOKED_BACK = 150;

    @Option(names = "--replica", required = true)
    private int replica;

    @Option(names = "--members", required = true, split = ",")
    private List<String> members = List.of();

    @Option(names = "--directory", required = true)
    private Path directory = Path.of(".");

    @Option(names = "--log", required = true)
    private Path log = Path.of(".");

    @Option(names = "--began", required = true)
    private Instant began = Instant.EPOCH;

    @Option(names = "--speed", required = true)
    private double speed;

    @Option(names = "--miners", required = true)
    private int miners;

    @Option(names = "--history", required = true)
    private int history;

    @Option(names = "--seed", required = true)
    private long seed;

    @Option(names = "--life", required = true)
    private int life;

    @Option(names = "--silence", required = true)
    private int silence;

    @Option(names = "--durability", required = true)
    private Durability durability = Durability.FSYNC;

    @Option(names = "--router", required = true)
    private RoutingSettings.By router = RoutingSettings.By.ALLOWANCE;

    @Option(names = "--executors", required = true)
    private int executors;

    @Option(names = "--experiment", defaultValue = "NONE")
    private Experiment experiment = Experiment.NONE;

    /** What a replica holds, to be compared. */
    record Dump(
            int replica,
            long bookMillis,
            long newestBlock,
            int blocksMissing,
            String blocks,
            double worstUnforcedMillis,
            List<Miner> miners,
            List<Slots> slots) {}

    /** A miner's slots, where jobs are routed by cycle. */
    record Slots(String miner, long usedNanos, List<Kept> jobs) {}

    /** What is kept for a job. */
    record Kept(String job, String executorClass, long deadlineMillis, boolean accepted) {}

    /** A miner's ledger. */
    record Miner(String miner, List<Held> bookings, List<Classes> classes) {}

    /** A booking. */
    record Held(long id, String job, String executorClass, List<Long> blocks, boolean spent, long deadlineMillis) {}

    /** A class's blocks and sums. */
    record Classes(
            String executorClass,
            int mostExecutors,
            List<Long> reserved,
            List<Long> spent,
            long mintedNanos,
            long partsNanos) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        SimulationSettings subnet = SimulationSettings.defaults()
                .withSeed(seed)
                .withParticipants(miners, 1)
                .withBlocks(history, Long.MAX_VALUE)
                .withStart(began)
                .withSpeed(speed)
                .withTrouble(Misbehaviour.none(), MinerMix.reliable());
        SteppingChain chain = new SteppingChain(new SimulatedSubnet(subnet, began));
        String self = members.get(replica - 1);
        GridSettings grid = GridSettings.of(
                        "chaos",
                        replica,
                        self.substring(0, self.indexOf(':')),
                        Integer.parseInt(self.substring(self.indexOf(':') + 1)),
                        members)
                .withSecret("chaos")
                .withDirectory(directory, durability)
                .withSilence(Duration.ofSeconds(silence))
                .tampered(experiment);
        boolean cycle = router == RoutingSettings.By.CYCLE;
        Map<String, String> parameters = new HashMap<>(cycle ? CycleJobs.PARAMETERS : Map.of());
        if (executors > 0) {
            parameters.put(
                    Parameter.MINER_MAX_EXECUTORS_PER_CLASS.key(),
                    subnet.executorClasses().stream()
                            .map(executorClass -> executorClass + "=" + executors)
                            .collect(Collectors.joining(",")));
        }
        ReplicaSettings settings = ReplicaSettings.defaults()
                .withGrid(grid)
                .withParams(parameters)
                .withRouting(RoutingSettings.defaults().withRouter(router));
        try (Replica running = Replica.start(chain, settings);
                CallLog calls = new CallLog(log);
                ChaosLoad load = new ChaosLoad(
                        running, calls, "r" + replica + "l" + life, seed * 31 + replica * 7L + life, cycle);
                BufferedReader commands =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("started");
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                String[] words = line.split(" ", -1);
                switch (words[0]) {
                    case "rate" -> load.rate(Double.parseDouble(words[1]));
                    case "callers" -> load.callers(Integer.parseInt(words[1]));
                    case "open" -> System.out.println("open " + load.open());
                    case "slow" -> running.slowDisk(Long.parseLong(words[1]));
                    case "step" -> chain.step(Long.parseLong(words[1]));
                    case "status" -> System.out.println("status " + Json.MAPPER.writeValueAsString(running.status()));
                    case "bench" -> {
                        int callers = Integer.parseInt(words[1]);
                        int seconds = Integer.parseInt(words[2]);
                        ReplicaBench bench = new ReplicaBench(running, "bench-" + replica + "-" + callers);
                        System.out.println(
                                "bench " + Json.MAPPER.writeValueAsString(bench.reserveAndSpend(callers, seconds)));
                        System.out.println("bench " + Json.MAPPER.writeValueAsString(bench.route(callers, seconds)));
                    }
                    case "dump" -> {
                        Files.writeString(Path.of(words[1]), Json.MAPPER.writeValueAsString(dump(running)));
                        System.out.println("dumped");
                    }
                    case "stop" -> {
                        return 0;
                    }
                    default -> System.out.println("unknown " + line);
                }
            }
        }
        return 0;
    }

    private Dump dump(Replica running) {
        BlockTable table = running.blockTable();
        Hotkey validator = running.status().validator();
        StringBuilder blocks = new StringBuilder();
        int missing = 0;
        for (long number = Math.max(table.oldest(), table.newest() - LOOKED_BACK);
                number < table.newest() - 5;
                number++) {
            BlockRecord record = table.record(number).orElse(null);
            missing += record == null || !record.finalised() ? 1 : 0;
            // The newest ones may still be on their way.
            if (record != null && record.finalised() && number <= table.newest() - 20) {
                blocks.append(number).append(':').append(record.lengthMillis()).append(' ');
            }
        }
        List<Miner> ledgers = running.ledgers().stream()
                .sorted((a, b) -> a.miner().compareTo(b.miner()))
                .map(ledger -> miner(ledger, table, validator))
                .toList();
        return new Dump(
                replica,
                running.nowMillis(),
                table.newest(),
                missing,
                blocks.toString(),
                running.worstUnforced().toNanos() / 1e6,
                ledgers,
                new TreeMap<>(running.slots())
                        .entrySet().stream()
                                .map(book -> slots(book.getKey(), book.getValue()))
                                .toList());
    }

    private static Slots slots(Hotkey miner, SlotBook book) {
        return new Slots(
                miner.value(),
                book.usedNanos(),
                book.jobs().entrySet().stream()
                        .map(job -> new Kept(
                                job.getKey().value(),
                                job.getValue().executorClass().name(),
                                job.getValue().deadlineMillis(),
                                job.getValue().accepted()))
                        .sorted(Comparator.comparing(Kept::job))
                        .toList());
    }

    private static Miner miner(MinerLedger ledger, BlockTable table, Hotkey validator) {
        return new Miner(
                ledger.miner().value(),
                ledger.bookings().values().stream()
                        .sorted((a, b) -> Long.compare(a.id(), b.id()))
                        .map(ChaosReplicaCommand::held)
                        .toList(),
                ledger.classes().values().stream()
                        .sorted((a, b) -> a.executorClass().compareTo(b.executorClass()))
                        .map(book -> classes(book, ledger, table, validator))
                        .toList());
    }

    private static Held held(Booking booking) {
        return new Held(
                booking.id(),
                booking.job().value(),
                booking.executorClass().name(),
                list(booking.blocks()),
                booking.spent(),
                booking.deadlineMillis());
    }

    private static Classes classes(ClassBook book, MinerLedger ledger, BlockTable table, Hotkey validator) {
        Statement statement = Statement.of(book, validator, table.units(validator, ledger.miner()), table.newest());
        return new Classes(
                book.executorClass().name(),
                Arrays.stream(book.stated().counts()).max().orElse(0),
                list(book.account(validator).reserved()),
                list(book.account(validator).spent()),
                statement.mintedNanos(),
                statement.freeNanos()
                        + statement.reservedNanos()
                        + statement.spentNanos()
                        + statement.invalidatedNanos()
                        + statement.expiredNanos());
    }

    private static List<Long> list(BlockSet blocks) {
        return Arrays.stream(blocks.toArray()).boxed().toList();
    }
}
