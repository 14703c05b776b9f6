package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(name = "explain", description = "Says why a job went where it went, or nowhere.")
final class ExplainCommand extends AskingCommand {
    @Parameters(paramLabel = "JOB", description = "The job's id.")
    private String job = "";

    @Override
    JsonNode ask(ReplicaClient client) {
        return client.get("/v1/routes/" + ReplicaClient.encoded(job) + "/explanation", Map.of());
    }

    @Override
    void print(JsonNode explanation, PrintWriter out) {
        explanation.path("words").forEach(line -> out.println(line.asString()));
    }
}
