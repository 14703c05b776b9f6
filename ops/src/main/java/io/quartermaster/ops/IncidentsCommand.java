package io.quartermaster.ops;

import java.io.PrintWriter;
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
        table(out, incidents, "time", "type", "miner", "class=executorClass", "job");
    }
}
