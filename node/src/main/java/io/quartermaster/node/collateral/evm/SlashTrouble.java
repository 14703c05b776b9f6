package io.quartermaster.node.collateral.evm;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Why collateral was not slashed, and what to do about it. Named by the words in which nodes refuse a transaction. */
public enum SlashTrouble {
    /** Another transaction of this key has the number, and is in a block. */
    NONCE_TOO_LOW(
            "another transaction of this key has that number and is in a block: leave --nonce out",
            "nonce too low",
            "invalid nonce"),
    /** Transactions of this key with lower numbers are missing. */
    NONCE_TOO_HIGH("transactions of this key with lower numbers are missing: leave --nonce out", "nonce too high"),
    /** Another transaction of this key with the same number waits and pays as much. */
    REPLACEMENT_UNDERPRICED(
            "another transaction of this key with that number waits: wait for it, or give --gas-price at least a tenth higher",
            "replacement transaction underpriced",
            "replacement underpriced"),
    /** The same transaction was sent before. */
    ALREADY_SENT(
            "the same transaction was sent before and waits: look it up by its hash",
            "already known",
            "already imported",
            "known transaction"),
    /** The key can't pay. */
    INSUFFICIENT_FUNDS(
            "the key's address can't pay for the gas: send it some TAO", "insufficient funds", "balance too low"),
    /** The transaction may not use as much gas as it needs. */
    GAS_TOO_LOW(
            "it needs more gas: give a higher --gas-limit",
            "intrinsic gas too low",
            "intrinsic gas too high", // anvil: higher than the limit
            "out of gas",
            "outofgas",
            "gas limit too low",
            "gaslimittoolow"),
    /** The transaction may use more gas than a block has. */
    GAS_TOO_HIGH(
            "a block does not have so much gas: give a lower --gas-limit",
            "exceeds block gas limit",
            "gas limit too high"),
    /** The transaction pays too little for its gas. */
    GAS_PRICE_TOO_LOW(
            "nobody takes it for so little: give a higher --gas-price",
            "less than block base fee",
            "gas price too low",
            "gaspricetoolow",
            "transaction underpriced"),
    /** The contract says no. */
    REVERTED("the contract refuses", "revert"),
    /** It was sent, and is in no block yet. */
    NOT_MINED(
            "it may still come true: look it up by its hash, or repeat it with the same --nonce, which can't slash twice"),
    /** The node says no, in words that are not known. */
    REFUSED("the node refuses");

    private final String advice;
    private final Pattern words;

    SlashTrouble(String advice, String... words) {
        this.advice = advice;
        // Without any it fits nothing.
        this.words = Pattern.compile(
                words.length == 0
                        ? "(?!)"
                        : Arrays.stream(words).map(Pattern::quote).collect(Collectors.joining("|")),
                Pattern.CASE_INSENSITIVE);
    }

    /**
     * What it means and what to do.
     *
     * @return part of a sentence
     */
    public String advice() {
        return advice;
    }

    /** The trouble that a node's words tell of; the first that fits. */
    static SlashTrouble of(String message) {
        return Arrays.stream(values())
                .filter(trouble -> trouble.words.matcher(message).find())
                .findFirst()
                .orElse(REFUSED);
    }
}
