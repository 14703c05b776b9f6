package io.quartermaster.ops;

import io.quartermaster.api.InvalidArgument;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(
        name = "route",
        description =
                "Picks a miner for a job and reserves its allowance; or for several jobs at once. Safe to repeat.",
        footer = {
            "%nA file for --jobs has a line for each job, at most 256, such as",
            "  {\"job\": \"a\", \"class\": \"always_on.test\", \"seconds\": 60}",
            "Each job is answered on its own; if some are not placed, the exit code is that of the first of them."
        })
final class RouteCommand extends AskingCommand {
    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private What what;

    @Option(names = "--dry-run", description = "Only say where the job would go, and why; nothing is reserved.")
    private boolean dryRun;

    /** One job, or a file of them. */
    private static final class What {
        @ArgGroup(exclusive = false)
        private @Nullable One one;

        @Option(names = "--jobs", required = true, paramLabel = "FILE", description = "Routes the jobs in this file.")
        private @Nullable Path jobs;
    }

    private static final class One {
        @Option(names = "--class", required = true, paramLabel = "CLASS", description = "The executor class.")
        private String executorClass = "";

        @Option(names = "--seconds", required = true, description = "How long the job may run, in whole seconds.")
        private int seconds;

        @Option(names = "--job", description = "The job's id (default: a new UUID).")
        private String job = UUID.randomUUID().toString();

        @Option(names = "--trusted", description = "Send it to the trusted miner, past all checks.")
        private boolean trusted;
    }

    @Override
    JsonNode ask(ReplicaClient client) {
        if (what.jobs != null) {
            if (dryRun) {
                throw new InvalidArgument("--dry-run", "--dry-run is for one job, not for --jobs");
            }
            return client.post("/v1/routes/batch", Map.of("jobs", JobsFile.read(what.jobs)));
        }
        One one = Optional.ofNullable(what.one).orElseThrow();
        return client.post(
                dryRun ? "/v1/routes/dry-run" : "/v1/routes",
                Map.of(
                        "job",
                        one.job,
                        "executorClass",
                        one.executorClass,
                        "executionTimeLimitSeconds",
                        one.seconds,
                        "onTrustedMiner",
                        one.trusted));
    }

    @Override
    int exitCode(JsonNode answer) {
        for (JsonNode one : answer.path("answers")) {
            if (one.has("problem")) {
                return ReplicaClient.exitCode(one.path("problem").path("status").asInt());
            }
        }
        return answer.path("decision").has("refusal") ? ExitCodes.REFUSED : ExitCodes.OK;
    }

    @Override
    void print(JsonNode answer, PrintWriter out) {
        if (answer.has("answers")) {
            answer.path("answers").forEach(one -> {
                if (one.has("route")) {
                    printRoute(one.path("route"), out);
                } else {
                    JsonNode problem = one.path("problem");
                    out.println("job " + text(one, "job") + " goes nowhere: " + text(problem, "title") + ": "
                            + text(problem, "detail"));
                }
            });
        } else if (answer.has("words")) {
            out.println("dry run: nothing is reserved");
            answer.path("words").forEach(line -> out.println(line.asString()));
        } else {
            printRoute(answer, out);
        }
    }

    private static void printRoute(JsonNode route, PrintWriter out) {
        JsonNode miner = route.path("miner");
        out.println("job " + text(route, "job") + " goes to " + text(miner, "hotkey") + " at " + text(miner, "address")
                + ":" + text(miner, "port"));
        out.println(
                route.has("reservation")
                        ? "paid by reservation " + text(route, "reservation") + ", blocks "
                                + route.path("allowanceBlocks") + ", until " + text(route, "deadline")
                        : "nothing is reserved for it");
    }
}
