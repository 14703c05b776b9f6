package io.quartermaster.ops;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
        name = "collateral",
        mixinStandardHelpOptions = true,
        versionProvider = Qm.Version.class,
        description = "Shows what miners have put down, and takes it from those that cheated.",
        subcommands = {
            CollateralCommand.ListAll.class,
            CollateralReadCommand.class,
            CollateralSlashCommand.class,
        })
final class CollateralCommand implements Runnable {
    /** 1 TAO has 10^18 wei in the EVM, and 10^9 rao elsewhere. */
    private static final int TAO_DIGITS = 18;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "Say what to do: list, read or slash. 'qm collateral --help' tells more");
    }

    static String tao(BigInteger wei) {
        return new BigDecimal(wei, TAO_DIGITS).stripTrailingZeros().toPlainString();
    }

    @Command(
            name = "list",
            description =
                    "Shows each miner's collateral as the grid counts with it, and whether it is enough to be routed to.")
    static final class ListAll extends AskingCommand {
        @Override
        JsonNode ask(ReplicaClient client) {
            return client.get("/v1/collateral", Map.of());
        }

        @Override
        void print(JsonNode report, PrintWriter out) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("miner", "wei", "TAO", "enough"));
            report.path("miners").forEach(miner -> {
                boolean known = miner.path("known").asBoolean();
                rows.add(List.of(
                        text(miner, "miner"),
                        known ? text(miner, "wei") : "not read yet",
                        known ? tao(new BigInteger(text(miner, "wei"))) : "",
                        miner.path("enough").asBoolean() ? "yes" : "no"));
            });
            table(out, rows);
            out.println("The minimum is " + text(report, "minimumWei") + " wei ("
                    + tao(new BigInteger(text(report, "minimumWei"))) + " TAO).");
        }
    }
}
