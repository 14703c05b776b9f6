package io.quartermaster.node.receipts;

/** What is wrong with a line of a page. The other lines count all the same. */
public enum LineFlaw {
    /** It is not the JSON of a receipt. */
    MALFORMED,
    /** It has more bytes than any receipt. */
    TOO_LONG,
    /** It is another miner's receipt. */
    OTHER_MINER,
    /** Its validator is none that this subnet knows. */
    UNKNOWN_VALIDATOR,
    /** It is of a time that its page can't be of, or names times, spans or amounts beyond all measure. */
    IMPLAUSIBLE,
    /** The validator's or the miner's signature is not good. */
    BAD_SIGNATURE,
    /** It says something else than an earlier receipt of the same job. */
    CONTRADICTS,
    /** The miner has more receipts than are kept of one. */
    TOO_MANY
}
