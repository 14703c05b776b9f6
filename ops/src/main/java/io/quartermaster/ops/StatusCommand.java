package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(name = "status", description = "Says how a replica is doing.")
final class StatusCommand extends AskingCommand {
    @Override
    JsonNode ask(ReplicaClient client) {
        return client.get("/v1/status", Map.of());
    }

    @Override
    void print(JsonNode status, PrintWriter out) {
        out.println("subnet     " + text(status, "netuid") + ", validator " + text(status, "validator"));
        out.println("grid       " + text(status, "replicasPresent") + " of " + text(status, "replicasConfigured")
                + " replicas; this is replica " + text(status, "replica") + " at " + text(status, "gridAddress"));
        out.println("books are  "
                + (status.has("waitingFor")
                        ? "closed: the grid waits for " + text(status, "waitingFor")
                        : "open, in " + text(status, "view")));
        out.println("chain      "
                + (status.path("follows").asBoolean() ? text(status, "following") : "another replica follows it"));
        out.println("books      " + text(status, "blocksKept") + " blocks, " + text(status, "miners") + " miners, "
                + text(status, "ledgers") + " ledgers, " + text(status, "activeReservations") + " active reservations");
        out.println(
                "routing    " + text(status, "jobsRouted") + " jobs routed, " + text(status, "jobsNotRouted") + " not");
        if (status.has("chainError")) {
            out.println("error      " + text(status, "chainError"));
        }
    }
}
