package io.quartermaster.ops;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.chain.BoundedBody;
import io.quartermaster.node.collateral.evm.EvmAddress;
import io.quartermaster.node.collateral.evm.EvmUnavailable;
import io.quartermaster.node.collateral.evm.SlashFailed;
import io.quartermaster.node.collateral.evm.SlashOrder;
import io.quartermaster.node.collateral.evm.SlashTrouble;
import io.quartermaster.node.collateral.evm.Slashing;
import io.quartermaster.node.collateral.evm.Slashing.Plan;
import io.quartermaster.node.collateral.evm.Slashing.Slashed;
import io.quartermaster.node.keys.EvmKey;
import io.quartermaster.node.params.Parameter;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
        name = "slash",
        description = {
            "Takes collateral from a miner that cheated. It can't be undone: what is taken is burnt. First it is tried on the",
            "node without being sent; --dry-run ends there. Then it has to be confirmed."
        })
final class CollateralSlashCommand extends LocalCommand<CollateralSlashCommand.Result> {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int LONGEST_REASON_BYTES = 16 << 20;

    @Mixin
    private EvmOptions evm = new EvmOptions();

    @Parameters(paramLabel = "MINER", description = "Its address in the EVM, or its hotkey.")
    private String miner = "";

    @Option(
            names = "--key-file",
            required = true,
            paramLabel = "FILE",
            description = {
                "The key of the contract's trustee: JSON with a private_key, or 64 hexadecimal digits, in a file that nobody",
                "else may read."
            })
    private Path keyFile = Path.of("key");

    @Option(
            names = "--amount-wei",
            paramLabel = "WEI",
            description = "How much (default: DYNAMIC_COLLATERAL_SLASH_AMOUNT_WEI of the grid, asked of --replica).")
    private @Nullable BigInteger amount;

    @Mixin
    private ReplicaOptions replica = new ReplicaOptions();

    @Option(
            names = "--url",
            defaultValue = "",
            description = "Where the reason can be read. It is fetched now, and its MD5 goes into the transaction.")
    private String url = "";

    @Option(names = "--gas-limit", defaultValue = "200000", description = "How much gas (default: ${DEFAULT-VALUE}).")
    private long gasLimit = SlashOrder.GAS_LIMIT;

    @Option(
            names = "--gas-price",
            paramLabel = "WEI",
            description = "What to pay for gas (default: what the node asks).")
    private @Nullable BigInteger gasPrice;

    @Option(
            names = "--nonce",
            paramLabel = "NUMBER",
            description = "The transaction's number (default: the key's next one); one that waits is replaced.")
    private @Nullable BigInteger nonce;

    @Option(
            names = "--wait",
            defaultValue = "300",
            paramLabel = "SECONDS",
            description = "How long to wait until it is in a block (default: ${DEFAULT-VALUE}).")
    private long wait;

    @Option(names = "--dry-run", description = "Try it, and say what would be done.")
    private boolean dryRun;

    @Option(names = "--yes", description = "Don't ask for confirmation.")
    private boolean yes;

    /** What came of it. Amounts are text, being larger than what most readers of JSON take for a number. */
    record Result(
            String outcome,
            String detail,
            String chain,
            String contract,
            String miner,
            String amountWei,
            String collateralBeforeWei,
            String collateralAfterWei,
            String sender,
            String nonce,
            String gasPriceWei,
            String mostFeeWei,
            String transaction) {
        private static Result of(
                String outcome, String detail, SlashOrder order, Optional<Plan> plan, String transaction) {
            return new Result(
                    outcome,
                    detail,
                    plan.map(known -> known.chain().toString()).orElse(""),
                    order.contract().toString(),
                    order.miner().toString(),
                    order.wei().toString(),
                    plan.map(known -> known.collateralWei().toString()).orElse(""),
                    "",
                    plan.map(known -> known.sender().toString()).orElse(""),
                    plan.map(known -> known.nonce().toString()).orElse(""),
                    plan.map(known -> known.gasPriceWei().toString()).orElse(""),
                    plan.map(known -> known.mostFeeWei().toString()).orElse(""),
                    transaction);
        }

        private Result leaving(String wei) {
            return new Result(
                    outcome,
                    detail,
                    chain,
                    contract,
                    miner,
                    amountWei,
                    collateralBeforeWei,
                    wei,
                    sender,
                    nonce,
                    gasPriceWei,
                    mostFeeWei,
                    transaction);
        }
    }

    @Override
    Result work(PrintWriter progress) throws IOException {
        if (wait < 1) {
            throw new InvalidArgument("--wait", wait, "at least 1");
        }
        EvmKey key = EvmKey.read(keyFile);
        SlashOrder order = order();
        Slashing slashing = new Slashing(evm.node(), key, Duration.ofSeconds(wait), Duration.ofSeconds(2));
        Optional<Plan> plan = Optional.empty();
        try {
            plan = Optional.of(slashing.plan(order));
            if (dryRun) {
                return Result.of("WOULD_SLASH", "nothing was sent", order, plan, "");
            }
            confirm(plan.get(), progress);
            Slashed done = slashing.send(plan.get());
            return Result.of(
                            "SLASHED",
                            "in block " + done.block() + " with " + done.gasUsed() + " gas",
                            order,
                            plan,
                            done.transaction())
                    .leaving(done.collateralWei().map(BigInteger::toString).orElse(""));
        } catch (SlashFailed e) {
            return Result.of(
                    e.trouble().name(),
                    String.valueOf(e.getMessage()),
                    order,
                    plan,
                    e.transaction().orElse(""));
        } catch (EvmUnavailable e) {
            throw new ReplicaClient.Answered(ExitCodes.UNREACHABLE, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted: it may still come true");
        }
    }

    private SlashOrder order() throws IOException {
        EvmOptions.Found found = evm.find(List.of(miner));
        EvmAddress address = found.miners().values().iterator().next();
        return new SlashOrder(
                found.contract(),
                address,
                amount == null ? amountOfTheGrid() : amount,
                url,
                url.isEmpty() ? SlashOrder.NO_CHECKSUM : checksum(),
                gasLimit,
                Optional.ofNullable(gasPrice),
                Optional.ofNullable(nonce));
    }

    private BigInteger amountOfTheGrid() {
        for (JsonNode parameter : replica.client().get("/v1/parameters", Map.of())) {
            if (AskingCommand.text(parameter, "name").equals(Parameter.COLLATERAL_SLASH_AMOUNT_WEI.key())) {
                return new BigInteger(AskingCommand.text(parameter, "value"));
            }
        }
        throw new InvalidArgument("amount-wei", "none", "given: the replica does not know it");
    }

    private String checksum() throws IOException {
        try {
            HttpResponse<byte[]> reason = HttpClient.newBuilder()
                    .connectTimeout(PATIENCE)
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .build()
                    .send(
                            HttpRequest.newBuilder(URI.create(url))
                                    .timeout(PATIENCE)
                                    .build(),
                            BoundedBody.ofAtMost(LONGEST_REASON_BYTES));
            if (reason.statusCode() != 200) {
                throw new InvalidArgument("url", url, "one that answers 200, not " + reason.statusCode());
            }
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(reason.body()));
        } catch (IllegalArgumentException e) {
            throw new InvalidArgument("url", url, "of HTTP or HTTPS");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has MD5", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted; nothing was sent");
        }
    }

    /** Nobody types an address by mistake. */
    private void confirm(Plan plan, PrintWriter progress) {
        if (yes) {
            return;
        }
        if (!RunCommand.onTerminal()) {
            throw new InvalidArgument("yes", "Nobody can be asked here: give --yes, or --dry-run to only try");
        }
        progress.println(words(plan));
        progress.println("It can't be undone. Type the last four digits of the miner's address to go on:");
        progress.flush();
        String typed = Objects.requireNonNull(System.console()).readLine();
        String address = plan.order().miner().hex();
        if (typed == null || !typed.strip().equalsIgnoreCase(address.substring(address.length() - 4))) {
            throw new InvalidArgument("confirmation", "That is something else; nothing was sent");
        }
    }

    private static String words(Plan plan) {
        return "Chain " + plan.chain() + ": takes "
                + CollateralCommand.tao(plan.order().wei()) + " of "
                + CollateralCommand.tao(plan.collateralWei()) + " TAO from "
                + plan.order().miner() + " in contract "
                + plan.order().contract() + ", for at most " + CollateralCommand.tao(plan.mostFeeWei())
                + " TAO of gas, as " + plan.sender() + " with nonce " + plan.nonce() + ".";
    }

    @Override
    int code(Result result) {
        if (result.outcome().equals("SLASHED") || result.outcome().equals("WOULD_SLASH")) {
            return ExitCodes.OK;
        }
        return result.outcome().equals(SlashTrouble.NOT_MINED.name()) ? ExitCodes.UNAVAILABLE : ExitCodes.REFUSED;
    }

    @Override
    void print(Result result, PrintWriter out) {
        out.println(result.outcome() + ": " + result.detail());
        print(out, "chain", result.chain());
        print(out, "contract", result.contract());
        print(out, "miner", result.miner());
        print(out, "takes", inTao(result.amountWei()));
        print(out, "of", inTao(result.collateralBeforeWei()));
        print(out, "left", inTao(result.collateralAfterWei()));
        print(out, "sender", result.sender());
        print(out, "nonce", result.nonce());
        print(out, "gas price", inTao(result.gasPriceWei()));
        print(out, "costs at most", inTao(result.mostFeeWei()));
        print(out, "transaction", result.transaction());
    }

    private static String inTao(String wei) {
        return wei.isEmpty() ? "" : wei + " wei, " + CollateralCommand.tao(new BigInteger(wei)) + " TAO";
    }

    private static void print(PrintWriter out, String name, String value) {
        if (!value.isEmpty()) {
            out.println("  " + name + ": " + value);
        }
    }
}
