package io.quartermaster.ops;

import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.app.web.Scope;
import io.quartermaster.node.app.web.Tokens;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "token",
        mixinStandardHelpOptions = true,
        versionProvider = Qm.Version.class,
        description = "Looks after the file of bearer tokens that replicas let HTTP requests in by.",
        subcommands = {TokenCommand.Create.class, TokenCommand.ListAll.class, TokenCommand.Revoke.class},
        footer = {
            "%nThe file has hashes only: a token is shown once, when it is made. A replica that was started with",
            "--http-tokens FILE follows what changes in it within a second. To rotate a token make another one, have it used,",
            "and revoke the first."
        })
final class TokenCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "Say what to do: create, list or revoke. 'qm token --help' tells more");
    }

    /** What the three have in common. */
    @Command(mixinStandardHelpOptions = true, versionProvider = Qm.Version.class)
    abstract static class OnFile implements Callable<Integer> {
        @Option(
                names = "--file",
                required = true,
                defaultValue = "${env:QM_TOKENS}",
                paramLabel = "FILE",
                description = "The file of tokens (environment: QM_TOKENS).")
        @SuppressWarnings("NullAway.Init") // set by picocli
        private Path file;

        @Option(names = "--json", description = "Print the answer as JSON.")
        private boolean json;

        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli
        private CommandSpec spec;

        abstract Object work(Path file);

        abstract void print(Object answer, PrintWriter out);

        @Override
        public Integer call() {
            Object answer = work(file);
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(Json.MAPPER.writeValueAsString(answer));
            } else {
                print(answer, out);
            }
            return ExitCodes.OK;
        }
    }

    @Command(
            name = "create",
            description = "Makes a token, adds it to the file, and prints it: it is kept nowhere else.")
    static final class Create extends OnFile {
        @Option(names = "--name", required = true, description = "What to call it, such as the program that uses it.")
        private String name = "";

        @Option(
                names = "--scope",
                required = true,
                split = ",",
                paramLabel = "SCOPE",
                description = "What it allows: one or more of read, route, operate, separated by commas.")
        private List<String> scopes = List.of();

        @Option(names = "--days", paramLabel = "DAYS", description = "After how many days it ends (default: never).")
        private @Nullable Integer days;

        @Override
        Object work(Path file) {
            Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            Set<Scope> allowed = scopes.stream().map(Scope::named).collect(Collectors.toCollection(TreeSet::new));
            Optional<Instant> expires = Optional.ofNullable(days).map(number -> now.plus(Duration.ofDays(number)));
            return Map.of("token", Tokens.create(file, name, allowed, now, expires));
        }

        @Override
        void print(Object answer, PrintWriter out) {
            out.println(((Map<?, ?>) answer).get("token"));
        }
    }

    /** A token without its hash. */
    record Shown(String name, List<String> scopes, Instant created, Optional<Instant> expires) {}

    @Command(name = "list", description = "Shows the tokens of the file, without their text.")
    static final class ListAll extends OnFile {
        @Override
        Object work(Path file) {
            return Tokens.read(file).stream()
                    .map(token -> new Shown(
                            token.name(),
                            token.scopes().stream().sorted().map(Scope::text).toList(),
                            token.created(),
                            token.expires()))
                    .toList();
        }

        @Override
        void print(Object answer, PrintWriter out) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("token", "scopes", "created", "expires"));
            ((List<?>) answer).forEach(row -> {
                Shown token = (Shown) row;
                rows.add(List.of(
                        token.name(),
                        String.join(",", token.scopes()),
                        token.created().toString(),
                        token.expires().map(Instant::toString).orElse("never")));
            });
            AskingCommand.table(out, rows);
        }
    }

    @Command(name = "revoke", description = "Takes a token out of the file.")
    static final class Revoke extends OnFile {
        @Parameters(paramLabel = "NAME", description = "What the token is called.")
        private String name = "";

        @Override
        Object work(Path file) {
            Tokens.revoke(file, name);
            return Map.of("revoked", name);
        }

        @Override
        void print(Object answer, PrintWriter out) {
            out.println("Revoked " + name);
        }
    }
}
