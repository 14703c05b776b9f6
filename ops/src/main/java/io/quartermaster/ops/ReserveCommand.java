package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(name = "reserve", description = "Sets blocks of a miner's allowance aside for a job. Safe to repeat.")
final class ReserveCommand extends AskingCommand {
    @Option(names = "--miner", required = true, paramLabel = "HOTKEY", description = "The miner.")
    private String miner = "";

    @Option(names = "--class", required = true, paramLabel = "CLASS", description = "The executor class.")
    private String executorClass = "";

    @Option(names = "--seconds", required = true, description = "Executor-seconds needed, above 0 and at most 3600.")
    private double seconds;

    @Option(names = "--job", required = true, description = "The job's id.")
    private String job = "";

    @Option(names = "--at", paramLabel = "BLOCK", description = "The job's start block (default: the current block).")
    private @Nullable Long at;

    @Override
    JsonNode ask(ReplicaClient client) {
        Map<String, Object> body =
                new HashMap<>(Map.of("miner", miner, "executorClass", executorClass, "seconds", seconds, "job", job));
        if (at != null) {
            body.put("startBlock", at);
        }
        return client.post("/v1/reservations", body);
    }

    @Override
    void print(JsonNode reservation, PrintWriter out) {
        out.println("reservation " + text(reservation, "id") + ": " + seconds(reservation, "reservedSeconds")
                + " s in blocks " + reservation.path("blocks") + ", until " + text(reservation, "deadline"));
    }
}
