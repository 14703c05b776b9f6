package io.quartermaster.node.collateral.evm;

import io.quartermaster.node.collateral.evm.EvmNode.Answer;
import io.quartermaster.node.collateral.evm.EvmNode.Question;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** A contract that holds miners' collateral, read through a node. Immutable; safe for use by several threads. */
public final class CollateralContract {
    private final EvmNode node;
    private final EvmAddress address;

    /**
     * A contract that is looked for when it is read.
     *
     * @param node whom to ask
     * @param address where it is
     */
    public CollateralContract(EvmNode node, EvmAddress address) {
        this.node = node;
        this.address = address;
    }

    /**
     * What was read.
     *
     * @param chain of which chain
     * @param wei the collateral of each address
     * @param failed whose could not be read, and why
     */
    public record Amounts(EvmChain chain, Map<EvmAddress, BigInteger> wei, Map<EvmAddress, String> failed) {}

    /**
     * Reads collateral, all of it as of one block.
     *
     * @param miners whose
     * @param block as of which block; empty: the newest that the node has
     * @return completes with what was read; with {@link EvmUnavailable} if nothing can be: the node does not answer, is of
     *     another chain, does not have the block, or there is no contract at the address
     */
    public CompletableFuture<Amounts> read(Collection<EvmAddress> miners, OptionalLong block) {
        String at = block.isPresent() ? "0x" + Long.toHexString(block.getAsLong()) : "latest";
        List<EvmAddress> wanted = List.copyOf(new TreeSet<>(miners));
        List<Question> questions = new ArrayList<>();
        questions.add(Question.of("eth_chainId"));
        questions.add(Question.of("eth_getCode", address.hex(), at));
        for (EvmAddress miner : wanted) {
            questions.add(call(address, CollateralAbi.collaterals(miner), at));
        }
        return node.ask(questions).thenApply(answers -> {
            EvmChain chain = chain(answers.get(0));
            requireCode(address, answers.get(1), at);
            return amounts(chain, wanted, answers.subList(2, answers.size()));
        });
    }

    private static Amounts amounts(EvmChain chain, List<EvmAddress> miners, List<Answer> answers) {
        Map<EvmAddress, BigInteger> wei = new TreeMap<>();
        Map<EvmAddress, String> failed = new TreeMap<>();
        for (int i = 0; i < miners.size(); i++) {
            try {
                wei.put(miners.get(i), CollateralAbi.amount(answers.get(i)));
            } catch (EvmRefused e) {
                failed.put(miners.get(i), e.inWords());
            } catch (EvmUnavailable e) {
                failed.put(miners.get(i), String.valueOf(e.getMessage()));
            }
        }
        return new Amounts(chain, wei, failed);
    }

    static Question call(EvmAddress contract, String data, String block) {
        return Question.of("eth_call", Map.of("to", contract.hex(), "data", data), block);
    }

    static EvmChain chain(Answer answer) {
        BigInteger id = whole(answer, answer::quantity);
        return EvmChain.of(id.bitLength() < Long.SIZE ? id.longValueExact() : -1)
                .orElseThrow(() -> new EvmUnavailable(answer.from() + " is of chain " + id
                        + ", where this subnet has no collateral: expected one of " + EvmChain.expected()));
    }

    /** A call of an address without code succeeds, and gives nothing back. */
    static void requireCode(EvmAddress contract, Answer answer, String block) {
        String code = whole(answer, answer::text);
        if (code.length() <= 2) {
            throw new EvmUnavailable("There is no contract at " + contract + " as of block "
                    + (block.startsWith("0x")
                            ? Long.toString(Long.parseLong(block.substring(2), 16))
                            : "\"" + block + "\"")
                    + ", says " + answer.from());
        }
    }

    /** What nothing can be done without. */
    private static <T> T whole(Answer answer, java.util.function.Supplier<T> reading) {
        try {
            return reading.get();
        } catch (EvmRefused e) {
            throw new EvmUnavailable(answer.from() + " refuses: " + e.getMessage());
        }
    }
}
