package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(name = "reservations", description = "Lists the active reservations, the one that expires next first.")
final class ReservationsCommand extends AskingCommand {
    private static final int FEW_BLOCKS = 5;

    @Option(names = "--job", paramLabel = "JOB", description = "Only that of this job.")
    private @Nullable String job;

    @Option(names = "--miner", paramLabel = "HOTKEY", description = "Only those with this miner.")
    private @Nullable String miner;

    @Override
    JsonNode ask(ReplicaClient client) {
        Map<String, String> query = new TreeMap<>();
        if (job != null) {
            query.put("job", job);
        }
        if (miner != null) {
            query.put("miner", miner);
        }
        return client.get("/v1/reservations", query);
    }

    @Override
    void print(JsonNode reservations, PrintWriter out) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("reservation", "job", "miner", "class", "reserved s", "left s", "deadline", "blocks"));
        reservations.forEach(held -> rows.add(List.of(
                text(held, "id"),
                text(held, "job"),
                text(held, "miner"),
                text(held, "executorClass"),
                seconds(held, "reservedSeconds"),
                seconds(held, "secondsLeft"),
                text(held, "deadline"),
                inShort(held.path("blocks")))));
        table(out, rows);
    }

    /** A long job is paid with hundreds of blocks; {@code --json} has them all. */
    private static String inShort(JsonNode blocks) {
        return blocks.size() <= FEW_BLOCKS
                ? blocks.toString()
                : blocks.size() + " from " + blocks.get(0) + " to " + blocks.get(blocks.size() - 1);
    }
}
