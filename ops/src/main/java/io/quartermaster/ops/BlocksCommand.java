package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(name = "blocks", description = "Shows the newest blocks and what they yield.")
final class BlocksCommand extends AskingCommand {
    @Option(names = "--last", defaultValue = "20", description = "How many (default: ${DEFAULT-VALUE}).")
    private int last;

    @Override
    JsonNode ask(ReplicaClient client) {
        return client.get("/v1/blocks", Map.of("last", last));
    }

    @Override
    void print(JsonNode blocks, PrintWriter out) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("block", "minted at", "length s", "share", "validators"));
        blocks.forEach(block -> rows.add(List.of(
                text(block, "number"),
                text(block, "time"),
                block.path("finalised").asBoolean() ? seconds(block, "lengthSeconds") : "open",
                String.format(Locale.ROOT, "%.6f", block.path("share").asDouble()),
                text(block, "validators"))));
        table(out, rows);
    }
}
