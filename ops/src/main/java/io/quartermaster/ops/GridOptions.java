package io.quartermaster.ops;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.grid.GridSettings;
import io.quartermaster.node.store.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which replica of which grid a process is. */
final class GridOptions {
    private static final int FIRST_PORT = 5701;

    @Option(
            names = "--replica",
            defaultValue = "1/1",
            paramLabel = "ID/COUNT",
            description = {
                "Which replica of how many, such as 2/3 (default: ${DEFAULT-VALUE}). Without --members or --kubernetes",
                "they are on this machine, at ports 5701, 5702, ..."
            })
    private String replica = "1/1";

    @Option(
            names = "--grid",
            defaultValue = "quartermaster",
            description = "The grid's name (default: ${DEFAULT-VALUE}).")
    private String name = "quartermaster";

    @Option(
            names = "--members",
            split = ",",
            paramLabel = "HOST:PORT",
            description = "Where all the replicas are, this one included, separated by commas.")
    private @Nullable List<String> members;

    @Option(
            names = "--members-file",
            paramLabel = "FILE",
            description = "A file with one HOST:PORT a line, instead of --members.")
    private @Nullable Path membersFile;

    @Option(
            names = "--kubernetes",
            paramLabel = "SERVICE",
            description = "The DNS name of a headless service that names the replicas, instead of --members.")
    private @Nullable String kubernetes;

    @Option(
            names = "--address",
            defaultValue = "127.0.0.1",
            description = "The address to bind (default: ${DEFAULT-VALUE}).")
    private String address = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "The grid's port (default: 5701 for replica 1, 5702 for replica 2, ...; 0 for any free one).")
    private @Nullable Integer port;

    @Option(
            names = "--secret-file",
            paramLabel = "FILE",
            description = "A file with what all replicas of the grid know and nobody else.")
    private @Nullable Path secretFile;

    @Option(
            names = "--data",
            paramLabel = "DIRECTORY",
            description = {
                "Where this replica keeps its journal (default for several replicas: quartermaster-data/GRID-ID).",
                "A replica alone keeps none unless this is given."
            })
    private @Nullable Path data;

    @Option(
            names = "--durability",
            defaultValue = "FSYNC",
            description = {
                "When a change counts: FSYNC, once it is on disk at a majority; REPLICATED, once a majority has it, with the",
                "disk up to 100 ms behind: it survives the processes, but not a power failure of a majority",
                "(default: ${DEFAULT-VALUE})."
            })
    private Durability durability = Durability.FSYNC;

    @Option(
            names = "--silence",
            defaultValue = "6",
            paramLabel = "SECONDS",
            description =
                    "After how long a replica that does not answer is taken for dead (default: ${DEFAULT-VALUE}).")
    private int silence = 6;

    @Option(
            names = "--management-center",
            paramLabel = "PORT",
            description = {
                "Let Hazelcast Management Center connect, at this port of the loopback (default: no client can). Whoever",
                "reaches it can read and change everything."
            })
    private @Nullable Integer managementCenter;

    @Option(
            names = "--management-sql",
            description = {
                "With --management-center: show the books there as tables of SQL, too. Switch it on at all replicas of the",
                "grid: a query is answered once they all know SQL."
            })
    private boolean managementSql;

    private boolean alone() {
        return count() == 1;
    }

    /** Whether nothing is left of the books when the process ends. */
    boolean forgetful() {
        return alone() && data == null;
    }

    int replica() {
        return part(0);
    }

    private int count() {
        return part(1);
    }

    private int part(int index) {
        String[] parts = replica.split("/", -1);
        try {
            if (parts.length == 2) {
                return Integer.parseInt(parts[index]);
            }
        } catch (NumberFormatException e) {
            throw wrong();
        }
        throw wrong();
    }

    private InvalidArgument wrong() {
        return new InvalidArgument("--replica", replica, "its id and the number of replicas, such as 2/3");
    }

    GridSettings settings() {
        GridSettings settings = alone() && members == null && membersFile == null
                ? GridSettings.alone().withPort(port())
                : several();
        if (data != null) {
            settings = settings.withDirectory(data, durability);
        }
        if (managementCenter != null) {
            settings = settings.withManagementCenter(managementCenter);
        }
        if (managementSql) {
            settings = settings.withManagementSql();
        }
        return settings.withSilence(Duration.ofSeconds(silence));
    }

    private GridSettings several() {
        GridSettings settings = GridSettings.of(name, replica(), address, port(), members());
        if (kubernetes != null) {
            settings = settings.inKubernetes(kubernetes, count());
        } else if (settings.replicas() != count()) {
            throw new InvalidArgument(
                    "--members",
                    settings.members(),
                    "the addresses of all " + count() + " replicas that --replica names");
        }
        return settings.withSecret(secret())
                .withDirectory(Path.of("quartermaster-data", name + "-" + replica()), durability);
    }

    private int port() {
        return Optional.ofNullable(port).orElse(FIRST_PORT - 1 + replica());
    }

    private List<String> members() {
        if (members != null) {
            return members;
        }
        if (membersFile != null) {
            return read("--members-file", membersFile)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        }
        return IntStream.range(0, count())
                .mapToObj(index -> "127.0.0.1:" + (FIRST_PORT + index))
                .toList();
    }

    private String secret() {
        return secretFile == null ? "" : read("--secret-file", secretFile).strip();
    }

    private static String read(String option, Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new InvalidArgument(option, file.toString(), "a file that can be read");
        }
    }
}
