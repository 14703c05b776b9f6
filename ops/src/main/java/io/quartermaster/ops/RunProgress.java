package io.quartermaster.ops;

import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaStatus;
import io.quartermaster.node.app.SimulatedLoad;
import io.quartermaster.node.app.web.Json;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Shows how a running replica is doing: quietly, in one line. */
final class RunProgress {
    private static final String BACK_TO_THE_LINES_START = "\r";
    private static final String CLEAR_THE_REST = "\u001b[K";

    private final PrintWriter out;
    private final Replica replica;
    private final Optional<SimulatedLoad> load;
    private final boolean terminal;
    private final boolean json;

    RunProgress(PrintWriter out, Replica replica, Optional<SimulatedLoad> load, boolean terminal, boolean json) {
        this.out = out;
        this.replica = replica;
        this.load = load;
        this.terminal = terminal;
        this.json = json;
    }

    void show() {
        ReplicaStatus status = replica.status();
        if (json) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("status", status);
            load.ifPresent(running -> line.put("jobs", running.count()));
            out.println(Json.MAPPER.writeValueAsString(line));
        } else if (terminal) {
            out.print(BACK_TO_THE_LINES_START + words(status) + CLEAR_THE_REST);
        } else {
            out.println(words(status));
        }
        out.flush();
    }

    void end() {
        show();
        if (terminal) {
            out.println();
        }
    }

    private String words(ReplicaStatus status) {
        StringBuilder words = new StringBuilder(160);
        if (status.replicasConfigured() > 1) {
            words.append(status.replicasPresent())
                    .append(" of ")
                    .append(status.replicasConfigured())
                    .append(" replicas | ");
        }
        status.waitingFor()
                .ifPresent(
                        what -> words.append("closed, waits for ").append(what).append(" | "));
        words.append("block ").append(status.block());
        if (status.blocksMissing() > 0) {
            words.append(", ").append(status.blocksMissing()).append(" missing");
        }
        if (status.backfillLeft() > 0) {
            words.append(", backfill ").append(status.backfillLeft()).append(" to go");
        }
        words.append(" | ").append(status.miners()).append(" miners | ");
        words.append(status.activeReservations()).append(" reserved, ");
        words.append(status.jobsRouted()).append(" routed, ");
        words.append(status.jobsNotRouted()).append(" not");
        load.map(SimulatedLoad::count)
                .ifPresent(count -> words.append(" | ")
                        .append(count.succeeded())
                        .append(" spent, ")
                        .append(count.declined() + count.failed())
                        .append(" undone, ")
                        .append(count.forgotten())
                        .append(" forgotten"));
        status.chainError()
                .ifPresent(error -> words.append(" | chain stopped: ").append(error));
        if (status.chainEnded() && status.chainError().isEmpty()) {
            words.append(" | the recording has ended");
        }
        return words.toString();
    }
}
