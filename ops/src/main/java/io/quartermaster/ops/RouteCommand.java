package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(name = "route", description = "Picks a miner for a job and reserves its allowance. Safe to repeat.")
final class RouteCommand extends AskingCommand {
    @Option(names = "--class", required = true, paramLabel = "CLASS", description = "The executor class.")
    private String executorClass = "";

    @Option(names = "--seconds", required = true, description = "How long the job may run, in whole seconds.")
    private int seconds;

    @Option(names = "--job", description = "The job's id (default: a new UUID).")
    private String job = UUID.randomUUID().toString();

    @Option(names = "--trusted", description = "Send it to the trusted miner, past all checks.")
    private boolean trusted;

    @Override
    JsonNode ask(ReplicaClient client) {
        return client.post(
                "/v1/routes",
                Map.of(
                        "job",
                        job,
                        "executorClass",
                        executorClass,
                        "executionTimeLimitSeconds",
                        seconds,
                        "onTrustedMiner",
                        trusted));
    }

    @Override
    void print(JsonNode route, PrintWriter out) {
        JsonNode miner = route.path("miner");
        out.println("job " + text(route, "job") + " goes to " + text(miner, "hotkey") + " at " + text(miner, "address")
                + ":" + text(miner, "port"));
        out.println(
                route.has("reservation")
                        ? "paid by reservation " + text(route, "reservation") + ", blocks "
                                + route.path("allowanceBlocks")
                        : "nothing is reserved for it");
    }
}
