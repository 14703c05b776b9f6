package io.quartermaster.ops;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.app.SimulatedLoad;
import io.quartermaster.node.app.web.HttpSettings;
import io.quartermaster.node.app.web.ReplicaHttp;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.RecordedChain;
import io.quartermaster.node.chain.SimulatedJobs;
import io.quartermaster.node.chain.SimulatedMiners;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.SimulationSettings.MinerMix;
import io.quartermaster.node.chain.SimulationSettings.Misbehaviour;
import io.quartermaster.node.routing.RoutingSettings;
import java.io.Console;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = Qm.Version.class,
        description = "Runs a replica until it is stopped (Ctrl-C).",
        footer = {
            "%nIt serves HTTP for the other commands, on the loopback unless told otherwise. Progress goes to standard output: one line that",
            "changes on a terminal, a line every ten seconds otherwise."
        })
final class RunCommand implements Callable<Integer> {
    private static final long TERMINAL_EVERY_MILLIS = 500;
    private static final long PLAIN_EVERY_MILLIS = 10_000;

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    private static final class Source {
        @Option(names = "--simulate", required = true, description = "Follow a simulated subnet, with jobs on it.")
        private boolean simulate;

        @Option(names = "--recorded", required = true, paramLabel = "FILE", description = "Follow a recorded chain.")
        private @Nullable Path recorded;

        @ArgGroup(exclusive = false, multiplicity = "1")
        private @Nullable NodeOptions nodes;
    }

    @Option(
            names = "--speed",
            defaultValue = "1",
            description = "How fast time goes on the chain: 60 is a minute a second (default: ${DEFAULT-VALUE}).")
    private double speed;

    @Option(names = "--seed", defaultValue = "1", description = "Which simulated subnet (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--miners", defaultValue = "24", description = "Simulated miners (default: ${DEFAULT-VALUE}).")
    private int miners;

    @Option(
            names = "--validators",
            defaultValue = "6",
            description = "Simulated validators (default: ${DEFAULT-VALUE}).")
    private int validators;

    @Option(
            names = "--jobs-per-minute",
            defaultValue = "20",
            description = "Simulated jobs a minute of the chain's time (default: ${DEFAULT-VALUE}).")
    private double jobsPerMinute;

    @Option(names = "--calm", description = "A simulated subnet on which nothing goes wrong.")
    private boolean calm;

    @Option(names = "--record", paramLabel = "FILE", description = "Record what is seen; .gz compresses.")
    private @Nullable Path record;

    @Mixin
    private HttpOptions http = new HttpOptions();

    @Mixin
    private GridOptions grid = new GridOptions();

    @Option(
            names = "--began",
            paramLabel = "INSTANT",
            description = {
                "When the simulated subnet began, such as 2026-11-16T00:00:00Z. Replicas of one grid must agree on it",
                "(default: now for a replica alone without --data, else the start of this week in UTC)."
            })
    private @Nullable Instant began;

    @Option(names = "--no-jobs", description = "A simulated subnet without simulated jobs.")
    private boolean noJobs;

    @Option(names = "--arbiter", description = "Keep the books, but do not follow the chain and send no jobs.")
    private boolean arbiter;

    @Option(names = "--debug-miner", paramLabel = "HOTKEY", description = "Send every job to this miner, unchecked.")
    private @Nullable String debugMiner;

    @Option(
            names = "--router",
            defaultValue = "allowance",
            description = {
                "By what jobs are routed: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). All replicas of a grid",
                "must agree on it."
            })
    private RoutingSettings.By router = RoutingSettings.By.ALLOWANCE;

    @Option(names = "--weighted", description = "Draw miners at random, reliable ones more often.")
    private boolean weighted;

    @Mixin
    private ParameterOptions parameters = new ParameterOptions();

    @Mixin
    private LogOptions log = new LogOptions();

    @Option(
            names = RunSettings.FILE_OPTION,
            paramLabel = "FILE",
            description = {
                "A YAML file with any of these options as 'key: value', the key without dashes. QM_RUN_HTTP_PORT and so on in",
                "the environment go before it, and the command line before both."
            })
    @SuppressWarnings("UnusedVariable") // read by RunSettings, before the options are
    private @Nullable Path settingsFile;

    @Option(names = "--json", description = "Print progress as JSON lines.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        log.apply();
        try (StopSignal stop = StopSignal.listen()) {
            serve(stop);
            return ExitCodes.OK;
        }
    }

    private void serve(StopSignal stop) throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        HttpSettings serving = http.settings(grid.replica());
        try (Replica replica = Replica.start(chain(), settings());
                ReplicaHttp server = ReplicaHttp.start(replica, serving);
                Load load = load(replica)) {
            out.println(
                    json
                            ? "{\"http\":\"" + server.url() + "\"}"
                            : "Replica at " + server.url() + ", grid at "
                                    + replica.status().gridAddress() + ". Stop it with Ctrl-C.");
            boolean terminal = !json && onTerminal();
            RunProgress progress = new RunProgress(out, replica, load.running(), terminal, json);
            long showEvery = terminal ? TERMINAL_EVERY_MILLIS : PLAIN_EVERY_MILLIS;
            long shown = System.nanoTime();
            while (!stop.within(Duration.ofMillis(TERMINAL_EVERY_MILLIS))) {
                if (replica.mustLeave().isPresent()) {
                    progress.end();
                    throw new GridUnavailable(replica.mustLeave().get());
                }
                if (System.nanoTime() - shown >= TimeUnit.MILLISECONDS.toNanos(showEvery)) {
                    shown = System.nanoTime();
                    progress.show();
                }
            }
            progress.end();
        }
    }

    /** Standard output, that is: from Java 22 on there is a console even where there is no terminal. */
    @SuppressWarnings("SystemConsoleNull")
    static boolean onTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException beforeJava22) {
            return true;
        }
    }

    /** The jobs on a simulated subnet; a recording has none. */
    private record Load(Optional<SimulatedLoad> running) implements AutoCloseable {
        @Override
        public void close() {
            running.ifPresent(SimulatedLoad::close);
        }
    }

    private Chain chain() {
        if (source.recorded != null) {
            return RecordedChain.open(source.recorded, speed);
        }
        if (source.nodes != null) {
            return source.nodes.chain();
        }
        if (began != null) {
            return new SimulatedSubnet(simulation().withStart(began), began);
        }
        if (grid.forgetful()) {
            return new SimulatedSubnet(simulation());
        }
        Instant week = LocalDate.now(ZoneOffset.UTC)
                .with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY))
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
        return new SimulatedSubnet(simulation().withStart(week), week);
    }

    private SimulationSettings simulation() {
        SimulationSettings settings = SimulationSettings.defaults()
                .withSeed(seed)
                .withParticipants(miners, validators)
                .withSpeed(speed);
        return calm ? settings.withTrouble(Misbehaviour.none(), MinerMix.reliable()) : settings;
    }

    private ReplicaSettings settings() {
        RoutingSettings routing = RoutingSettings.defaults().withRouter(router);
        if (debugMiner != null) {
            routing = routing.withDebugMiner(new Hotkey(debugMiner));
        }
        if (weighted) {
            routing = routing.withWeightedRanking();
        }
        ReplicaSettings settings = ReplicaSettings.defaults()
                .withGrid(grid.settings())
                .withRouting(routing)
                .withParams(parameters.given(System.getenv()));
        if (arbiter) {
            settings = settings.asArbiter();
        }
        return record == null ? settings : settings.withRecording(record);
    }

    private Load load(Replica replica) {
        if (!source.simulate || jobsPerMinute == 0 || noJobs || arbiter) {
            return new Load(Optional.empty());
        }
        SimulationSettings simulation = simulation();
        return new Load(Optional.of(SimulatedLoad.start(
                replica,
                new SimulatedMiners(seed, simulation.minerMix()),
                // Each replica has jobs of its own.
                new SimulatedJobs(seed + 1000L * (grid.replica() - 1), simulation.executorClasses(), jobsPerMinute))));
    }
}
