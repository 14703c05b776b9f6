package io.quartermaster.ops;

import io.quartermaster.node.app.web.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** A command that asks a running replica, and prints what it answers: for people, or with {@code --json} for programs. */
@Command(mixinStandardHelpOptions = true, versionProvider = Qm.Version.class)
abstract class AskingCommand implements Callable<Integer> {
    @Mixin
    private ReplicaOptions replica = new ReplicaOptions();

    @Option(names = "--json", description = "Print the answer as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Asks the replica. */
    abstract JsonNode ask(ReplicaClient client);

    /** Prints the answer for people. */
    abstract void print(JsonNode answer, PrintWriter out);

    /** What an answer means for the exit code: that there is one is success, for most. */
    int exitCode(JsonNode answer) {
        return ExitCodes.OK;
    }

    /** Prints the answer for programs. */
    void printJson(JsonNode answer, PrintWriter out) {
        out.println(Json.MAPPER.writeValueAsString(answer));
    }

    /** Whether to ask again, after waiting for as long as need be. */
    boolean asksAgain() {
        return false;
    }

    @Override
    public final Integer call() {
        ReplicaClient client = replica.client();
        PrintWriter out = spec.commandLine().getOut();
        int exitCode;
        do {
            JsonNode answer = ask(client);
            exitCode = exitCode(answer);
            if (json) {
                printJson(answer, out);
            } else {
                print(answer, out);
            }
            out.flush();
        } while (asksAgain());
        return exitCode;
    }

    static String text(JsonNode node, String field) {
        return node.path(field).asString("");
    }

    static String seconds(JsonNode node, String field) {
        return String.format(Locale.ROOT, "%.3f", node.path(field).asDouble());
    }

    /** Prints a row for each item. A column shows the field of its name, or is written "heading=field". */
    static void table(PrintWriter out, JsonNode items, String... columns) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(Arrays.stream(columns)
                .map(column -> column.replaceFirst("=.*", ""))
                .toList());
        items.forEach(item -> rows.add(Arrays.stream(columns)
                .map(column -> text(item, column.substring(column.indexOf('=') + 1)))
                .toList()));
        table(out, rows);
    }

    /** Prints rows in columns that are as wide as they need be; the first row is the heading. */
    static void table(PrintWriter out, List<List<String>> rows) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                String cell = row.get(column);
                boolean number = !cell.isEmpty() && cell.chars().allMatch(c -> "0123456789.-".indexOf(c) >= 0);
                String pad = " ".repeat(widths[column] - cell.length());
                line.append(column == 0 ? "" : "  ").append(number ? pad + cell : cell + pad);
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
