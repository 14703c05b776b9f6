package io.quartermaster.ops;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.app.web.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

@Command(
        name = "receipts",
        mixinStandardHelpOptions = true,
        versionProvider = Qm.Version.class,
        description = "Shows, takes in and judges receipts of jobs, and how their transfer from miners is doing.",
        subcommands = {
            ReceiptsCommand.ListAll.class,
            ReceiptsCommand.Transfer.class,
            ReceiptsCommand.Add.class,
            ReceiptsCommand.Validate.class
        })
final class ReceiptsCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "Say what to do: list, transfer, add or validate. 'qm receipts --help' tells more");
    }

    @Command(name = "list", description = "Shows receipts, the newest first.")
    static final class ListAll extends AskingCommand {
        @Option(names = "--job", paramLabel = "JOB", description = "Only those of this job.")
        private @Nullable String job;

        @Option(names = "--miner", paramLabel = "HOTKEY", description = "Only those of this miner.")
        private @Nullable String miner;

        @Option(names = "--validator", paramLabel = "HOTKEY", description = "Only those of this validator.")
        private @Nullable String validator;

        @Option(names = "--limit", defaultValue = "50", description = "The newest so many (default: ${DEFAULT-VALUE}).")
        private int limit = 50;

        @Override
        JsonNode ask(ReplicaClient client) {
            Map<String, Object> query = new TreeMap<>();
            query.put("limit", limit);
            put(query, "job", job);
            put(query, "miner", miner);
            put(query, "validator", validator);
            return client.get("/v1/receipts", query);
        }

        private static void put(Map<String, Object> query, String name, @Nullable String value) {
            if (value != null) {
                query.put(name, value);
            }
        }

        @Override
        void print(JsonNode receipts, PrintWriter out) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("timestamp", "kind", "job", "miner", "validator", "says"));
            receipts.forEach(receipt -> {
                JsonNode payload = receipt.path("payload");
                rows.add(List.of(
                        text(payload, "timestamp"),
                        text(payload, "receipt_type").replaceAll("^Job|Receipt$", ""),
                        text(payload, "job_uuid"),
                        text(payload, "miner_hotkey"),
                        text(payload, "validator_hotkey"),
                        says(payload)));
            });
            table(out, rows);
        }

        private static String says(JsonNode payload) {
            if (payload.has("score_str")) {
                return text(payload, "score_str") + " s, "
                        + payload.path("block_numbers").size() + " blocks";
            }
            return (text(payload, "executor_class") + " for " + text(payload, "ttl") + " s").strip();
        }
    }

    @Command(name = "transfer", description = "Shows how the transfer of receipts from miners is doing on a replica.")
    static final class Transfer extends AskingCommand {
        @Override
        JsonNode ask(ReplicaClient client) {
            return client.get("/v1/receipts/transfer", Map.of());
        }

        @Override
        void print(JsonNode transfer, PrintWriter out) {
            JsonNode figures = transfer.path("figures");
            out.println(
                    !transfer.path("enabled").asBoolean()
                            ? "off: 'qm params set DYNAMIC_RECEIPT_TRANSFER_ENABLED=true' begins it"
                            : transfer.path("active").asBoolean()
                                    ? "this replica fetches receipts"
                                    : "another replica fetches receipts");
            out.println("receipts kept         " + text(transfer, "receiptsKept"));
            out.println("miners asked          " + text(figures, "miners"));
            out.println("receipts taken in     " + text(figures, "receiptsTotal"));
            out.println("transfers             " + text(figures, "successfulTransfersTotal") + " in "
                    + seconds(figures, "transferDurationSeconds") + " s");
            out.println("catch-up pages left   " + text(figures, "catchupPagesLeft"));
            figures.path("lineErrorsTotal")
                    .properties()
                    .forEach(error -> out.println(
                            "lines left out        " + error.getValue().asString("") + " " + error.getKey()));
            figures.path("transferErrorsTotal")
                    .properties()
                    .forEach(error -> out.println(
                            "transfers failed      " + error.getValue().asString("") + " " + error.getKey()));
        }
    }

    /** Reads what is to be sent. */
    private static JsonNode read(Path file) {
        try {
            return Json.MAPPER.readTree(Files.readString(file));
        } catch (IOException e) {
            throw new InvalidArgument("FILE", "File " + file + " can't be read: " + e.getMessage());
        } catch (JacksonException e) {
            throw new InvalidArgument(file.toString(), "File " + file + " is not the JSON of a receipt");
        }
    }

    @Command(name = "add", description = "Takes a receipt in: a file with one line of a page, as miners serve it.")
    static final class Add extends AskingCommand {
        @Parameters(paramLabel = "FILE", description = "The file.")
        private Path file = Path.of("");

        @Override
        JsonNode ask(ReplicaClient client) {
            Map<String, JsonNode> receipt = new TreeMap<>();
            read(file).properties().forEach(field -> receipt.put(field.getKey(), field.getValue()));
            return client.post("/v1/receipts", receipt);
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            out.println(answer.path("isNew").asBoolean() ? "taken in" : "was known");
        }
    }

    @Command(
            name = "validate",
            description = "Judges the receipts of any validator's job, and spends its blocks if they pay for it.")
    static final class Validate extends AskingCommand {
        @Option(names = "--finished", required = true, paramLabel = "FILE", description = "The receipt of its end.")
        private Path finished = Path.of("");

        @Option(names = "--started", required = true, paramLabel = "FILE", description = "The receipt of its start.")
        private Path started = Path.of("");

        @Override
        JsonNode ask(ReplicaClient client) {
            return client.post("/v1/receipts/validate", Map.of("finished", read(finished), "started", read(started)));
        }

        @Override
        void print(JsonNode verdict, PrintWriter out) {
            JsonNode details = verdict.path("details");
            out.println((verdict.path("paid").asBoolean() ? "paid" : "not paid") + ": "
                    + seconds(details, "spendableSeconds") + " of " + seconds(details, "requiredSeconds") + " s");
            for (String list : List.of("spendable", "outsideRange", "alreadySpent", "invalidated")) {
                out.println(list + " " + details.path(list));
            }
        }
    }
}
