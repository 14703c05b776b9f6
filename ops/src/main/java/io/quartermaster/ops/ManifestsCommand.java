package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(name = "manifests", description = "Shows the newest manifest of every miner and class.")
final class ManifestsCommand extends AskingCommand {
    @Override
    JsonNode ask(ReplicaClient client) {
        return client.get("/v1/manifests", Map.of());
    }

    @Override
    void print(JsonNode manifests, PrintWriter out) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("miner", "class", "executors", "block"));
        manifests.forEach(manifest -> rows.add(List.of(
                text(manifest, "miner"),
                text(manifest, "executorClass"),
                text(manifest, "executors"),
                text(manifest, "block"))));
        table(out, rows);
    }
}
