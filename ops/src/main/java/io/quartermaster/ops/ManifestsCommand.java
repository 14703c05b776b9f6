package io.quartermaster.ops;

import java.io.PrintWriter;
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
        table(out, manifests, "miner", "class=executorClass", "executors", "block");
    }
}
