package io.quartermaster.node.collateral.evm;

import io.quartermaster.node.chain.Causes;
import io.quartermaster.node.collateral.evm.EvmNode.Answer;
import io.quartermaster.node.collateral.evm.EvmNode.Question;
import io.quartermaster.node.keys.EvmKey;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.web3j.crypto.Hash;
import org.web3j.crypto.RawTransaction;

/**
 * Takes collateral from a miner that cheated: first a plan, which costs nothing and tries it on the node, then the transaction.
 * Safe for use by several threads, but two transactions of one key at once take the same number, and one of them fails.
 */
public final class Slashing {
    private static final String LATEST = "latest";

    private final EvmNode node;
    private final EvmKey key;
    private final Duration patience;
    private final Duration lookEvery;

    /**
     * A way to slash.
     *
     * @param node whom to ask
     * @param key signs; it must be the contract's trustee
     */
    public Slashing(EvmNode node, EvmKey key) {
        this(node, key, Duration.ofMinutes(5), Duration.ofSeconds(2));
    }

    /**
     * A way to slash with other times.
     *
     * @param node whom to ask
     * @param key signs
     * @param patience how long to wait until the transaction is in a block
     * @param lookEvery how long to wait from one look to the next
     */
    public Slashing(EvmNode node, EvmKey key, Duration patience, Duration lookEvery) {
        this.node = node;
        this.key = key;
        this.patience = patience;
        this.lookEvery = lookEvery;
    }

    /**
     * What would be done.
     *
     * @param order what was ordered
     * @param chain on which chain
     * @param sender who would send it, the contract's trustee
     * @param collateralWei what the miner has
     * @param balanceWei what the sender has
     * @param nonce the transaction's number
     * @param gasPriceWei what would be paid for gas
     * @param mostFeeWei what it would cost at most
     */
    public record Plan(
            SlashOrder order,
            EvmChain chain,
            EvmAddress sender,
            BigInteger collateralWei,
            BigInteger balanceWei,
            BigInteger nonce,
            BigInteger gasPriceWei,
            BigInteger mostFeeWei) {}

    /**
     * What was done.
     *
     * @param transaction the transaction's hash
     * @param block in which block it is
     * @param gasUsed how much gas it used
     * @param collateralWei what the miner has now; empty if it could not be read
     */
    public record Slashed(String transaction, long block, long gasUsed, Optional<BigInteger> collateralWei) {}

    /**
     * Looks at everything, and tries it on the node without sending it.
     *
     * @param order what to slash
     * @return what would be done
     * @throws SlashFailed if it would fail
     * @throws EvmUnavailable if the node can't be asked, or is of another chain
     */
    public Plan plan(SlashOrder order) {
        EvmAddress sender = new EvmAddress(key.address());
        List<Answer> answers = await(node.ask(List.of(
                Question.of("eth_chainId"),
                Question.of("eth_getCode", order.contract().hex(), LATEST),
                Question.of("eth_gasPrice"),
                Question.of("eth_getTransactionCount", sender.hex(), "pending"),
                Question.of("eth_getBalance", sender.hex(), LATEST),
                CollateralContract.call(order.contract(), CollateralAbi.collaterals(order.miner()), LATEST),
                CollateralContract.call(order.contract(), CollateralAbi.trustee(), LATEST),
                Question.of(
                        "eth_call",
                        Map.of(
                                "from",
                                sender.hex(),
                                "to",
                                order.contract().hex(),
                                "gas",
                                "0x" + Long.toHexString(order.gasLimit()),
                                "data",
                                data(order)),
                        LATEST))));
        EvmChain chain = CollateralContract.chain(answers.get(0));
        CollateralContract.requireCode(order.contract(), answers.get(1), LATEST);
        try {
            BigInteger gasPrice = order.gasPriceWei().orElseGet(answers.get(2)::quantity);
            BigInteger nonce = order.nonce().orElseGet(answers.get(3)::quantity);
            BigInteger balance = answers.get(4).quantity();
            BigInteger collateral = CollateralAbi.amount(answers.get(5));
            EvmAddress trustee = CollateralAbi.address(answers.get(6));
            if (!trustee.equals(sender)) {
                throw new SlashFailed(
                        SlashTrouble.REVERTED,
                        "only its trustee " + trustee + " may slash, and the key is that of " + sender);
            }
            requireDone(answers.get(7));
            BigInteger fee = gasPrice.multiply(BigInteger.valueOf(order.gasLimit()));
            if (balance.compareTo(fee) < 0) {
                throw new SlashFailed(
                        SlashTrouble.INSUFFICIENT_FUNDS, sender + " has " + balance + " wei, and it may cost " + fee);
            }
            return new Plan(order, chain, sender, collateral, balance, nonce, gasPrice, fee);
        } catch (EvmRefused e) {
            throw new SlashFailed(SlashTrouble.REFUSED, e.inWords());
        }
    }

    private static void requireDone(Answer tried) {
        try {
            var unused = tried.text();
        } catch (EvmRefused e) {
            boolean byContract = e.data().isPresent();
            throw new SlashFailed(
                    byContract ? SlashTrouble.REVERTED : SlashTrouble.of(String.valueOf(e.getMessage())), e.inWords());
        }
    }

    private static String data(SlashOrder order) {
        return CollateralAbi.slashCollateral(
                order.miner(), order.wei(), order.url(), HexFormat.of().parseHex(order.checksum()));
    }

    /**
     * Does it: sends the transaction, and waits until it is in a block.
     *
     * @param plan what to do
     * @return what was done
     * @throws SlashFailed if it failed, or nobody can say
     * @throws InterruptedException if the thread was interrupted while it waited; it may still come true
     */
    public Slashed send(Plan plan) throws InterruptedException {
        SlashOrder order = plan.order();
        byte[] signed = key.sign(
                RawTransaction.createTransaction(
                        plan.nonce(),
                        plan.gasPriceWei(),
                        BigInteger.valueOf(order.gasLimit()),
                        order.contract().hex(),
                        data(order)),
                plan.chain().id());
        // Known before it is sent, so that it can be looked up whatever becomes of the answer.
        String hash = "0x" + HexFormat.of().formatHex(Hash.sha3(signed));
        try {
            Answer sent = await(node.ask(List.of(Question.of(
                            "eth_sendRawTransaction", "0x" + HexFormat.of().formatHex(signed)))))
                    .get(0);
            var unused = sent.text();
        } catch (EvmRefused e) {
            throw new SlashFailed(SlashTrouble.of(String.valueOf(e.getMessage())), e.inWords());
        } catch (EvmUnavailable e) {
            throw notMined(plan, hash, "whether the node has it is not known: " + e.getMessage());
        }
        return mined(plan, hash);
    }

    private Slashed mined(Plan plan, String hash) throws InterruptedException {
        long began = System.nanoTime();
        while (System.nanoTime() - began < patience.toNanos()) {
            try {
                Answer receipt = await(node.ask(List.of(Question.of("eth_getTransactionReceipt", hash))))
                        .get(0);
                if (receipt.refusal() == null
                        && receipt.result() != null
                        && receipt.result().isObject()) {
                    return slashed(plan, hash, receipt);
                }
            } catch (EvmUnavailable e) {
                // It may be there again before the patience is at its end.
            }
            TimeUnit.NANOSECONDS.sleep(lookEvery.toNanos());
        }
        throw notMined(plan, hash, "it is in no block after " + patience.toSeconds() + " s");
    }

    private static SlashFailed notMined(Plan plan, String hash, String why) {
        return new SlashFailed(
                SlashTrouble.NOT_MINED,
                why + "; the transaction is " + hash + ", its --nonce " + plan.nonce(),
                Optional.of(hash));
    }

    private Slashed slashed(Plan plan, String hash, Answer receipt) {
        BigInteger block = part(receipt, "blockNumber").quantity();
        BigInteger gas = part(receipt, "gasUsed").quantity();
        if (part(receipt, "status").quantity().signum() == 0) {
            boolean usedUp = gas.longValue() >= plan.order().gasLimit();
            throw new SlashFailed(
                    usedUp ? SlashTrouble.GAS_TOO_LOW : SlashTrouble.REVERTED,
                    "transaction " + hash + " in block " + block + " failed and used " + gas + " gas",
                    Optional.of(hash));
        }
        return new Slashed(hash, block.longValue(), gas.longValue(), collateralNow(plan, block.longValue()));
    }

    private Optional<BigInteger> collateralNow(Plan plan, long block) {
        EvmAddress miner = plan.order().miner();
        try {
            return Optional.ofNullable(
                    await(new CollateralContract(node, plan.order().contract())
                                    .read(List.of(miner), OptionalLong.of(block)))
                            .wei()
                            .get(miner));
        } catch (EvmUnavailable e) {
            return Optional.empty();
        }
    }

    private static Answer part(Answer receipt, String field) {
        return new Answer(receipt.from(), receipt.json().path(field), null);
    }

    private static <T> T await(CompletableFuture<T> asked) {
        try {
            return asked.join();
        } catch (CompletionException e) {
            if (Causes.of(e) instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        }
    }
}
