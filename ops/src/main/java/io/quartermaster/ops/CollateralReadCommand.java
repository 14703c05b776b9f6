package io.quartermaster.ops;

import io.quartermaster.node.collateral.evm.CollateralContract;
import io.quartermaster.node.collateral.evm.CollateralContract.Amounts;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "read",
        description = {
            "Reads collateral from the contract itself, past the grid. Miners are named by their addresses in the EVM, or by",
            "their hotkeys; without a name, all miners of the subnet that have an address."
        })
final class CollateralReadCommand extends LocalCommand<CollateralReadCommand.Result> {
    @Mixin
    private EvmOptions evm = new EvmOptions();

    @Option(names = "--block", paramLabel = "NUMBER", description = "As of which block (default: the newest).")
    private @Nullable Long block;

    @Parameters(paramLabel = "MINER", description = "Addresses in the EVM, or hotkeys.", arity = "0..*")
    private List<String> miners = List.of();

    /** One miner's; amounts are text, being larger than what most readers of JSON take for a number. */
    record Amount(String miner, String address, String wei, String trouble) {}

    /** What was read. */
    record Result(String contract, String chain, List<Amount> miners) {}

    @Override
    Result work(PrintWriter progress) {
        EvmOptions.Found found = evm.find(miners);
        Amounts amounts = Asking.answer(new CollateralContract(evm.node(), found.contract())
                .read(found.miners().values(), block == null ? OptionalLong.empty() : OptionalLong.of(block)));
        List<Amount> read = new ArrayList<>();
        found.miners()
                .forEach((miner, address) -> read.add(new Amount(
                        miner,
                        address.toString(),
                        amounts.wei().containsKey(address)
                                ? amounts.wei().get(address).toString()
                                : "",
                        amounts.failed().getOrDefault(address, ""))));
        return new Result(found.contract().toString(), amounts.chain().toString(), read);
    }

    @Override
    int code(Result result) {
        return result.miners().stream().allMatch(amount -> amount.trouble().isEmpty())
                ? ExitCodes.OK
                : ExitCodes.UNAVAILABLE;
    }

    @Override
    void print(Result result, PrintWriter out) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("miner", "address", "wei", "TAO"));
        for (Amount amount : result.miners()) {
            rows.add(
                    amount.trouble().isEmpty()
                            ? List.of(
                                    amount.miner(),
                                    amount.address(),
                                    amount.wei(),
                                    CollateralCommand.tao(new java.math.BigInteger(amount.wei())))
                            : List.of(amount.miner(), amount.address(), "can't be read: " + amount.trouble(), ""));
        }
        AskingCommand.table(out, rows);
        out.println("Contract " + result.contract() + " on chain " + result.chain() + ".");
    }
}
