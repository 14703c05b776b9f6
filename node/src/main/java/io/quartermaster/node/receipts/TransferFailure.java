package io.quartermaster.node.receipts;

import java.io.Serial;

/** A page could not be fetched. The miner is to blame, or the way to it. */
final class TransferFailure extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** Why. */
    enum Kind {
        /** The miner's address is none. */
        BAD_ADDRESS,
        /** It can't be reached, or breaks off. */
        CONNECTION,
        /** It takes too long. */
        TIMEOUT,
        /** It answers with a status that pages do not have. */
        STATUS,
        /** It answers with another part of the page than the one that was asked for. */
        RANGE,
        /** What it has compressed can't be read. */
        COMPRESSION,
        /** The page has no end. */
        TOO_LONG
    }

    TransferFailure(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
