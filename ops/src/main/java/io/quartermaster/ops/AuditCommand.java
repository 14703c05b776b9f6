package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(
        name = "audit",
        description = {
            "Says what each validator has spent on the jobs that finished in a range of blocks, which of them are not paid",
            "for and why, and which blocks several jobs name. It changes nothing."
        },
        footer = {
            "%nReasons: FORGED (a signature is not good), NOT_STARTED (there is no receipt of its start),",
            "OUTSIDE_KNOWN_BLOCKS (it started at a time whose block is not known), CANNOT_SPEND (its blocks do not pay)."
        })
final class AuditCommand extends AskingCommand {
    @Option(names = "--from", paramLabel = "BLOCK", description = "The first block (default: 722 before --to).")
    private @Nullable Long from;

    @Option(names = "--to", paramLabel = "BLOCK", description = "The block after the last (default: the newest).")
    private @Nullable Long to;

    @Override
    JsonNode ask(ReplicaClient client) {
        Map<String, Object> query = new TreeMap<>();
        if (from != null) {
            query.put("from", from);
        }
        if (to != null) {
            query.put("to", to);
        }
        return client.get("/v1/audit", query);
    }

    @Override
    void print(JsonNode audit, PrintWriter out) {
        out.println("Jobs that finished from block " + text(audit, "fromBlock") + " to before block "
                + text(audit, "toBlock") + ":");
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("validator", "jobs", "paid", "spent s", "blocks", "rejected", "suspicious"));
        audit.path("validators")
                .forEach(validator -> rows.add(List.of(
                        text(validator, "validator"),
                        text(validator, "jobs"),
                        text(validator, "paidJobs"),
                        String.format(
                                Locale.ROOT,
                                "%.3f",
                                validator.path("spentSeconds").asDouble()),
                        text(validator, "spentBlocks"),
                        Integer.toString(validator.path("rejected").size()),
                        Integer.toString(validator.path("suspicious").size()))));
        table(out, rows);
        audit.path("validators").forEach(validator -> {
            validator.path("rejected").forEach(job -> printRejected(validator, job, out));
            validator.path("suspicious").forEach(found -> printSuspicion(validator, found, out));
        });
    }

    private static void printRejected(JsonNode validator, JsonNode job, PrintWriter out) {
        JsonNode details = job.path("details");
        String blocks = details.isMissingNode()
                ? ""
                : ": " + seconds(details, "spendableSeconds") + " of " + seconds(details, "requiredSeconds")
                        + " s; outside " + list(details, "outsideRange") + ", spent " + list(details, "alreadySpent")
                        + ", invalid " + list(details, "invalidated");
        out.println("rejected " + text(validator, "validator") + " job " + text(job, "job") + " " + text(job, "reason")
                + blocks);
    }

    private static void printSuspicion(JsonNode validator, JsonNode found, PrintWriter out) {
        out.println("suspicious " + text(validator, "validator") + " blocks " + list(found, "blocks") + " of miner "
                + text(found, "miner") + " " + text(found, "executorClass") + " pay for jobs " + list(found, "jobs"));
    }

    private static String list(JsonNode node, String field) {
        return StreamSupport.stream(node.path(field).spliterator(), false)
                .map(item -> item.asString(""))
                .collect(Collectors.joining(" ", "[", "]"));
    }
}
