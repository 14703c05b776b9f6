package io.quartermaster.ops;

import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.ops.standin.PublishingChain;
import io.quartermaster.ops.standin.StandinFaults;
import io.quartermaster.ops.standin.StandinNode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "standin",
        mixinStandardHelpOptions = true,
        versionProvider = Qm.Version.class,
        description = "Serves a made-up subnet as a subtensor node would, until it is stopped (Ctrl-C).",
        footer = {
            "%nIt prints the command with which a replica follows it. Its miners publish their manifests on the chain; they",
            "can't be asked themselves, and have no collateral. The faults can be combined. A pruned node and one that is not make a lite node and",
            "an archive: see --archive-port."
        })
final class StandinCommand implements Callable<Integer> {
    private static final long TELL_EVERY_SECONDS = 10;

    /** As many as a replica wants, and some more. */
    private static final long HISTORY_BLOCKS = 2_000;

    @Option(
            names = "--port",
            defaultValue = "9944",
            description = "Where, on the loopback (default: ${DEFAULT-VALUE}).")
    private int port = 9944;

    @Option(names = "--seed", defaultValue = "1", description = "Which subnet (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--miners", defaultValue = "24", description = "How many miners (default: ${DEFAULT-VALUE}).")
    private int miners = 24;

    @Option(
            names = "--validators",
            defaultValue = "6",
            description = "How many validators (default: ${DEFAULT-VALUE}).")
    private int validators = 6;

    @Option(names = "--speed", defaultValue = "1", description = "How fast blocks come (default: ${DEFAULT-VALUE}).")
    private double speed = 1;

    @Option(
            names = "--archive-port",
            defaultValue = "-1",
            paramLabel = "PORT",
            description = "Serve the same chain there, too, without any fault: an archive.")
    private int archivePort = -1;

    @Option(names = "--pruned", paramLabel = "BLOCKS", description = "Keep the state of so many blocks only.")
    private int pruned = Integer.MAX_VALUE;

    @Option(names = "--latency", paramLabel = "MILLIS", description = "Take so long for each answer.")
    private long latency;

    @Option(names = "--behind", paramLabel = "BLOCKS", description = "Be so far behind the chain.")
    private int behind;

    @Option(names = "--lie", paramLabel = "P", description = "Cut answers short, with this probability.")
    private double lie;

    @Option(names = "--drop", paramLabel = "P", description = "Drop the connection in the middle of an answer.")
    private double drop;

    @Option(names = "--hang", paramLabel = "P", description = "Don't answer, with this probability.")
    private double hang;

    @Option(names = "--reorganise", description = "Replace every seventh block while it is new.")
    private boolean reorganise;

    @Option(
            names = "--upgrade-at",
            paramLabel = "BLOCK",
            description = "Have a runtime of another layout from there on.")
    private long upgradeAt = -1;

    @Option(names = "--json", description = "Print progress as JSON lines.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RunCommand.stop(stopped, closed), "stop"));
        try (PublishingChain chain = new PublishingChain(new SimulatedSubnet(SimulationSettings.defaults()
                        .withSeed(seed)
                        .withParticipants(miners, validators)
                        .withBlocks(HISTORY_BLOCKS, Long.MAX_VALUE)
                        .withSpeed(speed)));
                StandinNode node = StandinNode.start(chain, port, faults(), chain::words)) {
            if (archivePort < 0) {
                serve(chain, node, "", stopped);
            } else {
                try (StandinNode archive = StandinNode.start(chain, archivePort, StandinFaults.NONE, chain::words)) {
                    serve(chain, node, " --archive " + archive.uri(), stopped);
                }
            }
            return ExitCodes.OK;
        } finally {
            closed.countDown();
        }
    }

    private StandinFaults faults() {
        StandinFaults faults = StandinFaults.NONE
                .pruned(pruned)
                .slow(latency)
                .behind(behind)
                .unreliable(lie, drop, hang)
                .upgrading(upgradeAt);
        return reorganise ? faults.reorganising() : faults;
    }

    private void serve(Chain chain, StandinNode node, String archive, CountDownLatch stopped)
            throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        tell(
                out,
                "follow",
                "DYNAMIC_MANIFESTS_USE_KNOWLEDGE_COMMITMENTS=true DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI=0 ops/bin/qm run --lite "
                        + node.uri() + archive
                        + " --netuid " + chain.info().netuid() + " --hotkey "
                        + chain.info().validator());
        while (!stopped.await(TELL_EVERY_SECONDS, TimeUnit.SECONDS)) {
            tell(out, "progress", "block " + chain.head() + ", " + node.requests() + " requests");
        }
    }

    private void tell(PrintWriter out, String what, String text) {
        out.println(json ? Json.MAPPER.writeValueAsString(new TreeMap<>(Map.of(what, text))) : text);
        out.flush();
    }
}
