package io.quartermaster.ops;

import io.quartermaster.api.BlacklistReason;
import io.quartermaster.api.InvalidArgument;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
        name = "blacklist",
        mixinStandardHelpOptions = true,
        versionProvider = Qm.Version.class,
        description = "Shows and changes which miners get no jobs, on all replicas.",
        subcommands = {BlacklistCommand.ListAll.class, BlacklistCommand.Add.class, BlacklistCommand.Remove.class},
        footer = {
            "%nOnly routing by cycle ('qm run --router cycle') looks at the blacklist. There, a miner that fails a job is put",
            "on it by itself, for DYNAMIC_JOB_FAILURE_BLACKLIST_TIME_SECONDS."
        })
final class BlacklistCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "Say what to do: list, add or remove. 'qm blacklist --help' tells more");
    }

    private static void rows(JsonNode entries, PrintWriter out) {
        AskingCommand.table(out, entries, "miner", "reason", "since", "until", "details");
    }

    @Command(name = "list", description = "Shows who gets no jobs, and why.")
    static final class ListAll extends AskingCommand {
        @Override
        JsonNode ask(ReplicaClient client) {
            return client.get("/v1/blacklist", Map.of());
        }

        @Override
        void print(JsonNode entries, PrintWriter out) {
            rows(entries, out);
        }
    }

    @Command(name = "add", description = "Puts a miner on the list; an entry with the same reason is replaced.")
    static final class Add extends AskingCommand {
        @Parameters(paramLabel = "MINER", description = "The miner's hotkey.")
        private String miner = "";

        @Option(
                names = "--reason",
                defaultValue = "MANUAL",
                description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
        private BlacklistReason reason = BlacklistReason.MANUAL;

        @Option(names = "--details", defaultValue = "", description = "In words, for those who see it.")
        private String details = "";

        @Option(
                names = "--for",
                paramLabel = "TIME",
                description = {
                    "For how long, such as 90s, 30m, 4h or 2d (default: until it is removed; for JOB_FAILED and JOB_CHEATED",
                    "as long as the dynamic parameters say)."
                })
        private @Nullable String lasting;

        @Override
        JsonNode ask(ReplicaClient client) {
            Map<String, Object> body = new HashMap<>(Map.of("miner", miner, "reason", reason, "details", details));
            if (lasting != null) {
                body.put("seconds", seconds(lasting));
            }
            return client.post("/v1/blacklist", body);
        }

        private static long seconds(String text) {
            if (!EventsCommand.isSpan(text)) {
                throw new InvalidArgument("--for", text, "a number and s, m, h or d, such as 4h");
            }
            return EventsCommand.span(text).toSeconds();
        }

        @Override
        void print(JsonNode entry, PrintWriter out) {
            out.println("miner " + text(entry, "miner") + " gets no jobs "
                    + (entry.has("until") ? "until " + text(entry, "until") : "until it is removed"));
        }
    }

    @Command(name = "remove", description = "Takes a miner off the list.")
    static final class Remove extends AskingCommand {
        @Parameters(paramLabel = "MINER", description = "The miner's hotkey.")
        private String miner = "";

        @Option(
                names = "--reason",
                description =
                        "Only the entry with this reason: ${COMPLETION-CANDIDATES} (default: all of the miner's).")
        private @Nullable BlacklistReason reason;

        @Override
        JsonNode ask(ReplicaClient client) {
            String path = "/v1/blacklist/" + ReplicaClient.encoded(miner);
            return client.delete(reason == null ? path : path + "?reason=" + reason);
        }

        @Override
        void print(JsonNode removed, PrintWriter out) {
            removed.forEach(
                    entry -> out.println("removed: miner " + text(entry, "miner") + ", " + text(entry, "reason")));
        }
    }
}
