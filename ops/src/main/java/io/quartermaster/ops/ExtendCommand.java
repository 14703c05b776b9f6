package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
        name = "extend",
        description = "Gives a reservation more time, for a job that takes longer. Safe to repeat.",
        footer = {
            "%nFrom now on it lasts as long as a new one for so many seconds; it is never shortened, and never lasts longer",
            "than one for the longest job."
        })
final class ExtendCommand extends AskingCommand {
    @Parameters(paramLabel = "RESERVATION", description = "The reservation's id.")
    private long reservation;

    @Option(names = "--seconds", required = true, description = "How long the job will still run, in seconds.")
    private double seconds;

    @Override
    JsonNode ask(ReplicaClient client) {
        return client.post("/v1/reservations/" + reservation + "/extend", Map.of("seconds", seconds));
    }

    @Override
    void print(JsonNode extended, PrintWriter out) {
        out.println("reservation " + text(extended, "id") + " for job " + text(extended, "job") + " lasts until "
                + text(extended, "deadline") + ", for another " + seconds(extended, "secondsLeft") + " s");
    }
}
