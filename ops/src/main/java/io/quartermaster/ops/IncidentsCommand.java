package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(name = "incidents", description = "Shows which miners let jobs down, newest first.")
final class IncidentsCommand extends AskingCommand {
    @Override
    JsonNode ask(ReplicaClient client) {
        return client.get("/v1/incidents", Map.of());
    }

    @Override
    void print(JsonNode incidents, PrintWriter out) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("time", "type", "miner", "class", "job"));
        incidents.forEach(incident -> rows.add(List.of(
                text(incident, "time"),
                text(incident, "type"),
                text(incident, "miner"),
                text(incident, "executorClass"),
                text(incident, "job"))));
        table(out, rows);
    }
}
