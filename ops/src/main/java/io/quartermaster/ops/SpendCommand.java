package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(name = "spend", description = "Makes a reservation permanent: its blocks have paid for the job.")
final class SpendCommand extends AskingCommand {
    @Parameters(paramLabel = "RESERVATION", description = "The reservation's id.")
    private long reservation;

    @Override
    JsonNode ask(ReplicaClient client) {
        return client.post("/v1/reservations/" + reservation + "/spend", Map.of());
    }

    @Override
    void print(JsonNode nothing, PrintWriter out) {
        out.println("reservation " + reservation + " is spent");
    }
}
