package io.quartermaster.ops;

import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(name = "undo", description = "Gives a reservation's blocks back.")
final class UndoCommand extends AskingCommand {
    @Parameters(paramLabel = "RESERVATION", description = "The reservation's id.")
    private long reservation;

    @Override
    JsonNode ask(ReplicaClient client) {
        return client.delete("/v1/reservations/" + reservation);
    }

    @Override
    void print(JsonNode nothing, PrintWriter out) {
        out.println("reservation " + reservation + " is given back");
    }
}
