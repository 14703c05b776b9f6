package io.quartermaster.ops;

import io.quartermaster.node.app.web.Json;
import io.quartermaster.ops.bench.Bench;
import io.quartermaster.ops.bench.CycleBench;
import io.quartermaster.ops.bench.HttpBench;
import io.quartermaster.ops.bench.LedgerBenchmark;
import io.quartermaster.ops.bench.ReceiptBench;
import io.quartermaster.ops.bench.StoreBench;
import io.quartermaster.ops.chaos.Directories;
import io.quartermaster.ops.chaos.ReplicasBench;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        versionProvider = Qm.Version.class,
        description = "Measures a replica in this process, beside the figures that it has to reach.")
final class BenchCommand implements Callable<Integer> {
    @Option(
            names = "--miners",
            defaultValue = "250",
            description = "Miners (default: ${DEFAULT-VALUE}; at most 10000 with --replicas).")
    private int miners;

    @Option(names = "--validators", defaultValue = "6", description = "Validators (default: ${DEFAULT-VALUE}).")
    private int validators;

    @Option(names = "--blocks", defaultValue = "800", description = "Blocks (default: ${DEFAULT-VALUE}).")
    private int blocks;

    @Option(names = "--callers", defaultValue = "8", description = "Callers that route (default: ${DEFAULT-VALUE}).")
    private int callers;

    @Option(names = "--seconds", defaultValue = "10", description = "How long they do (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--scale", description = "Also measure how the figures grow from 250 to 10,000 miners.")
    private boolean scale;

    @Option(names = "--heap", description = "Also measure the heap of the whole state of a large subnet.")
    private boolean heap;

    @Option(names = "--replicas", description = "One replica beside three, each a process: what a majority costs.")
    private boolean replicas;

    @Option(
            names = "--disk-millis",
            defaultValue = "0",
            description =
                    "With --replicas: disks that take so much longer for each write, as those over a network do; only fsync is"
                            + " measured then (default: ${DEFAULT-VALUE}).")
    private int diskMillis;

    @Option(
            names = "--store",
            description = "What the disk costs: bytes for a booking, cold start, size over the days.")
    private boolean store;

    @Option(
            names = "--hours",
            defaultValue = "8",
            description = "With --store: hours of the chain, with 20 jobs a second (default: ${DEFAULT-VALUE}).")
    private int hours;

    @Option(names = "--http", description = "Routes and spends over HTTP, without and with readers of the events.")
    private boolean http;

    @Option(
            names = "--pairs",
            defaultValue = "2000",
            description = "With --http: route and spend so often a second (default: ${DEFAULT-VALUE}).")
    private int pairs;

    @Option(
            names = "--connections",
            defaultValue = "64",
            description = "With --http: over so many connections (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--readers",
            defaultValue = "500",
            description =
                    "With --http: readers of the stream of events in the second load (default: ${DEFAULT-VALUE}).")
    private int readers;

    @Option(
            names = "--receipts",
            description = "How many receipts a second are verified, one by one and together, by one thread and by two.")
    private boolean receipts;

    @Option(names = "--jmh", description = "Run the micro-benchmarks of the ledger's core instead.")
    private boolean jmh;

    @Option(names = "--json", description = "Print the figures as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        if (jmh) {
            LedgerBenchmark.run();
            return ExitCodes.OK;
        }
        if (http) {
            print(HttpBench.run(seconds, pairs, connections, readers, step -> err.println("bench: " + step)));
            return ExitCodes.OK;
        }
        if (receipts) {
            print(
                    ReceiptBench.run(seconds, step -> err.println("bench: " + step)),
                    "receipts of 20 validators and 256 miners, both signatures of each");
            return ExitCodes.OK;
        }
        if (replicas) {
            print(ReplicasBench.run(miners, seconds, diskMillis, step -> err.println("bench: " + step)));
            return ExitCodes.OK;
        }
        if (store) {
            Path directory = Files.createTempDirectory("quartermaster-bench");
            try {
                print(StoreBench.run(directory.resolve("replica"), hours, 20, step -> err.println("bench: " + step)));
            } finally {
                Directories.delete(directory);
            }
            return ExitCodes.OK;
        }
        Bench bench = new Bench(miners, validators, blocks, callers, seconds, step -> err.println("bench: " + step));
        List<Bench.Row> rows = new ArrayList<>(heap ? bench.heap() : List.of());
        rows.addAll(bench.calls());
        rows.addAll(CycleBench.routes(
                seconds, step -> err.println("bench: " + step), scale ? new int[] {256, 10_000} : new int[] {256}));
        if (scale) {
            rows.addAll(bench.growth(250, 1_000, 10_000));
        }
        print(rows, miners + " miners, " + validators + " validators, 5 classes, " + blocks + " blocks, one replica");
        return ExitCodes.OK;
    }

    private void print(List<Bench.Row> rows, String what) {
        PrintWriter out = spec.commandLine().getOut();
        String machine = Bench.machine();
        if (json) {
            out.println(Json.MAPPER.writeValueAsString(Map.of("machine", machine, "figures", rows)));
            return;
        }
        out.println(machine);
        out.println(what);
        List<List<String>> table = new ArrayList<>();
        table.add(List.of("figure", "measured", "unit", "target", "met", "before"));
        for (Bench.Row row : rows) {
            table.add(List.of(
                    row.figure(),
                    String.format(Locale.ROOT, row.measured() < 10 ? "%.4f" : "%.0f", row.measured()),
                    row.unit(),
                    row.target(),
                    row.target().isEmpty() ? "" : row.met() ? "yes" : "NO",
                    row.before()));
        }
        AskingCommand.table(out, table);
    }

    private void print(List<String> lines) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.MAPPER.writeValueAsString(Map.of("machine", Bench.machine(), "lines", lines)));
        } else {
            out.println(Bench.machine());
            lines.forEach(out::println);
        }
    }
}
