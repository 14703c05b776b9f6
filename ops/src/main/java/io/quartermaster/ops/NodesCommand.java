package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(
        name = "nodes",
        description = {
            "Shows the nodes that a replica reads the chain from, and how often it asked them for what.",
            "A simulated or recorded chain has none."
        })
final class NodesCommand extends AskingCommand {
    @Override
    JsonNode ask(ReplicaClient client) {
        return client.get("/v1/nodes", Map.of());
    }

    @Override
    void print(JsonNode nodes, PrintWriter out) {
        table(out, nodes, "node=address", "role", "answers=answering", "head", "behind");
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("node", "method", "calls", "failed", "ms each"));
        nodes.forEach(node -> node.path("methods").properties().forEach(method -> {
            JsonNode known = method.getValue();
            rows.add(List.of(
                    text(node, "address"),
                    method.getKey(),
                    text(known, "calls"),
                    text(known, "failures"),
                    String.format(
                            Locale.ROOT,
                            "%.1f",
                            1000
                                    * known.path("seconds").asDouble()
                                    / Math.max(1, known.path("calls").asLong()))));
        }));
        if (rows.size() > 1) {
            out.println();
            table(out, rows);
        }
    }
}
