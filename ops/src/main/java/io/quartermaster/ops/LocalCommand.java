package io.quartermaster.ops;

import io.quartermaster.node.app.web.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that works on files, and prints what came of it: for people, or with {@code --json} for programs. */
@Command(mixinStandardHelpOptions = true, versionProvider = Qm.Version.class)
abstract class LocalCommand<T> implements Callable<Integer> {
    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Does it; may tell on the way how far it is. */
    abstract T work(PrintWriter progress) throws IOException;

    /** Prints the result for people. */
    abstract void print(T result, PrintWriter out);

    /** The exit code. */
    int code(T result) {
        return ExitCodes.OK;
    }

    @Override
    public final Integer call() throws IOException {
        T result = work(spec.commandLine().getErr());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.MAPPER.writeValueAsString(result));
        } else {
            print(result, out);
        }
        out.flush();
        return code(result);
    }
}
