package io.quartermaster.ops;

import io.quartermaster.api.InvalidArgument;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
        name = "params",
        mixinStandardHelpOptions = true,
        versionProvider = Qm.Version.class,
        description = "Shows and changes the dynamic parameters of the whole grid.",
        subcommands = {
            ParamsCommand.ListAll.class,
            ParamsCommand.Get.class,
            ParamsCommand.Change.class,
            ParamsCommand.History.class
        },
        footer = {
            "%nA parameter is the same on all replicas, and survives them. What 'qm run' is given with --param, with",
            "--params-file or in the environment counts until somebody has set something in the grid: the first replica",
            "of a new grid enters it."
        })
final class ParamsCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "Say what to do: list, get, set or history. 'qm params --help' tells more");
    }

    @Command(name = "list", description = "Shows all parameters.")
    static final class ListAll extends AskingCommand {
        @Override
        JsonNode ask(ReplicaClient client) {
            return client.get("/v1/parameters", Map.of());
        }

        @Override
        void print(JsonNode parameters, PrintWriter out) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("parameter", "value", "default"));
            parameters.forEach(parameter -> rows.add(List.of(
                    text(parameter, "name"),
                    text(parameter, "value"),
                    text(parameter, "value").equals(text(parameter, "defaultValue"))
                            ? ""
                            : text(parameter, "defaultValue"))));
            table(out, rows);
        }
    }

    @Command(name = "get", description = "Shows one parameter: its value, what it may be, and what it is for.")
    static final class Get extends AskingCommand {
        @Parameters(paramLabel = "NAME", description = "Its name; DYNAMIC_ may be left out.")
        private String name = "";

        @Override
        JsonNode ask(ReplicaClient client) {
            for (JsonNode parameter : client.get("/v1/parameters", Map.of())) {
                if (text(parameter, "name").equals(ParameterOptions.fullName(name))) {
                    return parameter;
                }
            }
            throw new InvalidArgument("parameter", name, "one of those that 'qm params list' shows");
        }

        @Override
        void print(JsonNode parameter, PrintWriter out) {
            out.println(text(parameter, "name") + "=" + text(parameter, "value"));
            out.println("  " + text(parameter, "description"));
            out.println("  It must be " + text(parameter, "expected") + "; the default is "
                    + text(parameter, "defaultValue") + ".");
        }
    }

    @Command(name = "set", description = "Changes parameters on all replicas: all of those given, or none.")
    static final class Change extends AskingCommand {
        @Parameters(
                paramLabel = "NAME=VALUE",
                arity = "1..*",
                description = "The new values; DYNAMIC_ may be left out.")
        private List<String> pairs = List.of();

        @Option(
                names = "--who",
                defaultValue = "${sys:user.name:-unknown}",
                description = "Who wants it, for the history (default: ${DEFAULT-VALUE}).")
        private String who = "";

        @Option(names = "--why", defaultValue = "", description = "What for, for the history.")
        private String why = "";

        @Override
        JsonNode ask(ReplicaClient client) {
            Map<String, String> values = new TreeMap<>();
            for (String pair : pairs) {
                int equals = pair.indexOf('=');
                if (equals < 1) {
                    throw new InvalidArgument("parameter", pair, "NAME=VALUE");
                }
                if (values.put(ParameterOptions.fullName(pair.substring(0, equals)), pair.substring(equals + 1))
                        != null) {
                    throw new InvalidArgument("parameter", pair, "named once");
                }
            }
            return client.patch("/v1/parameters", Map.of("values", values, "who", who, "why", why));
        }

        @Override
        void print(JsonNode changes, PrintWriter out) {
            changes.forEach(change ->
                    out.println(text(change, "parameter") + ": " + text(change, "from") + " -> " + text(change, "to")));
            if (changes.isEmpty()) {
                out.println("Nothing changed: it was so already.");
            }
        }
    }

    @Command(name = "history", description = "Shows who changed what, newest first.")
    static final class History extends AskingCommand {
        @Override
        JsonNode ask(ReplicaClient client) {
            return client.get("/v1/parameters/history", Map.of());
        }

        @Override
        void print(JsonNode changes, PrintWriter out) {
            table(out, changes, "time", "who", "parameter", "from", "to", "why");
        }
    }
}
