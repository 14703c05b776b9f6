package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(name = "ledger", description = "Shows a miner's ledger: what became of its allowance, and who holds some.")
final class LedgerCommand extends AskingCommand {
    @Parameters(paramLabel = "MINER", description = "The miner's hotkey.")
    private String miner = "";

    @Override
    JsonNode ask(ReplicaClient client) {
        return client.get("/v1/ledgers/" + ReplicaClient.encoded(miner), Map.of());
    }

    @Override
    void print(JsonNode ledger, PrintWriter out) {
        out.println("miner " + text(ledger, "miner") + ", number " + text(ledger, "number") + ", version "
                + text(ledger, "version")
                + (ledger.path("current").asBoolean() ? "" : ", not in the subnet at the newest block"));
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "class",
                "executors",
                "minted s",
                "free s",
                "reserved s",
                "spent s",
                "invalid s",
                "expired s",
                "drops"));
        ledger.path("classes")
                .forEach(row -> rows.add(List.of(
                        text(row, "executorClass"),
                        text(row, "executors"),
                        seconds(row, "mintedSeconds"),
                        seconds(row, "freeSeconds"),
                        seconds(row, "reservedSeconds"),
                        seconds(row, "spentSeconds"),
                        seconds(row, "invalidatedSeconds"),
                        seconds(row, "expiredSeconds"),
                        Integer.toString(row.path("drops").size()))));
        table(out, rows);
        ledger.path("reservations")
                .forEach(held -> out.println("reservation " + text(held, "id") + ": job " + text(held, "job") + ", "
                        + seconds(held, "reservedSeconds") + " s of " + text(held, "executorClass") + " until "
                        + text(held, "deadline")));
    }
}
