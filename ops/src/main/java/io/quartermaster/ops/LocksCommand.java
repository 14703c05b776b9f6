package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(name = "locks", description = "Shows who holds which lock across the replicas, until when, and what for.")
final class LocksCommand extends AskingCommand {
    @Override
    JsonNode ask(ReplicaClient client) {
        return client.get("/v1/locks", Map.of());
    }

    @Override
    void print(JsonNode locks, PrintWriter out) {
        table(out, locks, "lock=name", "token", "owner", "since", "until", "reason");
    }
}
