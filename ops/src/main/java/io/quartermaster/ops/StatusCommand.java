package io.quartermaster.ops;

import io.quartermaster.node.app.web.Json;
import java.io.PrintWriter;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(
        name = "status",
        description = "Says how a replica is doing.",
        footer = {
            "%nWith --watch on a terminal the screen shows the newest answer; elsewhere each follows the one before. With --json",
            "each is an object on a line of its own. A replica that goes away is asked on until it is back: meanwhile the",
            "screen says so, and the object has nothing but 'error'. Ctrl-C ends it, with exit code 130 as shells have it."
        })
final class StatusCommand extends AskingCommand {
    private static final long EVERY_MILLIS = 2000;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";
    private static final String ERROR = "error";

    @Option(names = "--watch", description = "Ask again every two seconds, until Ctrl-C.")
    private boolean watch;

    @Override
    JsonNode ask(ReplicaClient client) {
        try {
            return client.get("/v1/status", Map.of());
        } catch (ReplicaClient.Answered none) {
            boolean passes = none.exitCode() == ExitCodes.UNREACHABLE || none.exitCode() == ExitCodes.UNAVAILABLE;
            if (!watch || !passes || Thread.currentThread().isInterrupted()) {
                throw none;
            }
            return Json.MAPPER.createObjectNode().put(ERROR, none.getMessage());
        }
    }

    @Override
    boolean asksAgain() {
        if (watch) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS));
        }
        return watch && !Thread.currentThread().isInterrupted();
    }

    @Override
    void print(JsonNode status, PrintWriter out) {
        if (watch) {
            out.println((RunCommand.onTerminal() ? CLEAR_SCREEN : "")
                    + LocalTime.now(ZoneId.systemDefault()).format(TIME));
        }
        @Nullable JsonNode error = status.get(ERROR);
        if (error != null) {
            out.println(error.asString());
            return;
        }
        out.println("subnet     " + text(status, "netuid") + ", validator " + text(status, "validator"));
        out.println("grid       " + text(status, "replicasPresent") + " of " + text(status, "replicasConfigured")
                + " replicas; this is replica " + text(status, "replica") + " at " + text(status, "gridAddress"));
        out.println("books are  "
                + (status.has("waitingFor")
                        ? "closed: the grid waits for " + text(status, "waitingFor")
                        : "open, in " + text(status, "view")));
        out.println("chain      "
                + (status.path("follows").asBoolean() ? text(status, "following") : "another replica follows it"));
        out.println("books      " + text(status, "blocksKept") + " blocks, " + text(status, "miners") + " miners, "
                + text(status, "ledgers") + " ledgers, " + text(status, "activeReservations") + " active reservations");
        out.println(
                "routing    " + text(status, "jobsRouted") + " jobs routed, " + text(status, "jobsNotRouted") + " not");
        if (status.has("chainError")) {
            out.println("error      " + text(status, "chainError"));
        }
    }
}
