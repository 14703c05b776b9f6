package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
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
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("lock", "token", "owner", "since", "until", "reason"));
        locks.forEach(lock -> rows.add(List.of(
                text(lock, "name"),
                text(lock, "token"),
                text(lock, "owner"),
                text(lock, "since"),
                text(lock, "until"),
                text(lock, "reason"))));
        table(out, rows);
    }
}
