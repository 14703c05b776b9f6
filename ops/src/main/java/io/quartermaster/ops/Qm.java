package io.quartermaster.ops;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.Refused;
import io.quartermaster.node.chain.RecordingException;
import io.quartermaster.node.store.StoreDamaged;
import io.quartermaster.ops.chaos.ChaosCommand;
import io.quartermaster.ops.chaos.ChaosReplicaCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;

/** The {@code qm} command. */
@Command(
        name = "qm",
        description = "Runs and asks replicas of a Quartermaster grid.",
        mixinStandardHelpOptions = true,
        versionProvider = Qm.Version.class,
        subcommands = {
            RunCommand.class,
            StatusCommand.class,
            FindCommand.class,
            ReserveCommand.class,
            UndoCommand.class,
            SpendCommand.class,
            ExtendCommand.class,
            ReservationsCommand.class,
            RouteCommand.class,
            ExplainCommand.class,
            LedgerCommand.class,
            BlocksCommand.class,
            ManifestsCommand.class,
            IncidentsCommand.class,
            BlacklistCommand.class,
            NodesCommand.class,
            LocksCommand.class,
            EventsCommand.class,
            ReceiptsCommand.class,
            AuditCommand.class,
            ParamsCommand.class,
            CollateralCommand.class,
            TokenCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            StoreCommand.class,
            ReplayCommand.class,
            StandinCommand.class,
            BenchCommand.class,
            ChaosCommand.class,
            ChaosReplicaCommand.class,
            HelpCommand.class
        },
        footer = ExitCodes.HELP)
public final class Qm {
    private Qm() {}

    /** Reads the version from the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Qm.class.getPackage().getImplementationVersion();
            return new String[] {"qm " + (version == null ? "(not packaged)" : version)};
        }
    }

    /**
     * Runs a command and exits with its code.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int code = run(out, err, args);
        out.flush();
        System.exit(code);
    }

    /** Runs a command; what it prints goes to {@code out}, errors in one line to {@code err}. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(new Qm())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Qm::usageError)
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command));
        if (args.length == 0) {
            line.usage(out);
            return ExitCodes.BAD_INPUT;
        }
        try {
            return line.execute(withSettings(line, args));
        } catch (InvalidArgument wrong) {
            return failed(wrong, line);
        } catch (OutOfMemoryError tooLittle) {
            err.println("qm: There is too little memory: the heap of "
                    + (Runtime.getRuntime().maxMemory() >> 20)
                    + " MB is full. Give it more, for example with QM_JAVA_OPTS=-Xmx4g");
            return ExitCodes.INTERNAL;
        }
    }

    /** What a file and the environment add to {@code qm run}. */
    private static String[] withSettings(CommandLine line, String... args) {
        if (!args[0].equals("run")) {
            return args;
        }
        CommandLine run = Objects.requireNonNull(line.getSubcommands().get("run"));
        List<String> more = new RunSettings(run.getCommandSpec())
                .expanded(Arrays.asList(args).subList(1, args.length), System.getenv());
        return Stream.concat(Stream.of("run"), more.stream()).toArray(String[]::new);
    }

    private static int usageError(ParameterException wrong, String[] args) {
        CommandLine command = wrong.getCommandLine();
        command.getErr()
                .println("qm: " + oneLine(wrong) + " (see '"
                        + command.getCommandSpec().qualifiedName() + " --help')");
        return ExitCodes.BAD_INPUT;
    }

    private static int failed(Exception failure, CommandLine command) {
        command.getErr().println("qm: " + oneLine(failure));
        if (failure instanceof Refused) {
            return ExitCodes.REFUSED;
        }
        if (failure instanceof InvalidArgument || failure instanceof RecordingException) {
            return ExitCodes.BAD_INPUT;
        }
        if (failure instanceof StoreDamaged) {
            return ExitCodes.REFUSED;
        }
        if (failure instanceof IOException) {
            return ExitCodes.BAD_INPUT;
        }
        if (failure instanceof GridUnavailable || failure instanceof OutcomeUnknown) {
            return ExitCodes.UNAVAILABLE;
        }
        if (failure instanceof ReplicaClient.Answered answered) {
            return answered.exitCode();
        }
        return ExitCodes.INTERNAL;
    }

    private static String oneLine(Exception failure) {
        String message = failure.getMessage();
        return message == null
                ? failure.getClass().getSimpleName()
                : message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
