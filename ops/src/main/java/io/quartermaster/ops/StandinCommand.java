package io.quartermaster.ops;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.keys.ShieldCertificate;
import io.quartermaster.node.keys.Wallet;
import io.quartermaster.ops.standin.AnsweringChain;
import io.quartermaster.ops.standin.PublishingChain;
import io.quartermaster.ops.standin.StandinFaults;
import io.quartermaster.ops.standin.StandinMiner.Fault;
import io.quartermaster.ops.standin.StandinNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
            "%nIt prints the command with which a replica follows it. Its miners publish their manifests on the chain; with",
            "--wallet they can be asked themselves, too. They have no collateral. The faults can be combined. A pruned node and",
            "one that is not make a lite node and an archive: see --archive-port."
        })
final class StandinCommand implements Callable<Integer> {
    private static final Duration TELL_EVERY = Duration.ofSeconds(10);
    private static final String FROM_COMMITMENTS = "DYNAMIC_MANIFESTS_USE_KNOWLEDGE_COMMITMENTS=true ";

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

    @Option(
            names = "--wallet",
            paramLabel = "FILE",
            description = {
                "The hotkey of the validator that the subnet is about, as for qm run. Its miners answer whoever signs with it",
                "when they are asked for their manifests."
            })
    private @Nullable Path wallet;

    @Option(
            names = "--shield-certificate",
            paramLabel = "FILE",
            description = {
                "Have a third of the miners behind shields, with addresses encrypted for this key; it is made if it is not",
                "there. Needs --wallet."
            })
    private @Nullable Path certificate;

    @Option(
            names = "--misbehaving",
            paramLabel = "P",
            description =
                    "So many of the miners, from 0 to 1, are dead, lie or never end when they are asked. Needs --wallet.")
    private double misbehaving;

    @Option(names = "--json", description = "Print progress as JSON lines.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        if (wallet == null && (certificate != null || misbehaving != 0)) {
            throw new InvalidArgument(
                    "wallet", "none", "the validator's: miners that can be asked answer only who signs with it");
        }
        if (!(misbehaving >= 0 && misbehaving <= 1)) {
            throw new InvalidArgument("misbehaving", misbehaving, "from 0 to 1");
        }
        try (StopSignal stop = StopSignal.listen();
                PublishingChain subnet = new PublishingChain(new SimulatedSubnet(SimulationSettings.defaults()
                        .withSeed(seed)
                        .withParticipants(miners, validators)
                        .withBlocks(HISTORY_BLOCKS, Long.MAX_VALUE)
                        .withSpeed(speed)))) {
            if (wallet == null) {
                serve(
                        subnet,
                        subnet::words,
                        FROM_COMMITMENTS,
                        " --hotkey " + subnet.info().validator(),
                        stop);
            } else {
                Optional<ShieldCertificate> key =
                        Optional.ofNullable(certificate).map(ShieldCertificate::readOrCreate);
                String shields = certificate == null ? "" : " --shield-certificate " + certificate;
                try (AnsweringChain chain = AnsweringChain.start(
                        subnet,
                        Wallet.read(wallet).hotkey(),
                        key,
                        misbehaving,
                        List.copyOf(EnumSet.complementOf(EnumSet.of(Fault.NONE))))) {
                    serve(chain, chain::words, "", " --wallet " + wallet + shields, stop);
                }
            }
            return ExitCodes.OK;
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

    private void serve(
            Chain chain, Supplier<Map<Hotkey, String>> words, String before, String validator, StopSignal stop)
            throws InterruptedException {
        try (StandinNode node = StandinNode.start(chain, port, faults(), words)) {
            if (archivePort < 0) {
                serve(chain, node, before, validator, stop);
                return;
            }
            try (StandinNode archive = StandinNode.start(chain, archivePort, StandinFaults.NONE, words)) {
                serve(chain, node, before, " --archive " + archive.uri() + validator, stop);
            }
        }
    }

    private void serve(Chain chain, StandinNode node, String before, String more, StopSignal stop)
            throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        tell(
                out,
                "follow",
                before + "DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI=0 ops/bin/qm run --lite " + node.uri() + " --netuid "
                        + chain.info().netuid() + more);
        while (!stop.within(TELL_EVERY)) {
            tell(
                    out,
                    "progress",
                    "block " + chain.head() + ", " + node.requests() + " requests, at most " + node.mostUnderWay()
                            + " at once");
        }
    }

    private void tell(PrintWriter out, String what, String text) {
        out.println(json ? Json.MAPPER.writeValueAsString(new TreeMap<>(Map.of(what, text))) : text);
        out.flush();
    }
}
