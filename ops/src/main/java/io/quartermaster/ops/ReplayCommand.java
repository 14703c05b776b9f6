package io.quartermaster.ops;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.chain.FollowerProgress;
import io.quartermaster.node.chain.RecordedChain;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        versionProvider = Qm.Version.class,
        description = {
            "Takes a recorded chain in as fast as it can, in a grid of its own, and runs a script on it.",
            "The answers go to standard output, one JSON object a line, and nothing else does."
        })
final class ReplayCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The recorded chain, plain or gzipped.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path file;

    @Option(names = "--script", paramLabel = "SCRIPT", description = "Commands, one JSON object a line.")
    private @Nullable Path script;

    @Option(names = "--json", description = "Has no effect: answers are JSON anyway.")
    void json(boolean asked) {
        // Accepted, so that --json can be given to every command.
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        // Read first: a script that is wrong says so before anything is done.
        List<ReplayScript.Step> steps = script == null ? List.of() : ReplayScript.read(script);
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        long begin = System.nanoTime();
        RecordedChain chain = RecordedChain.open(file, Double.POSITIVE_INFINITY);
        try (Replica replica = Replica.replay(chain, ReplicaSettings.defaults())) {
            FollowerProgress progress = replica.following();
            if (progress.error().isPresent()) {
                err.println("qm: " + progress.error().get());
                return ExitCodes.BAD_INPUT;
            }
            if (progress.newest() < 0) {
                throw new GridUnavailable("The recording " + file + " has no block that could be taken in");
            }
            err.println("qm: " + progress.inWords() + ", in " + (System.nanoTime() - begin) / 1_000_000 + " ms");
            new ReplayScript(replica.allowance()).run(steps, out);
        }
        return ExitCodes.OK;
    }
}
