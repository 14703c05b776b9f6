package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(name = "find", description = "Finds the miners with enough allowance for a job, best first.")
final class FindCommand extends AskingCommand {
    @Option(names = "--seconds", required = true, description = "Executor-seconds needed, above 0 and at most 3600.")
    private double seconds;

    @Option(names = "--class", required = true, paramLabel = "CLASS", description = "The executor class.")
    private String executorClass = "";

    @Option(names = "--at", paramLabel = "BLOCK", description = "The job's start block (default: the current block).")
    private @Nullable Long at;

    @Override
    JsonNode ask(ReplicaClient client) {
        Map<String, Object> query = new HashMap<>(Map.of("seconds", seconds, "executorClass", executorClass));
        if (at != null) {
            query.put("startBlock", at);
        }
        return client.get("/v1/find", query);
    }

    @Override
    void print(JsonNode miners, PrintWriter out) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("miner", "available s"));
        miners.forEach(miner -> rows.add(List.of(text(miner, "miner"), seconds(miner, "availableSeconds"))));
        table(out, rows);
    }
}
